"""OAuth and sessions, against a vendor whose refresh tokens are good once and whose access tokens end."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors import sources
from connectors.account.entrance import Access, Account, Patience
from connectors.account.in_database import InDatabase
from connectors.account.shared import EARLY, InProcess, Rate, Shared
from connectors.errors import AuthenticationError, ConfigurationError, SchemaError, TransientError
from connectors.http.authentication import Session
from connectors.http.door import Door
from connectors.http.oauth import OAuth, OAuthSettings
from sql.database import Database
from tests.integration.conformance.tokens import Tokens
from tests.integration.conformance.world import listening

FAST = Rate(1000, 1000)


class Vendor:
    """Its data needs a good token; refused counts what came without."""

    def __init__(self) -> None:
        self.tokens, self.refused, self.url = Tokens(), 0, ""
        self.doors: list[Door] = []

    async def data(self, request: Request) -> Response:
        if self.tokens.knows(request):
            return JSONResponse({"fine": True})
        self.refused += 1
        return JSONResponse({}, 401)

    async def token(self, request: Request) -> Response:
        return await self.tokens.answer(request)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Vendor]:
    monkeypatch.setenv("REFRESH", Tokens.FIRST)
    monkeypatch.setenv("CLIENT", "conformance-secret-client")
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))
    vendor = Vendor()
    with listening(Starlette(routes=[Route("/data", vendor.data), Route("/token", vendor.token, methods=["POST"])])) as vendor.url:
        yield vendor
        for door in vendor.doors:
            door.close()


def asking(vendor: Vendor, shared: Shared, **said: Any) -> Door:
    """A door that asks by OAuth."""
    account = Account("shop", FAST, shared)
    settings = OAuthSettings(**{"client_id": "us", "client_secret": "env:CLIENT", "refresh_token": "env:REFRESH", **said})
    door = Door(vendor.url, OAuth(settings, account, f"{vendor.url}/token"), account)
    door.patience = Patience(deadline=10, attempts=2, longest_wait=0.05)
    vendor.doors.append(door)
    return door


def test_a_token_is_renewed_before_its_end_and_not_after_a_refusal(vendor: Vendor, database: Database) -> None:
    door = asking(vendor, InDatabase(database))
    door.get("/data")
    for left, renewals in ((120, 1), (59, 2), (3600, 2)):
        with database.begin() as connection:
            connection.execute(text(f"update landing.credential set expires_at = clock_timestamp() + interval '{left} seconds'"))
        asking(vendor, InDatabase(database)).get("/data")
        assert len(vendor.tokens.asked) == renewals
    held = door.authentication
    assert isinstance(held, OAuth)
    assert held._held is not None
    held._held = replace(held._held, ends=time.monotonic() + 30)
    door.get("/data")  # another process has renewed it: nobody need be asked
    assert (len(vendor.tokens.asked), vendor.refused) == (2, 0)


def test_one_that_ends_before_its_time_is_renewed_once_whoever_notices(vendor: Vendor, database: Database) -> None:
    doors = [asking(vendor, InDatabase(database)) for _ in range(4)]
    for door in doors:
        door.get("/data")
    vendor.tokens.expire()
    threads = [threading.Thread(target=door.get, args=("/data",)) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vendor.tokens.asked) == 2
    assert vendor.tokens.refresh == "conformance-secret-refresh-2"


def test_the_last_refresh_token_is_known_to_the_next_process(vendor: Vendor, database: Database) -> None:
    vendor.tokens.lifetime = 0.01
    for _ in range(3):
        asking(vendor, InDatabase(database)).authentication.headers()
    assert [one["refresh_token"] for one in vendor.tokens.asked] == [f"conformance-secret-refresh-{number}" for number in range(3)]


def test_a_refused_line_says_so_once_and_a_newly_declared_one_is_taken_up(
    vendor: Vendor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = asking(vendor, InDatabase(database))
    door.get("/data")
    vendor.tokens.expire()
    vendor.tokens.refresh = "conformance-secret-stolen"
    with pytest.raises(AuthenticationError, match="400 invalid_grant") as caught:
        door.get("/data")
    assert "Authorise" in caught.value.action
    assert "conformance-secret" not in f"{caught.value} {caught.value.action}"
    assert len(vendor.tokens.asked) == 2
    monkeypatch.setenv("REFRESH", "conformance-secret-new")
    vendor.tokens.refresh = "conformance-secret-new"
    assert asking(vendor, InDatabase(database)).get("/data") == {"fine": True}


def test_with_the_key_to_what_was_kept_the_line_is_lost_until_a_new_one_is_declared(
    vendor: Vendor, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asking(vendor, InDatabase(database)).get("/data")
    (tmp_path / "home" / "credentials.key").unlink()
    with pytest.raises(ConfigurationError, match="is not there"):
        asking(vendor, InDatabase(database)).get("/data")
    assert len(vendor.tokens.asked) == 1
    monkeypatch.setenv("REFRESH", "conformance-secret-new")
    vendor.tokens.refresh = "conformance-secret-new"
    assert asking(vendor, InDatabase(database)).get("/data") == {"fine": True}


def test_a_token_that_is_good_for_a_little_is_used_where_none_is_given_just_now(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.oauth.PATIENCE", Patience(attempts=2, longest_wait=0.01))
    shared = InProcess()
    asking(vendor, shared).get("/data")
    vendor.tokens.status = 503
    held = shared.token("shop")
    assert held is not None
    shared.renew("shop", held, lambda _: replace(held, lifetime=4 * EARLY, ends=time.monotonic() + EARLY / 2))
    door = asking(vendor, shared)
    assert door.get("/data") == door.get("/data") == {"fine": True}
    assert len(vendor.tokens.asked) == 3  # and not once more for each request
    shared.renew("shop", held, lambda _: replace(held, ends=time.monotonic() - 1))
    with pytest.raises(TransientError, match="503"):
        asking(vendor, shared).get("/data")


KILLED = """
import sys, time
from connectors.account.in_database import InDatabase
from connectors.http.oauth import OAuth, OAuthSettings
from connectors.account.entrance import Account
from sql.database import Database
shared = InDatabase(Database(sys.argv[1]))
settings = OAuthSettings(client_id="us", refresh_token="env:REFRESH")
OAuth(settings, Account("shop", shared=shared), sys.argv[2]).headers()
print("renewed", flush=True)
time.sleep(60)
"""


def killed(database: Database, vendor: Vendor, *, after: str) -> None:
    """A process renews the token, and is killed before the vendor has answered, or when it has what it asked for."""
    told = database.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", KILLED, told, f"{vendor.url}/token"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if after == "renewed":
            assert process.stdout.readline() == "renewed\n"
        else:
            while not os.path.exists(after):
                time.sleep(0.02)
        process.send_signal(signal.SIGKILL)


def test_a_process_killed_after_a_renewal_leaves_what_it_got(vendor: Vendor, database: Database) -> None:
    killed(database, vendor, after="renewed")
    assert asking(vendor, InDatabase(database), client_secret=None).get("/data") == {"fine": True}
    assert len(vendor.tokens.asked) == 1


def test_a_process_killed_before_the_vendor_heard_it_keeps_nobody_from_renewing(
    vendor: Vendor, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = vendor.tokens.answer

    async def lost(request: Request) -> Response:
        (tmp_path / "asked").touch()
        return JSONResponse({}, 503)

    monkeypatch.setattr(vendor.tokens, "answer", lost)
    killed(database, vendor, after=str(tmp_path / "asked"))
    monkeypatch.setattr(vendor.tokens, "answer", answer)
    assert asking(vendor, InDatabase(database), client_secret=None).get("/data") == {"fine": True}


def test_a_changed_client_secret_is_taken_up_and_requests_for_tokens_are_logged(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Access] = []
    door = asking(vendor, InProcess())
    door.on_access = log.append
    door.get("/data")
    monkeypatch.setenv("CLIENT", "conformance-secret-changed")
    vendor.tokens.expire()
    door.get("/data")
    assert [one["client_secret"] for one in vendor.tokens.asked] == ["conformance-secret-client", "conformance-secret-changed"]
    assert [(one.path, one.status) for one in log] == [("/token", 200), ("/data", 200), ("/data", 401), ("/token", 200), ("/data", 200)]


def test_client_credentials_go_in_the_form_or_as_basic(vendor: Vendor) -> None:
    grant = {"grant": "client_credentials", "refresh_token": None, "scope": "read all", "parameters": {"resource": "crm"}}
    asking(vendor, InProcess(), **grant).get("/data")
    asking(vendor, InProcess(), client_authentication="basic", **grant).get("/data")
    form, basic = vendor.tokens.asked
    assert (form["grant_type"], form["client_id"], form["client_secret"]) == ("client_credentials", "us", "conformance-secret-client")
    assert (form["scope"], form["resource"]) == ("read all", "crm")
    assert basic["authorization"] == f"Basic {base64.b64encode(b'us:conformance-secret-client').decode()}"
    assert "client_secret" not in basic


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_an_assertion_is_signed_and_says_who_asks(vendor: Vendor, tmp_path: Path, algorithm: Any) -> None:
    key: Any = ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key").write_bytes(pem)
    said = {
        "algorithm": algorithm,
        "private_key": f"file:{tmp_path / 'key'}",
        "key_id": "cert-1",
        "refresh_token": None,
        "client_secret": None,
    }
    asking(vendor, InProcess(), grant="jwt_bearer", subject="ann@x.example", audience="https://login.example", **said).get("/data")
    asking(vendor, InProcess(), grant="client_credentials", claims={"scope": ["rest"]}, **said).get("/data")
    bearer, client = vendor.tokens.asked
    claims = jwt.decode(bearer["assertion"], key.public_key(), [algorithm], audience="https://login.example")
    assert (claims["iss"], claims["sub"]) == ("us", "ann@x.example")
    assert jwt.get_unverified_header(bearer["assertion"])["kid"] == "cert-1"
    claims = jwt.decode(client["client_assertion"], key.public_key(), [algorithm], audience=f"{vendor.url}/token")
    assert (claims["iss"], claims["sub"], claims["scope"]) == ("us", "us", ["rest"])
    google = {"private_key": pem.decode(), "client_email": "robot@x.example", "private_key_id": "g1"}
    (tmp_path / "key").write_text(json.dumps(google))
    asking(vendor, InProcess(), grant="jwt_bearer", **{**said, "key_id": "", "client_id": ""}).get("/data")
    assert jwt.decode(vendor.tokens.asked[-1]["assertion"], options={"verify_signature": False})["iss"] == "robot@x.example"
    (tmp_path / "key").write_text("no key")
    with pytest.raises(ConfigurationError, match="no key for"):
        asking(vendor, InProcess(), grant="jwt_bearer", **said).get("/data")


def test_an_answer_without_a_token_is_of_the_wrong_shape(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def odd(request: Request) -> Response:
        return JSONResponse(["nothing"])

    monkeypatch.setattr(vendor.tokens, "answer", odd)
    with pytest.raises(SchemaError, match="holds none"):
        asking(vendor, InProcess()).get("/data")


def test_a_session_is_shared_and_begun_anew_when_it_is_over(vendor: Vendor, database: Database) -> None:
    logins: list[str] = []

    def login() -> dict[str, str]:
        logins.append(f"conformance-secret-session-{len(logins)}")
        vendor.tokens.good = {logins[-1]}
        return {"Authorization": f"Bearer {logins[-1]}"}

    def door() -> Door:
        shared = InDatabase(database)
        vendor.doors.append(Door(vendor.url, Session("shop", shared, login, who="ann"), Account("shop", FAST, shared)))
        return vendor.doors[-1]

    first, second = door(), door()
    first.get("/data")
    second.get("/data")
    assert len(logins) == 1
    vendor.tokens.expire()
    first.get("/data")
    second.get("/data")
    assert len(logins) == 2


@pytest.mark.parametrize(
    ("oauth", "said"),
    [
        ('refresh_token = "1/abc"', ":6 (source 1): oauth: a secret is written as a reference"),
        ('client_id = "us"', "oauth: the grant refresh_token needs refresh_token"),
        ('refresh_token = "env:A"\ncolour = "red"', ":8 (source 1): oauth.colour: is not a key that this has"),
        ('grant = "password"', ":7 (source 1): oauth.grant: "),
    ],
)
def test_a_wrong_declaration_is_told_by_its_line_and_never_by_its_value(oauth: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        sources.parse(f'\n[[source]]\nname = "crm"\nkind = "hubspot"\n\n[source.oauth]\n{oauth}\n')
    assert said in str(caught.value)
    assert "1/abc" not in str(caught.value)
