"""A secret is a reference (`env:NAME`, `file:PATH`), resolved when it is needed and never kept, logged or shown."""

import os
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import AuthenticationError, ConfigurationError


@dataclass(frozen=True, slots=True)
class Secret:
    """A resolved secret whose representation does not tell it."""

    value: str

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


def check_reference(reference: str) -> str:
    """The reference as it is; ConfigurationError, which does not repeat it, where it is none (somebody may have put the secret itself)."""
    scheme, _, name = reference.partition(":")
    if scheme not in ("env", "file") or not name:
        raise ConfigurationError("a secret is written as a reference, env:NAME or file:PATH, never as the secret itself")
    return reference


def resolve(reference: str) -> Secret:
    """What the reference stands for now. AuthenticationError where there is nothing."""
    scheme, _, name = check_reference(reference).partition(":")
    if scheme == "env":
        value = os.environ.get(name, "")
    else:
        try:
            value = Path(name).expanduser().read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AuthenticationError(f"the secret {reference} can't be read: {type(error).__name__}") from error
    if not value.strip():
        raise AuthenticationError(
            f"the secret {reference} is empty", action=f"Set {reference.replace(':', ' ', 1)}, then run `crosswalk check`."
        )
    return Secret(value.strip())
