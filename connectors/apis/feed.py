"""A stream whose vendor tells what changed since a token: the whole is read once, then the changes, page by page.

The token is taken before the whole is read, so what changes meanwhile is told again and lost never. A token that the vendor no longer knows
(ExpiredTokenError) leads to the whole being read anew; what it no longer holds shows by comparing ids.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConnectorError
from connectors.records import Gone, Page, Position, Raw, Unreadable


class ExpiredTokenError(ConnectorError):
    """The vendor no longer knows the token of changes."""

    failure = "expired_token"
    advice = "Nothing: the stream is read whole again."


@dataclass(frozen=True, slots=True)
class Part:
    """Some records, the state of the next part (None after the last), the token for the next sync, where the vendor gave it, and the places
    where nothing is any more. before: what follows from the part and is not told in it, some at a time; the part is not left behind before
    all of it has been read."""

    records: Sequence[Raw]
    unreadable: Sequence[Unreadable] = ()
    following: Any = None
    token: str | None = None
    gone: Sequence[Gone] = ()
    before: Iterable[Sequence[Raw]] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """start: the token of now; None where only the whole reading's last part gives it. whole, changes: one part; either may raise
    ExpiredTokenError, and then the whole is read from its beginning. anew: the places that count as gone as that begins, until they are
    found again."""

    start: Callable[[], str | None]
    whole: Callable[[Any], Part]
    changes: Callable[[str, Any], Part]
    anew: Sequence[Gone] = ()

    def pages(self, position: Position | None) -> Iterator[Page]:
        """position: {"whole": state, "token"} while the whole is read; {"token", "part": state} from then on."""
        position = dict(position or {})
        if "token" in position and "whole" not in position:
            try:
                yield from self._changes(position)
                return
            except ExpiredTokenError:
                position = {}
        try:
            yield from self._whole(position)
        except ExpiredTokenError:
            if "whole" not in position:
                raise
            yield from self._whole({})

    def _whole(self, position: dict[str, Any]) -> Iterator[Page]:
        token = position["token"] if "whole" in position else self.start()
        state = position.get("whole")
        gone = self.anew if state is None else ()
        while True:
            part = self.whole(state)
            token, state = token or part.token, part.following
            here = {"token": token, "whole": state} if state is not None else {"token": token} if token else {}
            yield Page(part.records, here, part.unreadable, [*gone, *part.gone])
            gone = ()
            if state is None:
                return

    def _changes(self, position: dict[str, Any]) -> Iterator[Page]:
        token, state, here = position["token"], position.get("part"), position
        while True:
            part = self.changes(token, state)
            for some in part.before:
                yield Page(some, here)
            state = part.following
            here = {"token": token, "part": state} if state is not None else {"token": part.token or token}
            yield Page(part.records, here, part.unreadable, part.gone)
            if state is None:
                return
