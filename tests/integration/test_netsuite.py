"""What is particular to NetSuite: columns that an account lacks, deletions that a table tells, the user's own time zone, a certificate."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from connectors.connector import Change
from connectors.errors import PermanentError
from connectors.landing.sync import sync_stream
from connectors.vendors.netsuite.connector import NetSuite
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.netsuite import NetSuiteWorld, refusal

Opened = Callable[..., NetSuite]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NetSuiteWorld]:
    world = NetSuiteWorld(tmp_path)
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve():
        yield world


@pytest.fixture
def opened(world: NetSuiteWorld) -> Iterator[Opened]:
    """Opens the connector, with more lines in its declaration; closed at the end."""
    with ExitStack() as stack:
        yield lambda more="": stack.enter_context(closing(NetSuite(world.declaration("erp", more))))


def living(database: Database) -> set[str]:
    with database.begin() as connection:
        return set(connection.execute(select(landing.record.c.key).where(landing.record.c.deleted_at.is_(None))).scalars())


def test_an_account_that_lacks_columns_and_tables_is_read_without_them(world: NetSuiteWorld, opened: Opened) -> None:
    world.unknown, world.tables = ("vatregnumber", "category", "url", "lastmodifieddate"), ("customer",)
    connector = opened()
    assert connector.queries.lacking("customers") == {*world.unknown, "deletedrecord"}
    query = connector.queries.rows("customers")
    assert "industry" not in query
    resource = connector.resources()["customers"]
    assert (resource.since, resource.gone) == (None, None)


def test_a_join_to_a_table_that_is_lacking_goes_with_its_columns(opened: Opened) -> None:
    queries = opened().queries
    queries._lacking["invoices"] = frozenset({"currency"})
    assert queries.rows("invoices").endswith("FROM transaction WHERE transaction.type = 'CustInvc'")
    assert "symbol" not in queries.rows("invoices")


def test_the_users_own_columns_are_read_too_and_one_that_is_not_there_is_left_out(world: NetSuiteWorld, opened: Opened) -> None:
    world.unknown = ("custentity_gone",)
    own = '[source.mapping.customers]\nlei = "custentity_LEI"\nother = "custentity_gone"\n'
    query = opened(own).queries.rows("customers")
    assert "customer.custentity_lei" in query
    assert "custentity_gone" not in query


def test_another_refusal_of_a_query_is_no_lacking_column(world: NetSuiteWorld, opened: Opened) -> None:
    world.trouble = lambda request, number: refusal(400, "INVALID_PARAMETER", "Something else is wrong.")
    with pytest.raises(PermanentError, match="INVALID_PARAMETER"):
        opened().queries.lacking("customers")


def test_deletions_are_told_by_a_table_and_the_others_show_by_comparing_ids(database: Database, world: NetSuiteWorld) -> None:
    world.shelf.fill(8)
    source = world.declaration("erp")
    sync_stream(database, source, "customers")
    world.shelf.remove("2")
    world.seen.clear()
    assert sync_stream(database, source, "customers").counts.tombstoned == 1
    told = len(world.seen)
    world.shelf.remove("3")
    world.seen.clear()
    assert sync_stream(database, source, "customers").counts.tombstoned == 1
    assert living(database) == {"1", "4", "5", "6", "7", "8"}
    assert len(world.seen) > told


def test_a_user_west_of_the_clock_loses_nothing(database: Database, world: NetSuiteWorld) -> None:
    source = world.declaration("erp")
    sync_stream(database, source, "customers")
    world.shelf.put("1", "Hours ago, it says")
    assert sync_stream(database, source, "customers").counts.written == 1


def test_more_rows_than_a_query_gives_are_read_by_queries_of_their_own(world: NetSuiteWorld, opened: Opened) -> None:
    """None asks for an offset, which would end at 100,000."""
    world.shelf.fill(9)
    assert [len(page.records) for page in opened().pull("customers", None)] == [4, 4, 1]
    assert not any("offset" in one for one in world.seen)


def test_too_many_requests_at_a_time_are_waited_out(world: NetSuiteWorld, opened: Opened) -> None:
    world.shelf.fill(2)
    limited = refusal(400, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")
    world.trouble = lambda request, number: limited if number == 4 else None
    connector = opened()
    assert [one.key for page in connector.pull("customers", None) for one in page.records] == ["1", "2"]


def test_a_token_is_got_with_a_certificate(world: NetSuiteWorld, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    monkeypatch.setenv("CONFORMANCE_KEY", key.private_bytes(*form).decode())
    said = '[source.oauth]\ngrant = "client_credentials"\nclient_id = "us"\nprivate_key = "env:CONFORMANCE_KEY"\nkey_id = "certificate-1"\n'
    connector = opened(f'{said}token_url = "{world.url}/oauth/token"\n')
    world.token = ""
    assert "answers" in connector.check()
    (asked,) = world.tokens.asked
    claims = jwt.decode(asked["client_assertion"], key.public_key(), algorithms=["PS256"], audience=f"{world.url}/oauth/token")
    assert (claims["iss"], claims["scope"]) == ("us", "rest_webservices")
    assert jwt.get_unverified_header(asked["client_assertion"])["kid"] == "certificate-1"


def test_records_are_written_and_found_again(world: NetSuiteWorld, opened: Opened) -> None:
    connector = opened()
    made = connector.apply(Change("customers", None, {"companyName": "O'Hara"}, "k1"))
    assert connector.find("customers", {"companyName": "O'Hara"}) == [made]
    connector.apply(Change("customers", made, {"companyName": "O'Hara & Sons"}, "k2"))
    seen = connector.fetch("customers", made)
    assert seen
    assert connector.fields_of("customers", seen.payload).get("companyName") == "O'Hara & Sons"
    assert connector.fetch("customers", "1; DROP") is None


def test_the_request_is_not_kept_by_the_vendor(world: NetSuiteWorld, opened: Opened) -> None:
    found: list[str | None] = []

    def note(request: Request, number: int) -> Response | None:
        found.append(request.headers.get("Prefer"))
        return None

    world.trouble = note
    opened().check()
    assert set(found) == {"transient"}
