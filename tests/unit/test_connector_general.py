"""What Stripe, Zendesk, Slack and a declared mapping make of a payload as the vendors document it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors import sources
from connectors.errors import ConfigurationError
from connectors.landing.sync import open_connector
from connectors.mapping import declared
from connectors.mapping.staged import Claim, Mapped
from connectors.mapping.tables import mapped
from connectors.records import Landed
from connectors.values import back, kept, plain
from connectors.vendors.slack import mapping as slack_mapping
from connectors.vendors.slack.messages import raws_of
from connectors.vendors.sql import cursors
from connectors.vendors.stripe import mapping as stripe_mapping
from connectors.vendors.zendesk import mapping as zendesk_mapping

STRIPE = 'name = "pay"\nkind = "stripe"\nsecret = "env:X"'
ZENDESK = 'name = "help"\nkind = "zendesk"\nurl = "https://acme.zendesk.com"\nsecret = "env:X"'
SLACK = 'name = "chat"\nkind = "slack"\nsecret = "env:X"\nchannels = ["C1"]'


def told(said: str, stream: str, key: str, payload: Any) -> Mapped:
    """What the connector of that declaration makes of the payload."""
    (declaration,) = sources.parse(f'own_domains = ["ours.example"]\n[[source]]\n{said}\n')
    connector = open_connector(declaration)
    try:
        return connector.map(Landed(f"{declaration.name}/{stream}/{key}", declaration.name, stream, key, payload))
    finally:
        connector.close()


def test_a_customer_of_stripe() -> None:
    payload = {
        "id": "cus_1", "object": "customer", "name": "Krämer GmbH", "email": "Buchhaltung@kraemer.example", "phone": None,
        "business_name": "Krämer GmbH", "created": 1772452800, "preferred_locales": ["de-DE"],
        "address": {"line1": "Am Wall 1", "line2": "3. OG", "postal_code": "20095", "city": "Hamburg", "country": "DE", "state": None},
        "metadata": {"erp_customer_number": "K-77"}, "tax_ids": {"data": [{"type": "eu_vat", "value": "DE123456789"}]},
    }  # fmt: skip
    (party,) = told(STRIPE, "customers", "cus_1", payload).parties
    assert party.kind == "organization"
    assert party.attributes["email"] == ["buchhaltung@kraemer.example"]
    assert party.attributes["vat"] == ["DE123456789"]
    assert party.attributes["key:erp"] == ["K-77"]
    assert party.attributes["address"] == [{"street": "Am Wall 1 3. OG", "postcode": "20095", "city": "Hamburg", "country": "DE"}]


def test_a_customer_of_stripe_with_a_name_alone_may_be_either() -> None:
    assert told(STRIPE, "customers", "cus_1", {"id": "cus_1", "name": "Ann Lee"}).parties[0].kind == "unknown"
    assert told(STRIPE, "customers", "cus_1", {"id": "cus_1", "individual_name": "Ann Lee"}).parties[0].kind == "person"


@pytest.mark.parametrize(("currency", "amount", "said"), [("eur", 1250, "12.50"), ("jpy", 1250, "1250.00"), ("kwd", 1250, "1.25")])
def test_amounts_of_stripe_are_in_the_smallest_unit_of_their_currency(currency: str, amount: int, said: str) -> None:
    payload = {"id": "ch_1", "amount": amount, "currency": currency, "created": 1772452800, "customer": "cus_1", "status": "succeeded"}
    activity = told(STRIPE, "charges", "ch_1", payload).activity
    assert activity is not None
    assert (activity.kind, str(activity.amount), activity.currency, activity.status) == ("payment", said, currency.upper(), "paid")
    assert [one.party_ref for one in activity.participants] == ["pay/customers/cus_1"]


def test_invoices_and_subscriptions_of_stripe() -> None:
    payload = {"id": "in_1", "number": "A-1", "total": 990, "amount_remaining": 990, "currency": "usd", "created": 1772452800,
               "customer": "cus_1", "status": "open", "due_date": 1773057600}  # fmt: skip
    invoice = told(STRIPE, "invoices", "in_1", payload).activity
    assert invoice is not None
    assert (invoice.title, invoice.amount, invoice.status) == ("Invoice A-1", Decimal("9.90"), "open")
    assert "Open: 9.90" in invoice.body
    running = {"id": "sub_1", "currency": "usd", "created": 1772452800, "customer": "cus_1", "status": "active"}
    subscription = told(STRIPE, "subscriptions", "sub_1", running).activity
    assert subscription is not None
    assert (subscription.kind, subscription.status) == ("order", "confirmed")
    assert set(stripe_mapping.TABLES) == {"customers", "invoices", "charges", "subscriptions"}


def test_an_organization_and_a_user_of_zendesk() -> None:
    payload = {"id": 509974, "name": "Acme Ltd", "domain_names": ["acme.example", "acme.test"], "external_id": "E-1",
               "updated_at": "2026-03-02T12:00:00Z"}  # fmt: skip
    found = told(ZENDESK, "organizations", "509974", payload)
    assert found.parties[0].attributes == {"name": ["Acme Ltd"], "website": ["acme.example", "acme.test"], "external_id": ["E-1"]}
    assert found.parties[0].url == "https://acme.zendesk.com/agent/organizations/509974"
    user = {"id": 7, "name": "Lee, Ann", "email": "Ann@acme.example", "phone": "+15551234567", "locale": "en-US",
            "organization_id": 509974, "role": "end-user", "active": True, "updated_at": "2026-03-02T12:00:00Z"}  # fmt: skip
    found = told(ZENDESK, "users", "7", user)
    assert found.parties[0].attributes["email"] == ["ann@acme.example"]
    assert found.claims == [Claim("employment", "help/users/7", "help/organizations/509974", {})]


def test_a_ticket_of_zendesk() -> None:
    payload = {"id": 35436, "subject": "My printer is on fire", "description": "Very colourful.", "status": "pending", "priority": "high",
               "requester_id": 7, "organization_id": 509974, "created_at": "2026-03-02T12:00:00Z", "via": {"channel": "web"}}  # fmt: skip
    activity = told(ZENDESK, "tickets", "35436", payload).activity
    assert activity is not None
    assert (activity.title, activity.status, activity.body, activity.untrusted) == (
        "My printer is on fire",
        "open",
        "Very colourful.",
        True,
    )
    assert [(one.role, one.party_ref) for one in activity.participants] == [
        ("contact", "help/users/7"),
        ("customer", "help/organizations/509974"),
    ]


@pytest.mark.parametrize(
    ("stream", "payload", "gone"),
    [
        ("tickets", {"status": "deleted"}, True),
        ("tickets", {"status": "solved"}, False),
        ("users", {"active": True, "role": "agent"}, True),
        ("users", {"active": False, "role": "end-user"}, True),
        ("users", {"active": True, "role": "end-user"}, False),
    ],
)
def test_what_is_gone_of_zendesk(stream: str, payload: dict[str, Any], gone: bool) -> None:
    assert zendesk_mapping.is_gone(stream, payload) is gone


def test_a_user_of_slack_is_a_customer_unless_ours_or_a_bot() -> None:
    user = {"id": "U1", "real_name": "Ann Lee", "updated": 1772452800, "profile": {"email": "ann@acme.example", "title": "Buyer"}}
    (party,) = told(SLACK, "users", "U1", user).parties
    assert party.attributes == {"name": ["Ann Lee"], "email": ["ann@acme.example"], "title": ["Buyer"]}
    assert not told(SLACK, "users", "U2", {**user, "profile": {"email": "tom@ours.example"}}).parties
    assert not told(SLACK, "users", "U3", {**user, "is_bot": True}).parties


def test_a_message_of_slack() -> None:
    text = "See <https://acme.example/offer|the offer> &amp; <mailto:a@b.example>\nThanks <@U2>"
    payload = {"ts": "1772452800.000100", "thread_ts": "1772452700.000000", "channel": "C1", "user": "U1", "text": text}
    activity = told(SLACK, "messages", "C1/1772452800.000100", payload).activity
    assert activity is not None
    assert (activity.kind, activity.title, activity.untrusted) == ("note", "See the offer & a@b.example", True)
    assert activity.body == "See the offer & a@b.example\nThanks <@U2>"
    assert activity.thread == "chat/C1/1772452700.000000"
    assert activity.occurred_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert [one.party_ref for one in activity.participants] == ["chat/users/U1"]
    assert slack_mapping.plain("a &lt;b&gt;") == "a <b>"


def test_what_nobody_wrote_is_left_out_of_slack() -> None:
    said = [
        {"ts": "1.000001", "text": "joined", "subtype": "channel_join", "user": "U1"},
        {"ts": "1.000002", "text": "build is green", "bot_id": "B1"},
        {"ts": "1.000003", "text": "see this", "subtype": "file_share", "user": "U1", "reply_count": 2, "latest_reply": "1.000009"},
        {"text": "no time"},
    ]
    messages, unreadable = raws_of("C1", said)
    assert [one.raw.key for one in messages if one.is_written] == ["C1/1.000003"]
    assert messages[-1].latest_reply == "1.000009"
    assert "reply_count" not in messages[-1].raw.payload
    assert len(unreadable) == 1


MAPPING: dict[str, Any] = {
    "kind": "person",
    "kind_of": ["type", {"B": "organization"}],
    "name": [["company"], ["contact.name", "person_name"]],
    "email": "contact.mail",
    "address": {"street": "street", "city": "town"},
    "observed_at": "changed",
    "claims": {"employment": {"path": "firm", "stream": "firms"}},
}


def test_a_declared_mapping_makes_parties_and_claims() -> None:
    table = declared.table("people", MAPPING)
    payload = {"type": "P", "contact": {"name": "Lee, Ann", "mail": "ANN@x.example"}, "street": "Wall 1", "town": "Ulm", "firm": 7}
    found = mapped({**payload, "changed": "2026-03-02T12:00:00Z"}, table, ("s", "people", "1"), {})
    assert found.parties[0].kind == "person"
    assert found.parties[0].attributes == {
        "name": ["Ann Lee"],
        "email": ["ann@x.example"],
        "address": [{"street": "Wall 1", "city": "Ulm"}],
    }
    assert found.claims == [Claim("employment", "s/people/1", "s/firms/7", {})]
    assert mapped({"type": "B"}, table, ("s", "people", "2"), {}).parties[0].kind == "organization"


REST = """
[[source]]
name = "billing"
kind = "rest"
url = "https://api.example.com"
secret = "env:TOKEN"
locale = "de"

[[source.stream]]
name = "customers"
path = "/v1/customers"

[[source.stream]]
name = "orders"
path = "/v1/orders"
updated = "updated_at"
paging = { kind = "cursor", next = "meta.next" }
since = { param = "after", format = "epoch" }

[source.mapping.orders]
kind = "order"
title = "number"
amount = ["total", "decimal"]
links.customer = { path = "customer", stream = "customers" }
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "cursor"', 'kind = "cursr"', ":17 (source 1): stream.1.paging: "),
        ('next = "meta.next"', 'nxt = "meta.next"', ":17 (source 1): stream.1.paging.cursor.next: is missing"),
        ('format = "epoch"', 'format = "unix"', ":18 (source 1): stream.1.since.format: "),
        ('updated = "updated_at"\n', "", "`since` needs `updated`"),
        ('kind = "order"', 'kind = "ordr"', ":21 (source 1): mapping of 'kind': 'ordr' is none of person, "),
        ('stream = "customers" }', 'strm = "customers" }', ":24 (source 1): mapping of 'links.customer'"),
        ('"decimal"]', '"decmal"]', ":23 (source 1): mapping of 'amount'"),
    ],
)
def test_an_error_in_a_declared_api_names_its_line(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        sources.parse(REST.replace(old, new))
    assert said in str(caught.value)


def test_a_mapping_without_a_kind_is_told() -> None:
    (declaration,) = sources.parse(REST.replace('kind = "order"\n', ""))
    with pytest.raises(ConfigurationError, match="the mapping of orders does not say its kind"):
        open_connector(declaration)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[source.mapping.orders]", "[source.mapping.ordrs]", "names a stream 'ordrs'; there are customers, orders"),
        ('stream = "customers" }', 'stream = "custmers" }', "names a stream 'custmers'"),
        ('name = "orders"', 'name = "customers"', "names a stream 'orders'"),
    ],
)
def test_a_mapping_that_names_no_stream_is_told(old: str, new: str, said: str) -> None:
    (declaration,) = sources.parse(REST.replace(old, new))
    with pytest.raises(ConfigurationError, match=said):
        open_connector(declaration)


def test_values_are_kept_for_a_position_and_told_as_json() -> None:
    for value in (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2).date(), Decimal("1.50"), b"\x00\xff", 7, "x", None):  # noqa: DTZ001
        assert back(kept(value)) == value
    assert plain({"a": (Decimal("1E+3"), float("nan"), b"x")}) == {"a": ["1000", "nan", "eA=="]}


def test_a_cursor_goes_back_by_its_own_kind_and_is_not_led_astray() -> None:
    assert cursors.earlier("2026-03-02 12:00:00.5", 300) == "2026-03-02 11:55:00"
    assert cursors.earlier("2026-03-02T12:00:00Z", 300) == "2026-03-02T11:55:00"
    assert cursors.earlier(1000, 300) == 700
    assert cursors.earlier("row-17", 300) == "row-17"
    assert cursors.capped("2999-01-01T00:00:00Z", "2026-03-02 12:00:00") == "2026-03-01T12:00:00"
    assert cursors.capped("2026-03-02T13:00:00Z", "2026-03-02 12:00:00") == "2026-03-02T13:00:00Z"
