"""BottleCRM: accounts, contacts, leads, opportunities and cases, by its REST API.

No list can be asked for what changed, and three of five record no time of change: every sync reads all, and landing writes what differs.
What a row says of now and not of the record (how old it is, who signed in last, sums over other records) is left out for that. Each
list has an envelope of its own, two of them with two lists side by side that are paged together; its `offset` counts by random ids and
is not believed. Leads are listed until they are converted: from then on their account and contact speak for them.
The secret is a personal access token, which may be held to scopes; or [source.oauth] refers to a session's refresh token (see session.py).
A token that has ended is answered with 403 and not 401, since it names no organisation.
Source: the package django-crm 1.35 (MIT), its views and serializers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.account.shared import Rate
from connectors.apis.api import Api, ApiOptions
from connectors.apis.paging import Offset, State
from connectors.apis.resource import Resource
from connectors.connector import Change
from connectors.errors import AuthenticationError
from connectors.http.authentication import Authentication
from connectors.http.door import Vendor
from connectors.http.messages import Answer, Request
from connectors.http.oauth import OAuthSettings
from connectors.vendors.bottlecrm import mapping
from connectors.vendors.bottlecrm.session import Session

#: Of now, or of other records.
PASSING = {"rollups", "cases", "tasks", "opportunities", "org", "created_on_arrow", "days_in_stage", "aging_status", "next_activity"}
PASSING |= {"time_summary", "child_count", "parent_summary", "waiting_since", "is_unanswered", "first_response_by_details", "kanban_order"}
PASSING |= {f"is_sla_{answer}_{state}" for answer in ("first_response", "resolution") for state in ("breached", "at_risk")}


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a stream's answers have their lists, how many records there are in each, and one record."""

    lists: tuple[str, ...]
    counts: tuple[str, ...]
    one: str


ENVELOPES = {
    "accounts": Envelope(
        ("active_accounts.open_accounts", "closed_accounts.close_accounts"),
        ("active_accounts.open_accounts_count", "closed_accounts.close_accounts_count"),
        "account_obj",
    ),
    "contacts": Envelope(("results",), ("count",), "contact_obj"),
    "leads": Envelope(
        ("open_leads.open_leads", "close_leads.close_leads"), ("open_leads.leads_count", "close_leads.leads_count"), "lead_obj"
    ),
    "opportunities": Envelope(("opportunities",), ("opportunities_count",), "opportunity_obj"),
    "cases": Envelope(("cases",), ("cases_count",), "cases_obj"),
}


@dataclass(frozen=True, slots=True)
class SideBySide(Offset):
    """Lists that one offset pages together: there are more while any of them is full."""

    lists: tuple[str, ...] = ()

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del records
        full = any(len(answer.at(path) or ()) >= self.size for path in self.lists)
        return (state or 0) + self.size if full else None


def error_code(body: Any) -> str:
    """The names of refused fields, or what a `detail` comes to."""
    errors, detail = body.get("errors"), str(body.get("detail") or body.get("error") or "")
    if isinstance(errors, dict):
        return ",".join(sorted(errors))
    return "no_organization" if "Organization context" in detail else "scope" if "not scoped" in detail else ""


class BottleCrmOptions(ApiOptions):
    """page_size: large, since every page of accounts and opportunities comes with lists for the vendor's own forms."""

    page_size: int = 250


class BottleCrm(Api):
    kind = "bottlecrm"
    Options = BottleCrmOptions
    vendor = Vendor(error_code=error_code, errors={(403, "no_organization"): AuthenticationError})
    tables = mapping.TABLES
    token_url = "{url}/api/auth/refresh-token/"

    def authentication(self) -> Authentication:
        if not self.declaration.oauth:
            return super().authentication()
        settings = OAuthSettings.model_validate(self.declaration.oauth)
        return Session(settings, self.account(Rate(10, 10)), self.token_url.format(url=self.options.url))

    def resources(self) -> Mapping[str, Resource]:
        return {stream: self._resource(stream, envelope) for stream, envelope in ENVELOPES.items()}

    def _resource(self, stream: str, envelope: Envelope) -> Resource:
        params = {"show_merged": "true", "slim": "true"} if stream == "cases" else {}
        return Resource(
            Request(f"/api/{stream}/", params=params),
            records=envelope.lists[0],
            updated="updated_at",
            paging=SideBySide(self.options.page_size, lists=envelope.lists),
            one=f"/api/{stream}/{{key}}/",
            one_at=envelope.one,
        )

    def rows(self, resource: Resource, answer: Answer) -> list[Any]:
        assert isinstance(resource.paging, SideBySide)
        return [one for path in resource.paging.lists for one in super(BottleCrm, self).rows(replace(resource, records=path), answer)]

    def payload(self, stream: str, record: Any) -> Any:
        passing = PASSING | {"contacts"} if stream == "accounts" else PASSING  # an account's own page lists its people
        return {name: settled(value) for name, value in record.items() if name not in passing}

    def count(self, stream: str) -> int | None:
        answer = self.api.send(self.resources()[stream].request.having("params", {"limit": 1}))
        counts = [answer.at(path) for path in ENVELOPES[stream].counts]
        return sum(counts) if all(isinstance(one, int) for one in counts) else None

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        """Where a record goes while this lists by offset, one behind it is passed over: then all is listed again, and either counts."""
        for _ in range(2):
            before, listed = self.count(stream), 0
            for batch in super().list_ids(stream):
                listed += len(batch)
                yield batch
            if before == listed == self.count(stream):
                return

    def apply(self, change: Change) -> str:
        path = f"/api/{change.stream}/"
        if change.key is None:
            return str(self.api.send(Request(path, "POST", body=change.fields), again=False).at("id"))
        self.api.send(Request(f"{path}{change.key}/", "PATCH", body=change.fields))
        return change.key


def settled(value: Any) -> Any:
    """Related records in the order of their ids (the vendor gives them in none), colleagues without when they signed in last."""
    if not isinstance(value, list) or not all(isinstance(one, dict) and "id" in one for one in value):
        return value
    said = [(one, one.get("user_details")) for one in value]
    people = [{"id": one["id"], "name": who.get("name"), "email": who.get("email")} if isinstance(who, dict) else one for one, who in said]
    return sorted(people, key=lambda one: str(one["id"]))
