"""A secret is a reference, resolved when it is needed and never kept, logged or shown: so one that is rotated is picked up at once.

A scheme is a row of SCHEMES: what it is called, and a function from the name after the colon to the secret, which raises LookupError with a
word on what is wrong, without the secret in it. To read from a vault, add a row, such as `"vault": read_from_vault` for references like
`vault:crm/hubspot#token`; the function is called for each request that is sent, and may itself keep what it read for a short while.
"""

import os
from collections.abc import Callable, Mapping
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


def _from_environment(name: str) -> str:
    return os.environ.get(name, "")


def _from_file(name: str) -> str:
    try:
        return Path(name).expanduser().read_text("utf-8")
    except OSError as error:
        raise LookupError(error.strerror) from error
    except UnicodeDecodeError as error:
        raise LookupError("it is not text") from error


SCHEMES: Mapping[str, Callable[[str], str]] = {
    "env": _from_environment,  # env:NAME
    "file": _from_file,  # file:PATH
}


def check_reference(reference: str) -> str:
    """The reference as it is; ConfigurationError, which does not repeat it, where it is none (somebody may have put the secret itself)."""
    scheme, _, name = reference.partition(":")
    if scheme not in SCHEMES or not name:
        raise ConfigurationError("a secret is written as a reference, env:NAME or file:PATH, never as the secret itself")
    return reference


def resolve(reference: str) -> Secret:
    """What the reference stands for now. AuthenticationError where there is nothing."""
    scheme, _, name = check_reference(reference).partition(":")
    try:
        value = SCHEMES[scheme](name).strip()
    except LookupError as error:
        action = "Put the secret where the reference says, or mend the reference, then run `crosswalk check`."
        raise AuthenticationError(f"the secret {reference} can't be read: {error}", action=action) from None
    if not value:
        raise AuthenticationError(f"the secret {reference} is empty or not set", action="Set it, then run `crosswalk check`.")
    return Secret(value)
