"""Tryton 8.2 on SQLite: a database with its modules is made once and copied for each use, so a fresh Tryton takes a few seconds."""

import base64
import itertools
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import httpx

from tests.live.proof import System
from tests.live.systems.company import company
from tests.live.systems.environment import environment, kept, said
from tests.live.systems.process import free_port, running

MODULES = ("party", "company", "country", "currency", "sale", "account_invoice", "sale_opportunity")
PACKAGES = ("trytond>=8.2,<8.3", *(f"trytond-{module.replace('_', '-')}>=8.2,<8.3" for module in MODULES))
NAME, PASSWORD = "live", "conformance-secret-admin"


@contextmanager
def tryton() -> Iterator["Tryton"]:
    """A Tryton that holds the made company's customers, until the block is left."""
    with tempfile.TemporaryDirectory(prefix="crosswalk-tryton-") as folder:
        here, port = Path(folder), free_port()
        shutil.copy(seeded() / f"{NAME}.sqlite", here)
        with served(here, port) as url, httpx.Client(base_url=url, timeout=120) as client:
            yield Tryton(url, Session(client), json.loads((seeded() / "keys.json").read_text()))


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    programs = environment("tryton", PACKAGES)
    with running([str(programs / "trytond"), "-c", str(configured(folder, port)), "-d", NAME], port, folder):
        yield f"http://127.0.0.1:{port}"


def configured(folder: Path, port: int = 0) -> Path:
    path = folder / "trytond.conf"
    path.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n[session]\nmax_attempt = 5\n")
    return path


def empty() -> Path:
    """The folder of a database with the modules and nothing in it."""
    return kept("tryton", "empty", PACKAGES, _initialised)


def seeded() -> Path:
    """The folder of a database with the made company's customers in it."""
    return kept("tryton", "seeded", [empty().name, (company().folder / "manifest.json").read_text(), "2"], _seeded)


def _initialised(folder: Path) -> None:
    admin = str(environment("tryton", PACKAGES) / "trytond-admin")
    (folder / f"{NAME}.sqlite").touch()
    (folder / "password").write_text(PASSWORD)
    command = [admin, "-c", str(configured(folder)), "-d", NAME]
    said([*command, "--all", "--email", "admin@crosswalk.example", "-p"], TRYTONPASSFILE=str(folder / "password"))
    said([*command, "-u", *MODULES, "--activate-dependencies"])


def _seeded(folder: Path) -> None:
    shutil.copy(empty() / f"{NAME}.sqlite", folder)
    port = free_port()
    with served(folder, port) as url, httpx.Client(base_url=url, timeout=120) as client:
        keys = Seeding(Session(client)).seed()
    age(folder / f"{NAME}.sqlite")
    (folder / "keys.json").write_text(json.dumps(keys))


def age(database: Path) -> None:
    """As if it had been filled days ago: what is as young as a connector's lookback is read again."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for table in ("party_party", "party_address", "party_contact_mechanism", "party_identifier", "sale_sale"):
            for column in ("create_date", "write_date"):
                connection.execute(f"UPDATE {table} SET {column} = strftime('%Y-%m-%d %H:%M:%f', {column}, '-3 days')")


class Session:
    """A user's session, as Tryton's own clients have it (JSON-RPC)."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        user, key, _ = self.call("common.db.login", "admin", {"password": PASSWORD})
        self.user = user
        self.client.headers["Authorization"] = "Session " + base64.b64encode(f"admin:{user}:{key}".encode()).decode()

    def call(self, method: str, *params: Any) -> Any:
        answer = self.client.post(f"/{NAME}/rpc/", json={"id": 1, "method": method, "params": list(params)})
        found = answer.raise_for_status().json()
        assert "error" not in found, found["error"]
        return found["result"]

    def create(self, model: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        return list(self.call(f"model.{model}.create", list(rows), {}))

    def write(self, model: str, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        self.call(f"model.{model}.write", list(ids), values, {})

    def read(self, model: str, fields: Sequence[str], domain: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return list(self.call(f"model.{model}.search_read", list(domain), 0, None, None, list(fields), {}))


class Seeding:
    """The made company's ERP, as Tryton would hold it: partners are parties, sales orders are sales."""

    def __init__(self, session: Session) -> None:
        self.session, self.models = session, company().erp.models

    def seed(self) -> dict[str, str]:
        """Reference of the sandbox -> id of the party."""
        session = self.session
        groups = [one["id"] for one in session.read("res.group", ["id"])]
        session.write("res.user", [session.user], {"groups": [["add", groups]]})
        self.countries = self._by_code("country.country", {one["country_code"]: one["country_id"][1] for one in self._partners()})
        self.currencies = self._by_code("currency.currency", {name: name for name in ("EUR", "GBP", "USD")})
        (own,) = session.create("party.party", [{"name": "Crosswalk Live Ltd"}])
        (firm,) = session.create("company.company", [{"party": own, "currency": self.currencies["EUR"]}])
        session.write("res.user", [session.user], {"companies": [["add", [firm]]], "company": firm})
        parties = {one["id"]: key for one, key in zip(self._partners(), self._parties(), strict=True)}
        self._sales(firm, parties)
        return {f"erp/customers/{partner}": str(key) for partner, key in parties.items()}

    def _partners(self) -> list[dict[str, Any]]:
        return [one for one in self.models["res.partner"].values() if one["active"]]

    def _by_code(self, model: str, names: Mapping[str, str]) -> dict[str, int]:
        rows = [{"code": code, "name": name, **({"symbol": code} if "currency" in model else {})} for code, name in sorted(names.items())]
        return dict(zip(sorted(names), self.session.create(model, rows), strict=True))

    def _parties(self) -> Iterator[int]:
        for batch in batches(self._partners(), 100):
            yield from self.session.create("party.party", [self._party(one) for one in batch])

    def _party(self, one: Mapping[str, Any]) -> dict[str, Any]:
        address = {"street_unstructured": one["street"] or None, "postal_code": one["zip"] or None, "city": one["city"] or None}
        mechanisms = [{"type": name, "value": one[name]} for name in ("email", "phone", "website") if one[name]]
        company_of = one["is_company"] or one["type"] != "contact"
        vat = [{"type": vat_type(one["vat"]), "code": one["vat"]}] if one["vat"] and company_of else []
        return {
            "name": one["name"],
            **({"code": one["ref"]} if one["ref"] else {}),
            "addresses": [["create", [{**address, "country": self.countries[one["country_code"]]}]]] if one["city"] else [],
            "contact_mechanisms": [["create", mechanisms]] if mechanisms else [],
            "identifiers": [["create", vat]] if vat else [],
        }

    def _sales(self, firm: int, parties: Mapping[int, int]) -> None:
        orders = [one for one in self.models["sale.order"].values() if one["partner_id"][0] in parties]
        for batch in batches(orders, 100):
            self.session.create("sale.sale", [self._sale(one, firm, parties) for one in batch])

    def _sale(self, one: Mapping[str, Any], firm: int, parties: Mapping[int, int]) -> dict[str, Any]:
        year, month, day = (int(part) for part in one["date_order"][:10].split("-"))
        price = {"__class__": "Decimal", "decimal": f"{one['amount_untaxed']:.2f}"}
        return {
            "company": firm,
            "party": parties[one["partner_id"][0]],
            "currency": self.currencies[one["currency_id"][1]],
            "reference": one["client_order_ref"] or None,
            "description": one["x_lines_summary"][:200],
            "sale_date": {"__class__": "date", "year": year, "month": month, "day": day},
            "lines": [["create", [{"type": "line", "quantity": 1, "unit_price": price, "description": one["name"]}]]],
        }


class Tryton(System):
    """Its credential is a user application's key."""

    kind, stream = "tryton", "parties"
    streams: ClassVar[tuple[str, ...]] = ("parties", "sales", "invoices", "opportunities")

    def __init__(self, url: str, session: Session, keys: Mapping[str, str]) -> None:
        self.url, self.session, self.keys = url, session, keys
        self.numbers = itertools.count()
        self.applications: list[int] = []
        self.rotate()

    def toml(self, page: int, per_second: float) -> str:
        return f'url = "{self.url}"\ndatabase = "{NAME}"\npage_size = {page}\nrequests_per_second = {per_second}'

    def secret(self) -> str:
        return self.key

    def expire(self) -> None:
        if self.applications:
            self.session.call("model.res.user.application.cancel", self.applications, {})
        self.applications = []

    def rotate(self) -> None:
        self.expire()
        self.key = f"conformance-secret-{next(self.numbers)}"
        row = {"user": self.session.user, "application": "rest", "key": self.key}
        self.applications = self.session.create("res.user.application", [row])

    def truth(self) -> Mapping[str, str]:
        return {str(one["id"]): one["name"] for one in self.session.read("party.party", ["name"])}

    def create(self, name: str) -> str:
        return str(self.session.create("party.party", [{"name": name}])[0])

    def update(self, key: str, name: str) -> None:
        self.session.write("party.party", [int(key)], {"name": name})

    def delete(self, key: str) -> None:
        self.session.call("model.party.party.delete", [int(key)], {})

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return str(payload["name"])

    def change(self, key: str | None, name: str) -> Mapping[str, Any] | None:
        return {"name": name}


def vat_type(vat: str) -> str:
    return {"GB": "gb_vat", "CH": "ch_vat", "NO": "no_mva"}.get(vat[:2], "eu_vat" if vat[:2].isalpha() else "us_ein")


def batches(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
