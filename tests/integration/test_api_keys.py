"""Keys open the API exactly as long as they are in force, and do no more than their scopes say."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from context_api import keys
from context_api.app import create_app
from context_api.settings import Settings
from sql.database import Database
from tests.integration.api_world import Letters


@pytest.fixture
def api(database: Database) -> Iterator[TestClient]:
    """The API with no memory of keys, so that each request sees the key as it now is."""
    with TestClient(create_app(Database(database.url), Settings(key_cache_seconds=0), Letters())) as client:
        yield client


def ask(api: TestClient, key: str | None, path: str = "/v1/changes") -> tuple[int, dict[str, object]]:
    answer = api.get(path, headers={"Authorization": f"Bearer {key}"} if key else {})
    return answer.status_code, answer.json()


def test_a_key_opens_what_its_scopes_say(database: Database, api: TestClient) -> None:
    assert ask(api, keys.create(database, "agent", ["read"]).key)[0] == 200


def test_the_secret_is_nowhere_in_the_database(database: Database) -> None:
    key = keys.create(database, "agent", ["read"]).key
    with database.begin() as connection:
        stored = str(connection.execute(text("select * from governance.api_key")).all()) + str(
            connection.execute(text("select * from governance.audit")).all()
        )
    assert key.split("_")[2] not in stored


@pytest.mark.parametrize("key", [None, "cw_", "nonsense", "cw_" + "0" * 16 + "_" + "0" * 64, "ключ", "cw_\x00"])
def test_no_key_or_a_wrong_one_is_refused_and_told_how_to_get_one(api: TestClient, key: str | None) -> None:
    header = {"Authorization": b"Bearer " + key.encode()} if key else {}
    answer = api.get("/v1/changes", headers=header)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:crosswalk:problem:not-authenticated"
    assert "crosswalk keys create" in answer.json()["detail"]


def test_the_right_id_with_another_secret_is_refused(database: Database, api: TestClient) -> None:
    key = keys.create(database, "agent", ["read"]).key
    assert ask(api, key[:-1] + ("0" if key[-1] != "0" else "1"))[0] == 401


def test_a_revoked_key_an_expired_key_and_a_disabled_account_are_refused(database: Database, api: TestClient) -> None:
    revoked, expired, disabled = (keys.create(database, name, ["read"]).key for name in ("a", "b", "c"))
    assert [ask(api, key)[0] for key in (revoked, expired, disabled)] == [200, 200, 200]
    keys.revoke(database, revoked.split("_")[1])
    with database.begin() as connection:
        connection.execute(text("update governance.api_key set expires_at = now() where account = 'b'"))
        connection.execute(text("update governance.service_account set disabled_at = now() where name = 'c'"))
    assert [ask(api, key)[0] for key in (revoked, expired, disabled)] == [401, 401, 401]


def test_a_missing_scope_is_refused_by_name(database: Database, api: TestClient) -> None:
    status, problem = ask(api, keys.create(database, "loader", ["source:crm"]).key)
    assert (status, problem["type"]) == (403, "urn:crosswalk:problem:scope-missing")
    assert "scope read" in str(problem["detail"])


def test_a_grant_adds_its_scopes_until_it_ends(database: Database, api: TestClient) -> None:
    key = keys.create(database, "agent", ["class:public"]).key
    assert ask(api, key)[0] == 403
    keys.grant(database, "agent", ["read"], datetime.now(UTC) + timedelta(hours=1), ("ann", "month end"))
    assert ask(api, key)[0] == 200
    with database.begin() as connection:
        connection.execute(text("update governance.access_grant set expires_at = now()"))
    assert ask(api, key)[0] == 403


def test_a_remembered_key_is_forgotten_when_its_grant_ends(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=0.0)
    monkeypatch.setattr(keys, "time", clock)
    key = keys.create(database, "agent", ["class:public"]).key
    keys.grant(database, "agent", ["read"], datetime.now(UTC) + timedelta(hours=1), ("ann", "an hour"))

    async def held_at_the_hours_begin_and_end() -> list[bool]:
        mine = Database(database.url)
        keyring = keys.Keyring(mine.async_engine, cache_seconds=86_400)
        held = []
        for clock.now in (0.0, 3300.0, 3601.0):
            holder = await keyring.holder(key)
            held.append(holder is not None and "read" in holder.scopes)
            with database.begin() as connection:  # as if the hour were over for the database
                connection.execute(text("update governance.access_grant set expires_at = now()"))
        await mine.aclose()
        return held

    assert asyncio.run(held_at_the_hours_begin_and_end()) == [True, True, False]


def test_making_a_key_says_what_is_wrong_with_its_scopes_and_name(database: Database) -> None:
    for scopes in (["reed"], ["class:secret"], ["source:"], []):
        with pytest.raises(keys.InvalidScopeError, match="Scopes are read"):
            keys.create(database, "agent", scopes)
    with pytest.raises(keys.InvalidAccountNameError):
        keys.create(database, "", ["read"])
    keys.create(database, "agent", ["read"])
    with pytest.raises(keys.AccountScopesDifferError):
        keys.create(database, "agent", ["read", "steward"])
    with pytest.raises(keys.KeyNotFoundError):
        keys.revoke(database, "none")
    with pytest.raises(keys.AccountNotFoundError):
        keys.grant(database, "nobody", ["read"], datetime.now(UTC), ("ann", "no reason"))


def test_an_account_may_have_two_keys_so_that_one_can_be_replaced(database: Database, api: TestClient) -> None:
    old, new = keys.create(database, "agent", ["read"]), keys.create(database, "agent", ["read"])
    keys.revoke(database, old.key.split("_")[1])
    assert [ask(api, made.key)[0] for made in (old, new)] == [401, 200]
    assert [row.account for row in keys.listing(database)] == ["agent", "agent"]
