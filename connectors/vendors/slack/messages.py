"""A message of Slack as a record: known by its channel and time, which no other message of the channel has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.errors import SchemaError
from connectors.records import Raw, Unreadable

#: What people write; every other subtype is Slack's own word on joining, leaving, renaming, or a bot's.
WRITTEN = ("", "file_share", "me_message", "thread_broadcast")


@dataclass(frozen=True, slots=True)
class Message:
    """ts: seconds since 1970 with six digits of a fraction, as Slack writes it. latest_reply: of the thread that begins with it."""

    ts: str
    raw: Raw
    is_written: bool
    latest_reply: str | None


def raws_of(channel: str, found: Any, parent: str | None = None) -> tuple[list[Message], list[Unreadable]]:
    """The messages of an answer; of a thread's, which `parent` begins, the replies. SchemaError where there are none to be read."""
    if not isinstance(found, list):
        raise SchemaError("the answer holds no list of messages")
    messages, unreadable = [], []
    for one in found:
        ts = one.get("ts") if isinstance(one, dict) else None
        try:
            at = moment(ts) if isinstance(ts, str) else None
        except (ValueError, OverflowError, OSError):
            at = None
        if ts is None or at is None:
            unreadable.append(Unreadable("", "it has no ts", repr(one).encode("utf-8", "replace")))
        elif ts != parent:
            messages.append(_message(channel, one, at, parent))
    return messages, unreadable


def _message(channel: str, said: dict[str, Any], at: datetime, parent: str | None) -> Message:
    ts, began = said["ts"], parent or said.get("thread_ts")
    edited = (said.get("edited") or {}).get("ts")
    changed = moment(edited) if edited else at
    payload = {**said, "channel": channel}
    for counted in ("reply_count", "reply_users", "reply_users_count", "latest_reply", "subscribed", "last_read"):
        payload.pop(counted, None)  # each reply would change its parent
    raw = Raw(f"{channel}/{ts}", payload, updated_at=changed, place=place(channel, parent, ts) if parent else place(channel, ts))
    written = said.get("subtype", "") in WRITTEN and not said.get("bot_id")
    return Message(ts, raw, written, said.get("latest_reply") if not parent and began in (None, ts) else None)


def place(channel: str, ts: str, reply: str | None = None) -> str:
    """Where a message stands: in the channel, or, as a reply, in the thread that `ts` began."""
    return f"messages/{channel}/{ts}" if reply is None else f"replies/{channel}/{ts}/{reply}"


def moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def written(moment: datetime) -> str:
    return f"{moment.timestamp():017.6f}"


def kept(messages: Sequence[Message]) -> list[Raw]:
    """Those that somebody wrote."""
    return [one.raw for one in messages if one.is_written]
