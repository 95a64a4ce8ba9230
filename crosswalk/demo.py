"""The main job on a made company: serve its systems, sync them, resolve, and measure against the known truth.

Everything lies under one folder for each size and seed, so a second run finds what the first one made and only checks what is new.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from threading import Thread
from time import sleep

import uvicorn
from sqlalchemy import func, select

from context_api.app import create_app
from context_api.keys import create
from crosswalk.listening import address
from crosswalk.sandbox import Sandbox, Urls
from crosswalk.sandbox.vocabulary import TENANT, TENANT_DOMAIN, TENANT_LEGAL_NAME
from sql.database import Database
from sql.settings import Settings
from sql.tables import identity, landing, staging

ALL_SCOPES = ("admin", "source:*", "class:*")

DECLARATION = """\
# Written by `crosswalk demo`: the four systems of a made company, served on this machine while the demo runs.
own_domains = {own_domains}
own_names = {own_names}

[[source]]
name = "crm"
kind = "hubspot"
url = "{hubspot}"
secret = "file:{folder}/hubspot-token"
authority = 0.7

[[source]]
name = "erp"
kind = "odoo"
url = "{odoo}"
secret = "file:{folder}/odoo-key"
authority = 0.9

[[source]]
name = "mail"
kind = "mailbox"
path = "{maildir}"
authority = 0.5

[[source]]
name = "documents"
kind = "documents"
path = "{documents}"
authority = 0.6
"""


@dataclass(frozen=True, slots=True)
class Score:
    """How the groups compare with the truth, over all pairs of party records whose truth is known."""

    records: int
    parties: int
    true_parties: int
    precision: float
    recall: float
    wrong: int  # pairs that are together and should not be
    missed: int

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.precision + self.recall else 0.0


def score(found: Mapping[str, str], truth: Mapping[str, str]) -> Score:
    """Pairwise precision and recall of `found` (ref -> party) against `truth` (ref -> true party)."""
    refs = found.keys() & truth.keys()
    together, said, true = (
        sum(size * (size - 1) // 2 for size in Counter(key(ref) for ref in refs).values())
        for key in (lambda ref: (found[ref], truth[ref]), lambda ref: found[ref], lambda ref: truth[ref])
    )
    return Score(
        records=len(refs),
        parties=len({found[ref] for ref in refs}),
        true_parties=len({truth[ref] for ref in refs}),
        precision=together / said if said else 1.0,
        recall=together / true if true else 1.0,
        wrong=said - together,
        missed=true - together,
    )


def memberships(database: Database) -> dict[str, str]:
    """Record ref -> party id, as resolved."""
    record, member = staging.party_record, identity.membership
    query = select(record.c.ref, member.c.party_id).join(member, member.c.record_id == record.c.id).where(member.c.valid_to_at.is_(None))
    with database.begin() as connection:
        return {row.ref: row.party_id for row in connection.execute(query)}


def declare(folder: Path, sandbox: Sandbox, served: Urls) -> Path:
    """Write the crosswalk.toml of the sandbox, and its tokens in files beside it; returns its path."""
    path, folder = folder / "crosswalk.toml", folder.resolve()
    for name, secret in (("hubspot-token", served.hubspot_token), ("odoo-key", served.odoo_key)):
        (folder / name).write_text(secret, "utf-8")
    text = DECLARATION.format(
        folder=folder,
        hubspot=served.hubspot,
        odoo=served.odoo,
        maildir=sandbox.maildir.resolve(),
        documents=sandbox.documents.resolve(),
        own_domains=[TENANT_DOMAIN],
        own_names=[TENANT, TENANT_LEGAL_NAME],
    )
    path.write_text(text, "utf-8")
    return path


def own_home(settings: Settings, folder: Path) -> Settings:
    """The demo has a database of its own, so that made customers never mix with true ones: embedded, under its folder."""
    return settings if settings.database_url else Settings(home=folder)


class OtherDataError(Exception):
    """The database of CROSSWALK_DATABASE_URL holds other data, and the demo would mix made customers into it. Give it an empty one."""


def refuse_other_data(database: Database, sandbox: Sandbox) -> None:
    """Raises OtherDataError where the database has sources, and they are not this sandbox's."""
    table = landing.source
    with database.begin() as connection:
        sources = {row.name: row.settings for row in connection.execute(select(table.c.name, table.c.settings))}
    if sources and sources.get("mail", {}).get("path") != str(sandbox.maildir.resolve()):
        raise OtherDataError(OtherDataError.__doc__)


def open_reviews(database: Database) -> int:
    """How many reviews wait for a steward."""
    with database.begin() as connection:
        return connection.scalar(select(func.count()).select_from(identity.review).where(identity.review.c.status == "open")) or 0


def demo_key(database: Database) -> str:
    """A new key that may see and do everything, for whoever looks at the demo."""
    return create(database, "demo", ALL_SCOPES).key


@contextmanager
def serving(database: Database, listener: socket) -> Iterator[str]:
    """Serve the API in a thread; yields its address once it answers. Raises NotServedError."""
    server = uvicorn.Server(uvicorn.Config(create_app(database), log_level="warning", server_header=False))
    thread = Thread(target=server.run, args=([listener],), name="api", daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise NotServedError(NotServedError.__doc__)
        sleep(0.02)
    try:
        yield address(listener)
    finally:
        server.should_exit = True
        thread.join(timeout=10)


class NotServedError(Exception):
    """The API did not start. The lines above say why."""
