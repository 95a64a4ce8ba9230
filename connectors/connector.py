"""What a source system has to say for itself, and no more.

A connector reads; it never writes to the database and knows nothing of retries. It is given the position of the last committed page
and goes on from there: a position is small, and a function of what was read, never of the clock, so that two runs agree.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from connectors.account.entrance import AccessLog, Account, Entrance
from connectors.account.shared import InProcess, Rate, Shared
from connectors.errors import ConfigurationError
from connectors.http.oauth import OAuth, OAuthSettings
from connectors.http.webhooks import PLAIN, Signature
from connectors.mapping.staged import Mapped
from connectors.mapping.tables import at, own_cell
from connectors.records import Landed, Page, Position, Raw

#: (stream, keys) -> the `version` in the payload of those that have landed and are not deleted. Set by who syncs.
Known = Callable[[str, Sequence[str]], Mapping[str, str]]


class Declaration(Protocol):
    """What a connector needs of a source's declaration (see sources.SourceDeclaration)."""

    @property
    def name(self) -> str: ...
    @property
    def secret(self) -> str | None: ...
    @property
    def oauth(self) -> Mapping[str, Any] | None: ...
    @property
    def streams(self) -> tuple[str, ...]: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def mapping(self) -> Mapping[str, Mapping[str, Any]]: ...
    @property
    def own_domains(self) -> tuple[str, ...]: ...
    @property
    def own_names(self) -> tuple[str, ...]: ...


class Options(BaseModel):
    """What only one kind of source has in its declaration."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Stream:
    """One kind of record of a source. lists_ids: deletions show only by comparing ids."""

    name: str
    lists_ids: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Something to be written back. key: None for a new record. fields: the vendor's own names.

    idempotency_key: the same change sent twice under it is made once.
    expected:        fields as they were when the change was decided on; where one differs now, nothing is written.
    seen:            the record as it was read just now, for a vendor that takes its version with the change (If-Match and the like).
    """

    stream: str
    key: str | None
    fields: Mapping[str, Any]
    idempotency_key: str
    expected: Mapping[str, Any] = field(default_factory=dict)
    seen: Any = None


@runtime_checkable
class Fetches(Protocol):
    """A connector that reads one record at the moment of a question."""

    def fetch(self, stream: str, key: str) -> Raw | None:
        """The record as the source has it now, None where it has none. Raises ConnectorError."""


@runtime_checkable
class Applies(Protocol):
    """A connector that writes back. `writeback.apply` holds it to the idempotency key and the precondition."""

    def apply(self, change: Change) -> str:
        """Make the change; returns the record's key. PreconditionError where the vendor itself refuses it as outdated."""


@runtime_checkable
class Finds(Protocol):
    """A connector that looks for records by what they hold, to find out whether one was made whose key was never heard."""

    def find(self, stream: str, fields: Mapping[str, Any]) -> Sequence[str]:
        """The keys of the records that have all these values, in the vendor's own names; two are enough. Raises ConnectorError."""


def _nothing(stream: str, keys: Sequence[str]) -> Mapping[str, str]:
    del stream, keys
    return {}


class Connector(ABC):
    """One source. `door` is set where the source is asked over a network, so that its requests can be logged and counted."""

    kind: ClassVar[str]
    Options: ClassVar[type[Options]] = Options
    #: Part of the mapping's fingerprint: raise it when the mapping's code changes what comes out.
    mapping_version: ClassVar[int] = 1

    #: A stream of parties that no record holds and that are made from who takes part in activities (the addresses of mail).
    derived_stream: ClassVar[str | None] = None

    #: Where the vendor gives tokens; `{option}` in it stands for that option of the source. '' where it has no OAuth.
    token_url: ClassVar[str] = ""
    #: What the vendor wants of `[source.oauth]` where the declaration says nothing, with options as above.
    oauth_defaults: ClassVar[Mapping[str, Any]] = {}

    #: How the vendor signs what it pushes (http/webhooks.py has the vendors').
    webhook: ClassVar[Signature] = PLAIN

    #: Whether the vendor makes a new record once that is sent twice under one idempotency key.
    applies_once: bool = False
    #: Where in a payload the fields are that a change names; '' for its top.
    fields_at: ClassVar[str] = ""

    door: Entrance | None = None

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        self.declaration = declaration
        self.shared = shared or InProcess()
        self.log = AccessLog()
        self.known: Known = _nothing
        self.options: Any = self.Options.model_validate(dict(declaration.options))

    def account(self, rate: Rate) -> Account:
        """The account that the source is asked for, with what its processes share and the log of its requests."""
        return Account(self.declaration.name, rate, self.shared, self.log)

    def oauth(self) -> OAuth | None:
        """What gets and renews the account's access token, where the declaration says `oauth`. Raises ConfigurationError."""
        if not self.declaration.oauth:
            return None
        said = self.options.model_dump()
        defaults = {name: one.format(**said) if isinstance(one, str) else one for name, one in self.oauth_defaults.items()}
        settings = OAuthSettings.model_validate({**defaults, **self.declaration.oauth})
        return OAuth(settings, self.account(Rate(10, 10)), self.token_url.format(**said))

    @abstractmethod
    def check(self) -> str:
        """One line on what answers. Raises ConnectorError."""

    @abstractmethod
    def streams(self) -> Sequence[Stream]:
        """The streams, those that others refer to first."""

    @abstractmethod
    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """Pages from the position on, until the stream is read to its end for now. Raises ConnectorError."""

    @abstractmethod
    def map(self, record: Landed) -> Mapped:
        """What the record says in our words. Pure. Raises ValueError where it can't be said."""

    def between(self, stream: str, start: datetime, end: datetime | None) -> Iterator[Page]:
        """What changed from `start` on and before `end`, as of a whole stream; the positions of its pages mean nothing. ConfigurationError
        where the source can't be asked so."""
        del start, end
        raise ConfigurationError(f"{self.kind} can't be asked for a part of {stream}", action="Sync it without --from.")

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        """The keys of all records that the source still has, in batches; asked only of a stream that says `lists_ids`."""
        raise NotImplementedError(f"{self.kind} does not list the ids of {stream}")

    def count(self, stream: str) -> int | None:
        """How many records the source has, where one request tells: if we have as many, nothing was deleted and the ids need no listing."""
        del stream
        return None

    def fields_of(self, stream: str, payload: Any) -> Any:
        """What a change would name of the record that was read."""
        del stream
        return at(payload, self.fields_at) if self.fields_at else payload

    def mapping_table(self, stream: str) -> object:
        """What the mapping's fingerprint is made of, beside the version and the user's own fields."""
        return stream

    def own_fields(self, stream: str) -> Mapping[str, Any]:
        """The user's own fields that are added to the stream's table."""
        return self.declaration.mapping.get(stream, {})

    @classmethod
    def check_field(cls, name: str, said: Any) -> None:
        """See that a key of a stream's mapping in crosswalk.toml can be read. Raises ConfigurationError."""
        own_cell(name, said)

    def close(self) -> None:
        if self.door:
            self.door.close()
