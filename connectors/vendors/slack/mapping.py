"""What Slack's fields mean. A user with an address of one of our own domains, or who is a bot, is no customer."""

import html
import re
from collections.abc import Mapping
from dataclasses import replace

from connectors.connector import Declaration
from connectors.mapping.staged import Mapped
from connectors.mapping.tables import ActivityTable, Link, PartyTable, mapped
from connectors.records import Landed

USERS = PartyTable(
    kind="person",
    attributes={
        "name": [("profile.real_name", "person_name"), ("real_name", "person_name")],
        "email": ("profile.email", "email"),
        "phone": ("profile.phone", "text"),
        "title": ("profile.title", "text"),
    },
    observed_at=("updated", "seconds"),
)

MESSAGES = ActivityTable(
    kind="note",
    title=[("title", "text")],
    data_class="internal",
    occurred_at=[("ts", "seconds")],
    body=[("{}", ("text", "text"))],
    attributes={"channel": ("channel", "text")},
    links=(Link("from", ("user", "text"), "users"),),
    untrusted=True,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {"users": USERS, "messages": MESSAGES}

LONGEST_TITLE = 80

_LINK = re.compile(r"<([^@#!|>][^|>]*)(?:\|([^>]*))?>")


def map_record(record: Landed, declaration: Declaration) -> Mapped:
    own, place = declaration.mapping.get(record.stream, {}), (record.source, record.stream, record.key)
    if record.stream == "users":
        return Mapped() if is_ours(record, declaration.own_domains) else mapped(record.payload, USERS, place, own)
    text = plain(str(record.payload.get("text") or ""))
    first = text.strip().partition("\n")[0]
    title = first if len(first) <= LONGEST_TITLE else f"{first[: LONGEST_TITLE - 3]}..."
    found = mapped({**record.payload, "text": text, "title": title or "A file"}, MESSAGES, place, own)
    channel, began = record.payload["channel"], record.payload.get("thread_ts") or record.payload["ts"]
    return replace(found, activity=found.activity and replace(found.activity, thread=f"{record.source}/{channel}/{began}"))


def is_ours(record: Landed, own_domains: tuple[str, ...]) -> bool:
    email = str((record.payload.get("profile") or {}).get("email") or "").lower()
    return bool(record.payload.get("is_bot")) or record.key == "USLACKBOT" or email.partition("@")[2] in own_domains


def plain(text: str) -> str:
    """A message's text as people read it: links with what they show, and the three letters that Slack escapes."""
    return html.unescape(_LINK.sub(lambda found: found.group(2) or found.group(1).removeprefix("mailto:"), text))
