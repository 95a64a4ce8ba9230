"""BottleCRM (django-crm) on the embedded PostgreSQL: its tables are made once, filled once, and copied for each use."""

import hashlib
import itertools
import json
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import httpx
from sqlalchemy import text

from crosswalk.sandbox.vocabulary import COUNTRIES
from sql import embedded
from sql.database import Database
from tests.live.proof import System
from tests.live.systems.company import company
from tests.live.systems.environment import environment, kept, python_of, said
from tests.live.systems.process import free_port, running

PACKAGES = ("django-crm==1.35.*",)
SEED = Path(__file__).with_name("bottlecrm_seed.py")
CODES = {country.name: country.code for country in COUNTRIES}


@contextmanager
def bottlecrm() -> Iterator["BottleCrm"]:
    """A BottleCRM that holds the made company's customers, until the block is left."""
    told, name = json.loads((seeded() / "keys.json").read_text()), f"live_{uuid.uuid4().hex[:8]}"
    with server(tables()) as at, tempfile.TemporaryDirectory(prefix="crosswalk-bottlecrm-") as folder:
        port = free_port()
        command = [str(programs() / "gunicorn"), "crm.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "2", "--timeout", "120"]
        execute(at, f'CREATE DATABASE "{name}" TEMPLATE seeded')
        database = Database(at.url.set(database=name))
        try:
            with (
                running(command, port, Path(folder), settings(at, name)),
                httpx.Client(
                    base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {told['operator']}"}, timeout=60
                ) as client,
            ):
                yield BottleCrm(client, database, told["keys"])
        finally:
            database.close()
            execute(at, f'DROP DATABASE "{name}" WITH (FORCE)')


def programs() -> Path:
    return environment("bottlecrm", PACKAGES, python_of((3, 12)))


@contextmanager
def server(folder: Path) -> Iterator[Database]:
    """The maintenance database of a server whose data lies in the folder."""
    at = Database(embedded.start(folder))
    try:
        yield at
    finally:
        at.close()


def execute(at: Database, statement: str) -> None:
    with at.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


def settings(at: Database, database: str) -> dict[str, str]:
    """As BottleCRM reads them from its environment; the server listens on a socket in a folder. There is no broker for its mails."""
    return {
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "SECRET_KEY": "conformance-secret-of-the-application-itself-0123",
        "CELERY_BROKER_URL": "memory://",
        "CELERY_RESULT_BACKEND": "disabled://",
        "DBHOST": str(at.url.query["host"]),
        "DBNAME": database,
        "DBUSER": at.url.username or "postgres",
        "DBPASSWORD": "unused",
    }


def tables() -> Path:
    """The folder of a server with the database `empty`, which has BottleCRM's tables."""
    return kept("bottlecrm", "tables", PACKAGES, _migrated)


def seeded() -> Path:
    """The folder that tells which keys the made company's records became in the database `seeded`."""
    made_of = [tables().name, (company().folder / "manifest.json").read_text(), SEED.read_text()]
    return kept("bottlecrm", "seeded", made_of, _seeded)


def _migrated(folder: Path) -> None:
    with server(folder) as at:
        execute(at, "CREATE DATABASE empty")
        said([str(programs() / "django-admin"), "migrate", "--verbosity", "0"], **settings(at, "empty"))


def _seeded(folder: Path) -> None:
    (folder / "seed.json").write_text(json.dumps(rows()), "utf-8")
    script = f"import django; django.setup(); exec(open({str(SEED)!r}).read())"
    places = {"SEED": str(folder / "seed.json"), "KEYS": str(folder / "keys.json")}
    with server(tables()) as at:
        execute(at, "DROP DATABASE IF EXISTS seeded")
        execute(at, "CREATE DATABASE seeded TEMPLATE empty")
        said([str(programs() / "python"), "-c", script], **settings(at, "seeded"), **places)


def rows() -> dict[str, Any]:
    """The made company's CRM, as BottleCRM would hold it; it wants names of accounts and addresses of contacts to be unique."""
    crm = company().crm
    accounts = {f"crm/companies/{key}": account(one["properties"]) for key, one in crm.companies.items() if not one["archived"]}
    accounts = {ref: accounts[ref] for ref in {row["name"].lower(): ref for ref, row in reversed(accounts.items())}.values()}
    contacts = {f"crm/contacts/{key}": contact(one["properties"]) for key, one in crm.contacts.items() if not one["archived"]}
    deals = [deal(one["properties"], linked("deals", key)) for key, one in crm.deals.items()]
    cases = [case(one["properties"], linked("tickets", key)) for key, one in crm.tickets.items()]
    return {"accounts": accounts, "contacts": contacts, "opportunities": deals, "cases": cases}


def linked(kind: str, key: str) -> dict[str, Any]:
    """The account and the contacts of a record, by their references."""
    found = {other: company().crm.associations.get(f"{kind}/{other}", {}).get(key, []) for other in ("companies", "contacts")}
    return {
        "account": f"crm/companies/{found['companies'][0]}" if found["companies"] else None,
        "contacts": [f"crm/contacts/{one}" for one in found["contacts"]],
    }


def account(said: Mapping[str, str]) -> dict[str, Any]:
    website = said.get("website", "")
    fields = {name: said[name] for name in ("vat_number", "erp_customer_number") if said.get(name)}
    return {
        "name": said["name"],
        "phone": said.get("phone"),
        "website": f"https://{website}" if website and "://" not in website else website or None,
        "address_line": said.get("address"),
        "city": said.get("city"),
        "state": said.get("state"),
        "postcode": said.get("zip"),
        "country": CODES.get(said.get("country", "")),
        "custom_fields": fields,
    }


def contact(said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "first_name": said.get("firstname", ""),
        "last_name": said.get("lastname", ""),
        "email": said.get("email") or None,
        "phone": said.get("mobilephone") or said.get("phone"),
        "organization": said.get("company"),
        "title": said.get("jobtitle"),
        "country": CODES.get(said.get("country", "")),
        "account": f"crm/companies/{said['associatedcompanyid']}" if said.get("associatedcompanyid") else None,
    }


def deal(said: Mapping[str, str], links: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": said["dealname"], "amount": said["amount"], "currency": said["deal_currency_code"], **links}


def case(said: Mapping[str, str], links: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": said["subject"][:64], "description": said["content"], "status": "New", "priority": "Normal", **links}


class BottleCrm(System):
    """Its credential is a personal access token; another one, never ended, is the operator's who changes records."""

    kind, stream = "bottlecrm", "contacts"
    streams: ClassVar[tuple[str, ...]] = ("accounts", "contacts", "leads", "opportunities", "cases")
    asks_for_changes = False

    def __init__(self, client: httpx.Client, database: Database, keys: Mapping[str, str]) -> None:
        self.client, self.database, self.keys = client, database, keys
        self.numbers = itertools.count()
        self.rotate()

    def toml(self, page: int, per_second: float) -> str:
        return "\n".join(
            [
                f'url = "{self.client.base_url}"\npage_size = {page}\nrequests_per_second = {per_second}',
                '[source.mapping.accounts]\nvat = "custom_fields.vat_number"\n"key:tryton" = "custom_fields.erp_customer_number"',
            ]
        )

    def secret(self) -> str:
        return self.token

    def expire(self) -> None:
        self._query("UPDATE personal_access_token SET revoked_at = now() WHERE name = 'crosswalk'")

    def rotate(self) -> None:
        self.token = f"bcrm_pat_conformance-secret-{next(self.numbers)}"
        known = hashlib.sha256(self.token.encode()).hexdigest()
        self._query(f"UPDATE personal_access_token SET revoked_at = NULL, token_hash = '{known}' WHERE name = 'crosswalk'")

    def truth(self) -> Mapping[str, str]:
        return {str(key): f"{first} {last}" for key, first, last in self._query("SELECT id, first_name, last_name FROM contacts")}

    def create(self, name: str) -> str:
        first, last = name.split(" ", 1)
        self._done("POST", "/api/contacts/", {"first_name": first, "last_name": last})
        return next(key for key, known in self.truth().items() if known == name)

    def update(self, key: str, name: str) -> None:
        self._done("PATCH", f"/api/contacts/{key}/", dict(zip(("first_name", "last_name"), name.split(" ", 1), strict=True)))

    def delete(self, key: str) -> None:
        self._done("DELETE", f"/api/contacts/{key}/", None)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return f"{payload['first_name']} {payload['last_name']}"

    def change(self, key: str | None, name: str) -> Mapping[str, Any] | None:
        return dict(zip(("first_name", "last_name"), name.split(" ", 1), strict=True))

    def _done(self, method: str, path: str, body: Any) -> None:
        answer = self.client.request(method, path, json=body)
        assert answer.is_success, answer.text

    def _query(self, statement: str) -> list[Any]:
        with self.database.begin() as connection:
            found = connection.execute(text(statement))
            return list(found) if found.returns_rows else []
