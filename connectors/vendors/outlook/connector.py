"""Mail of Microsoft 365, by Microsoft Graph.

Changes are told for each folder (delta), with ids that outlive a move within the mailbox; a token that is too old is refused, and the
folder is read whole. A mail's bytes are got 20 at a time in a batch, of which Graph works at four at once, as many as it allows for a
mailbox. Spam, waste, drafts and what waits to be sent are left out. An application may read every mailbox of its tenant unless a policy of
Exchange limits it to these.
Source: learn.microsoft.com/graph/api/message-delta, .../delta-query-overview, .../errors, .../outlook-immutable-id, .../json-batching,
.../throttling-limits.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from connectors.apis.api import ApiOptions
from connectors.apis.feed import ExpiredTokenError, Feed, Part
from connectors.errors import ConnectorError, NotFoundError, SchemaError, classify
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.http.webhooks import GRAPH
from connectors.mailboxes import Got, MailApi
from connectors.mapping.tables import at
from connectors.mapping.transforms import moment
from connectors.records import Gone

#: What a token that is too old is answered with, by 400, 404 or 410: Graph's pages write it small, its services also capital.
TOO_OLD = ("syncStateNotFound", "SyncStateNotFound", "syncStateInvalid", "SyncStateInvalid", "resyncRequired", "ResyncRequired")
ERRORS: Mapping[tuple[int, str], type[ConnectorError]] = {
    (410, ""): ExpiredTokenError,
    **{(status, code): ExpiredTokenError for status in (400, 404, 410) for code in TOO_OLD},
}
#: Of mails that nobody wrote to anybody.
UNWANTED = ("junkemail", "deleteditems", "drafts", "outbox")
LASTING = {"Prefer": 'IdType="ImmutableId"'}


def error_code(body: Any) -> str:
    return str(at(body, "error.code") or "")


class OutlookOptions(ApiOptions):
    """mailboxes: addresses, or ids of users. tenant: for OAuth."""

    mailboxes: tuple[str, ...]
    tenant: str = "common"
    url: str = "https://graph.microsoft.com/v1.0"
    page_size: int = 100


class Outlook(MailApi):
    kind, most = "outlook", 20
    Options = OutlookOptions
    vendor = Vendor(error_code=error_code, errors=ERRORS)
    token_url = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    oauth_defaults: ClassVar[Mapping[str, Any]] = {"scope": "https://graph.microsoft.com/.default"}
    webhook = GRAPH

    def feeds(self, mailbox: str) -> Mapping[str, Feed]:
        return {f"{mailbox}\t{folder}": self._feed(mailbox, folder) for folder in self._folders(mailbox)}

    def _feed(self, mailbox: str, folder: str) -> Feed:
        where = f"{mailbox}\t{folder}"
        address = f"/users/{mailbox}/mailFolders/{folder}/messages/delta?$select=id,receivedDateTime,isDraft"

        def part(state: str | None) -> Part:
            return self._part(mailbox, where, state or address)

        return Feed(lambda: None, part, lambda token, state: part(state or token), [Gone.under(f"{where}\t")])

    def _folders(self, mailbox: str) -> list[str]:
        """The ids of the folders to read: none that lies within an unwanted one, and no search that looks like a folder."""
        unwanted = {self._special(mailbox, name) for name in UNWANTED}
        base, asked = f"/users/{mailbox}/mailFolders", "?$top=100&$select=id,childFolderCount"
        found, waiting = list[str](), [f"{base}{asked}"]
        while waiting:
            answer = self.api.send(Request(waiting.pop(), headers=LASTING))
            for one in answer.at("value") or []:
                if one["id"] not in unwanted and one.get("@odata.type") != "#microsoft.graph.mailSearchFolder":
                    found.append(str(one["id"]))
                    waiting += [f"{base}/{one['id']}/childFolders{asked}"] if one.get("childFolderCount") else []
            waiting += filter(None, [answer.at("@odata.nextLink")])
        return sorted(found)

    def _special(self, mailbox: str, name: str) -> str | None:
        try:
            return str(self.api.send(Request(f"/users/{mailbox}/mailFolders/{name}?$select=id", headers=LASTING)).at("id"))
        except NotFoundError:
            return None

    def _part(self, mailbox: str, where: str, address: str) -> Part:
        prefer = f"{LASTING['Prefer']}, odata.maxpagesize={self.options.page_size}"
        answer = self.api.send(Request(address, headers={"Prefer": prefer}))
        told = answer.at("value")
        if not isinstance(told, list):
            raise SchemaError("the answer holds no list at value")
        mails = {str(one["id"]): one for one in told if isinstance(one, dict) and one.get("id")}  # of one told twice the last counts
        gone = [Gone(f"{where}\t{key}") for key, one in mails.items() if "@removed" in one]
        there = {
            key: moment(one["receivedDateTime"])[0] if one.get("receivedDateTime") else None
            for key, one in mails.items()
            if "@removed" not in one and not one.get("isDraft")
        }
        records, unreadable = self.landed(mailbox, where, there)
        return Part(records, unreadable, answer.at("@odata.nextLink"), answer.at("@odata.deltaLink"), gone)

    def batch(self, mailbox: str, ids: Sequence[str]) -> Iterator[Got]:
        requests = [
            {"id": str(place), "method": "GET", "url": f"/users/{mailbox}/messages/{key}/$value", "headers": LASTING}
            for place, key in enumerate(ids)
        ]
        for one in self.api.post("/$batch", {"requests": requests})["responses"]:
            key, status, body = ids[int(one["id"])], int(one["status"]), one.get("body")
            if status < 300:
                yield Got(key, base64.b64decode(body or ""))
            else:
                code = error_code(body)
                said = f"Microsoft does not give it: {status} {code}".strip()
                yield Got(key, None, ERRORS.get((status, code), classify(status)), said, float(at(one, "headers.Retry-After") or 0))

    def ids(self, mailbox: str, message_id: str) -> Sequence[str]:
        quoted = message_id.replace("'", "''")
        params = {"$filter": f"internetMessageId eq '<{quoted}>'", "$select": "id"}
        answer = self.api.send(Request(f"/users/{mailbox}/messages", params=params, headers=LASTING))
        return [str(one["id"]) for one in answer.at("value") or []]
