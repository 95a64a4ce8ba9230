"""What is kept of credentials in the database is sealed: encrypted and authenticated (Fernet), by a key that is not in the database.

The key is a secret like others: a reference, `env:NAME` or `file:PATH`; where nothing is said, a file below the home, made when it is first
needed, which nobody but its owner may read. Several keys, one a line, are tried in turn and the first one seals: so is the key changed.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from connectors.errors import AuthenticationError, ConfigurationError
from connectors.secrets import resolve
from connectors.settings import Settings
from sql.settings import Settings as Ground


class Seal:
    """reference: the key's; the settings' where it is None. Both methods raise ConfigurationError where there is no such key."""

    def __init__(self, reference: str | None = None) -> None:
        self.reference = reference or Settings().credentials_key

    def sealed(self, value: Mapping[str, Any]) -> bytes:
        return self._keys(make=True).encrypt(json.dumps(dict(value)).encode())

    def opened(self, content: bytes, whose: str) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads(self._keys(make=False).decrypt(content))
        except InvalidToken as error:
            raise ConfigurationError(f"what is kept of {whose} was sealed with another key", action=_LOST) from error
        return value

    def _keys(self, *, make: bool) -> MultiFernet:
        reference = self.reference
        if not reference:
            path = (Ground().home / "credentials.key").resolve()
            reference = f"file:{path}"
            if make and not path.exists():
                _make(path)
        try:
            return MultiFernet([Fernet(key) for key in resolve(reference).value.split()])
        except (AuthenticationError, ValueError) as error:
            what = "is not there" if isinstance(error, AuthenticationError) else "is no key (32 bytes in URL-safe base64)"
            raise ConfigurationError(f"the key to kept credentials, {reference}, {what}", action=_LOST) from None


_LOST = (
    "Put the key back, or say where it is with CROSSWALK_CREDENTIALS_KEY. If it is lost, authorise Crosswalk anew with the vendor, and put "
    "the new refresh token where [source.oauth] refers to."
)


def _make(path: Path) -> None:
    """Where two processes make it at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        Path(made).unlink()
