"""Forty kills on a company of a hundred organisations: the end is the same as if none had happened."""

import os
import random
from pathlib import Path

from crosswalk.demo import declare
from crosswalk.sandbox import build, serve
from sql.database import Database
from tests.acceptance.conftest import Company
from tests.acceptance.test_crash import STATEMENTS, killed_at
from tests.conftest import copy_of
from tests.state import digests, rows

KILLS = int(os.environ.get("CROSSWALK_TEST_KILLS", "40"))
ORGANIZATIONS = 100


def test_killed_forty_times_it_ends_as_if_uninterrupted(tmp_path: Path, database: Database, server: Database, template: str) -> None:
    moments = random.Random(17)
    sandbox = build(tmp_path / "sandbox", organizations=ORGANIZATIONS)
    with serve(sandbox) as served:
        company = Company(sandbox, served, declare(tmp_path, sandbox, served))
        hits = sum(killed_at(moments.randint(1, STATEMENTS), company.config, database) for _ in range(KILLS))
        assert hits >= KILLS / 2, "most runs ended before they were killed: the moments are too late to show anything"
        company.sync(database)
        with copy_of(server, template) as uninterrupted:
            company.sync(uninterrupted)
            with database.begin() as found, uninterrupted.begin() as wanted:
                expected = digests(wanted)
                differing = [name for name, digest in digests(found).items() if digest != expected[name]]
                shown = {name: sorted(set(rows(found, name)) ^ set(rows(wanted, name)))[:6] for name in differing}
    assert shown == {}
