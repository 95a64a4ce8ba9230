"""Mail of Google Workspace, by the Gmail API.

History tells what changed since an id; it is kept for a week or so, and one that is too old is answered by 404: then all is read again. A
label changes nothing, but what gets the label of spam or waste is gone. Mails' bytes are got 50 at a time in a batch, each of which counts
against the user's quota as if it were asked for alone. A service account reads for one user, its `subject`: then each mailbox is a source
of its own.
Source: developers.google.com/workspace/gmail/api/guides/sync, .../guides/batch, .../reference/quota.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.apis.api import ApiOptions
from connectors.apis.feed import ExpiredTokenError, Feed, Part
from connectors.errors import AuthenticationError, ConnectorError, NotFoundError, RateLimitedError, TransientError, classify
from connectors.http.door import Vendor
from connectors.http.messages import Answer, Request
from connectors.mailboxes import Got, MailApi
from connectors.mapping.tables import at
from connectors.records import Gone

LIMITS = ("rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded", "RESOURCE_EXHAUSTED")
ERRORS: Mapping[tuple[int, str], type[ConnectorError]] = {
    **{(status, code): RateLimitedError for status in (403, 429) for code in LIMITS},
    (401, "authError"): AuthenticationError,
}
UNWANTED = {"SPAM", "TRASH", "DRAFT"}
BOUNDARY = "crosswalk-batch"


def error_code(body: Any) -> str:
    return str(at(body, "error.errors.0.reason") or at(body, "error.status") or "")


class GmailOptions(ApiOptions):
    """mailboxes: addresses, or `me` for whoever authorised. requests_per_second: of single mails, in a batch or not. Since May 2026 a mail
    costs 20 of the 6,000 units that a user has a minute; a Google Cloud project that was used before may set 40 still."""

    mailboxes: tuple[str, ...] = ("me",)
    url: str = "https://gmail.googleapis.com"
    requests_per_second: float = 4.5
    page_size: int = 100


class Gmail(MailApi):
    kind, most = "gmail", 50
    Options = GmailOptions
    vendor = Vendor(error_code=error_code, errors=ERRORS)
    token_url = "https://oauth2.googleapis.com/token"
    oauth_defaults: ClassVar[Mapping[str, Any]] = {
        "scope": "https://www.googleapis.com/auth/gmail.readonly",
        "audience": "https://oauth2.googleapis.com/token",
    }

    def feeds(self, mailbox: str) -> Mapping[str, Feed]:
        base = f"/gmail/v1/users/{quote(mailbox)}"
        feed = Feed(
            lambda: str(self.api.send(Request(f"{base}/profile")).at("historyId")),
            lambda state: self._whole(mailbox, base, state),
            lambda token, state: self._changes(mailbox, base, token, state),
            [Gone.under(f"{mailbox}\t")],
        )
        return {mailbox: feed}

    def _whole(self, mailbox: str, base: str, state: str | None) -> Part:
        params = {"maxResults": self.options.page_size, **({"pageToken": state} if state else {})}
        answer = self.api.send(Request(f"{base}/messages", params=params))
        records, unreadable = self.landed(mailbox, mailbox, dict.fromkeys(str(one["id"]) for one in answer.at("messages") or []))
        return Part(records, unreadable, answer.at("nextPageToken"))

    def _changes(self, mailbox: str, base: str, token: str, state: str | None) -> Part:
        params = {"startHistoryId": token, "maxResults": self.options.page_size, **({"pageToken": state} if state else {})}
        try:
            answer = self.api.send(Request(f"{base}/history", params=params))
        except NotFoundError as error:
            raise ExpiredTokenError(str(error)) from error
        there: dict[str, bool] = {}
        for event in answer.at("history") or []:
            there |= dict(told(event))
        records, unreadable = self.landed(mailbox, mailbox, dict.fromkeys(key for key, is_there in there.items() if is_there))
        found = {one.place for one in records} | {one.key for one in unreadable}
        gone = [Gone(place) for key in there if (place := f"{mailbox}\t{key}") not in found]
        return Part(records, unreadable, answer.at("nextPageToken"), str(answer.at("historyId") or token), gone)

    def batch(self, mailbox: str, ids: Sequence[str]) -> Iterator[Got]:
        for _ in ids[1:]:
            self.api.take_place()
        path = f"/gmail/v1/users/{quote(mailbox)}/messages"
        lines = [
            f"--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <{place}>\r\n\r\nGET {path}/{quote(key)}?format=raw\r\n\r\n"
            for place, key in enumerate(ids)
        ]
        headers = {"Content-Type": f"multipart/mixed; boundary={BOUNDARY}", "Accept": "multipart/mixed"}
        content = "".join([*lines, f"--{BOUNDARY}--\r\n"]).encode()
        for place, status, body in answered(self.api.send(Request("/batch/gmail/v1", "POST", content=content, headers=headers))):
            if status < 300:
                unwanted = UNWANTED & set(body.get("labelIds") or ())
                yield Got(ids[place], None if unwanted else base64.urlsafe_b64decode(body["raw"] + "==="))
            else:
                code = error_code(body)
                yield Got(
                    ids[place], None, ERRORS.get((status, code), classify(status)), f"Google does not give it: {status} {code}".strip()
                )

    def ids(self, mailbox: str, message_id: str) -> Sequence[str]:
        answer = self.api.send(Request(f"/gmail/v1/users/{quote(mailbox)}/messages", params={"q": f"rfc822msgid:{message_id}"}))
        return [str(one["id"]) for one in answer.at("messages") or []]


def told(event: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """(id, whether it is there to be read) of each mail that an event of history tells of, where that may have changed."""
    for name, there in (("messagesAdded", True), ("labelsRemoved", True), ("labelsAdded", False), ("messagesDeleted", False)):
        for one in event.get(name) or ():
            labels = set(one.get("labelIds") or ())
            if name.startswith("messages") or labels & UNWANTED:
                yield str(one["message"]["id"]), there


def answered(answer: Answer) -> Iterator[tuple[int, int, Any]]:
    """(its place among those asked, status, decoded body) of each part of a batch's answer."""
    _, _, said = answer.headers.get("Content-Type", "").partition("boundary=")
    boundary = said.partition(";")[0].strip().strip('"').encode()
    if not boundary:
        raise TransientError("the answer to a batch is not in parts")
    for part in answer.content.split(b"--" + boundary)[1:-1]:
        head, _, inner = part.replace(b"\r\n", b"\n").partition(b"\n\n")
        status, _, body = inner.partition(b"\n\n")
        place = head.lower().partition(b"content-id:")[2].partition(b"\n")[0].strip(b" <>").removeprefix(b"response-")
        yield int(place), int(status.split()[1]), json.loads(body) if body.strip() else {}
