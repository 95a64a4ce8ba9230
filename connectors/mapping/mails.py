"""A mail as it is landed, whatever it came through, and what it says: an activity, those who take part, the documents attached. The parties
behind addresses are `correspondents`'.

A mail is known by its Message-ID. Flags and folders are not part of it, so reading or filing a mail changes nothing. Where two mails with
one Message-ID differ in their bytes both are kept: the second under the id and a digest of its bytes.

What comes from outside is untrusted; so is a mail that claims to be ours and whose checks (SPF, DMARC) the receiving server says failed.
"""

import hashlib
import re
import time
from collections.abc import Sequence
from datetime import datetime

from connectors.mapping.correspondents import is_own, is_role
from connectors.mapping.staged import Activity, Document, Mapped, Participant, clean
from connectors.mapping.tables import UNDATED
from connectors.records import Gone, Landed, Page, Position, Raw, Unreadable
from connectors.texts import mime, reading, replies

LARGEST = 64 * 1024 * 1024
TOO_LARGE = f"it is larger than {LARGEST} bytes"
_LONGEST_KEY = 500

#: Seconds that the reading of all of a mail's attachments may take; the others are kept without their text.
SECONDS = 60.0

_RIVAL = re.compile(r"#[0-9a-f]{16}$")
_PREFIX = re.compile(r"^\s*((re|aw|fw|fwd|wg|sv|vs|antw|rv|tr|r|i)(\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def record(content: bytes, place: str, updated_at: datetime | None = None) -> Raw | Unreadable:
    """The record of a mail's bytes, found at the place."""
    digest = hashlib.sha256(content).hexdigest()
    if not content.strip():
        return Unreadable(place, "it is empty", content)
    summary = mime.summary(content)
    payload = {"headers": summary, "size": len(content)}
    message_id = clean(" ".join(summary.get("message-id", "").strip("<> \t").split()))
    if not message_id or len(message_id) > _LONGEST_KEY:
        return Raw(f"sha256:{digest}", payload, content, updated_at, place=place)
    return Raw(message_id, payload, content, updated_at, rival=f"{message_id}#{digest[:16]}", place=place)


def message_id_of(key: str) -> str:
    """The Message-ID that a record's key was made of."""
    return _RIVAL.sub("", key)


def page(found: Sequence[Raw | Unreadable], position: Position, gone: Sequence[Gone] = ()) -> Page:
    """What was read, parted into records and what is none."""
    records = [one for one in found if isinstance(one, Raw)]
    return Page(records, position, [one for one in found if isinstance(one, Unreadable)], gone)


def map_record(record: Landed, own_domains: Sequence[str]) -> Mapped:
    """What the bytes of a mail say. ValueError where they can't be read."""
    mail = mime.parse(record.body or b"", reading.visible)
    direction = direction_of(mail, own_domains)
    untrusted = direction == "in" or mail.forged
    reply = replies.split(mail.text)
    people = list(_participants(record.source, mail, reply.signature))
    activity = Activity(
        kind="email",
        title=mail.subject or "(no subject)",
        body=reply.text,
        occurred_at=mail.sent_at or record.updated_at or UNDATED,
        thread=thread_of(mail, record.key),
        attributes={
            "direction": direction,
            "attachments": [one.name for one in mail.attachments],
            **({"automatic": True} if mail.automatic else {}),
        },
        data_class="internal",
        untrusted=untrusted,
        participants=people,
    )
    documents, doubts = _attached(mail.attachments, people, untrusted=untrusted)
    return Mapped(activity=activity, documents=documents, doubts=doubts)


def direction_of(mail: mime.Mail, own_domains: Sequence[str]) -> str:
    """in, out, or internal where all are ours."""
    if not mail.sender or not is_own(mail.sender[1], own_domains):
        return "in"
    return "internal" if all(is_own(address, own_domains) for _, address in [*mail.to, *mail.cc]) else "out"


def thread_of(mail: mime.Mail, key: str) -> str:
    """The first mail of the conversation: by its id, or, where an answer does not name it, by the subject."""
    if mail.references:
        return mail.references[0]
    if _PREFIX.match(mail.subject):
        return "subject:" + _PREFIX.sub("", mail.subject).strip().lower()
    return mail.message_id or key


def _participants(source: str, mail: mime.Mail, signature: tuple[str, ...]) -> list[Participant]:
    found = []
    if mail.sender:
        name, address = mail.sender
        parts = {} if mail.automatic else replies.signature_parts(signature, name, address.rpartition("@")[2])
        if is_role(address.partition("@")[0]):
            parts.pop("title", None)
        found.append(Participant("from", f"{source}/addresses/{address}", name or None, parts))
    for role, people in (("to", mail.to), ("cc", mail.cc)):
        found += [Participant(role, f"{source}/addresses/{address}", name or None) for name, address in people]
    return found


def _attached(
    attachments: Sequence[mime.Attachment], people: Sequence[Participant], *, untrusted: bool
) -> tuple[list[Document], list[str]]:
    documents, doubts = [], []
    until = time.monotonic() + SECONDS
    for number, one in enumerate(attachments, 1):
        try:
            if time.monotonic() > until:
                raise ValueError(f"reading those before it took longer than {SECONDS:.0f} seconds")
            name = "attached.eml" if one.media_type == "message/rfc822" else one.name  # a mail's name is its subject
            text, pages = reading.read(one.content, one.media_type, name)
        except ValueError as error:
            text, pages = "", None
            doubts.append(f"attachment {number} ({one.name}): {error}; kept without its text")
        found = Document(
            kind="attachment", title=one.name, media_type=one.media_type, text=text, data_class="internal", untrusted=untrusted,
            suffix=f"#{number}", pages=pages, attributes={"bytes": len(one.content)}, participants=people,
        )  # fmt: skip
        documents.append(found)
    return documents, doubts
