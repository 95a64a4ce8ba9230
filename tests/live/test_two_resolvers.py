"""Two resolvers on one database for a minute while records change: no deadlock, and everything as one resolver would have made it.

CROSSWALK_TEST_SECONDS sets how long, CROSSWALK_TEST_SEED which changes.
"""

import multiprocessing
import os
import random
import time
from typing import Any

from resolution.identity.resolver import resolve
from resolution.settings import Settings
from sql.database import Database
from tests.conftest import copy_of
from tests.integration.people_and_companies import delete, hand_over_model, put, version_in_force
from tests.integration.test_resolver_histories import History

SECONDS = float(os.environ.get("CROSSWALK_TEST_SECONDS", "60"))
SEED = int(os.environ.get("CROSSWALK_TEST_SEED", "5"))
FORKS = multiprocessing.get_context("forkserver")
LIMITS = Settings(batch=7)
REFS = [f"{source}/companies/{number}" for source in ("crm", "erp", "mail") for number in range(40)]
NAMES = ("Acme Tools GmbH", "Acme Tools", "Borg Foods Ltd", "Acme Works AG", "Kessler Antriebe", "Nordwind Pumpen")


def resolve_until(url: str, until: float) -> None:
    """The process of one resolver: any error, a deadlock too, ends it with a status that is not 0."""
    with Database(url) as database:
        while time.time() < until:
            resolve(database, settings=LIMITS)


def any_record(chance: random.Random) -> dict[str, list[Any]]:
    record: dict[str, list[Any]] = {"name": [chance.choice(NAMES)]}
    if chance.random() < 0.5:
        record["website"] = [chance.choice(("acme.de", "borg.co.uk", "nordwind-pumpen.de"))]
    if chance.random() < 0.3:
        record["vat"] = [chance.choice(("DE136695976", "DE811569869"))]
    return record


def test_two_resolvers_at_once_find_what_one_finds(database: Database, server: Database, template: str) -> None:
    chance, until = random.Random(SEED), time.time() + SECONDS
    url = database.url.render_as_string(hide_password=False)
    put(database, {ref: any_record(chance) for ref in REFS})
    resolve(database, settings=LIMITS)
    pair = [FORKS.Process(target=resolve_until, args=(url, until)) for _ in range(2)]
    for one in pair:
        one.start()
    while time.time() < until:
        changed = {ref: any_record(chance) for ref in chance.sample(REFS, 5)}
        put(database, changed)
        gone = chance.sample(sorted(set(REFS) - set(changed)), 1)
        delete(database, gone)
        time.sleep(0.05)
    for one in pair:
        one.join(60)
    assert [one.exitcode for one in pair] == [0, 0]
    resolve(database, settings=LIMITS)
    assert_alone_agrees(database, server, template)


def assert_alone_agrees(database: Database, server: Database, template: str) -> None:
    """One resolver, given the records as they ended and the same model, finds the same. Left to itself it would choose another: there were
    more records when the pair's model was chosen, and the fewer there are, the likelier the shipped model takes two of them to match."""
    with database.begin() as connection:
        records = connection.exec_driver_sql("select ref, attributes from staging.party_record where deleted_at is null").all()
    with copy_of(server, template) as alone:
        version = hand_over_model(database, alone)
        put(alone, {row.ref: row.attributes for row in records})
        resolve(alone, settings=Settings())
        assert version_in_force(alone) == version
        assert History(database).derived() == History(alone).derived()
