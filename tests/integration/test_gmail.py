"""What is particular to Gmail: history that is too old, and labels that make a mail unwanted or wanted again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.landing.sync import sync_stream
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.gmail import GmailWorld


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GmailWorld]:
    made = GmailWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", made.secret())
    with made.serve():
        yield made


@pytest.fixture
def source(world: GmailWorld) -> SourceDeclaration:
    return world.declaration("mail")


def landed(database: Database, world: GmailWorld) -> set[str]:
    columns = landing.record.c
    with database.begin() as connection:
        return {world.key_of(key) for key in connection.execute(select(columns.key).where(columns.deleted_at.is_(None))).scalars()}


def test_history_that_is_too_old_leads_to_reading_all_anew_and_what_is_gone_is_noticed(
    world: GmailWorld, source: SourceDeclaration, database: Database
) -> None:
    world.shelf.fill(6)
    sync_stream(database, source, "messages")
    world.shelf.remove("2")
    world.shelf.put("9", "New")
    world.forgotten = len(world.shelf.events)
    report = sync_stream(database, source, "messages")
    assert landed(database, world) == set(world.shelf.truth())
    assert (report.counts.written, report.counts.tombstoned) == (1, 1)


def test_what_is_labelled_spam_is_gone_and_comes_back_without_the_label_and_any_other_label_changes_nothing(
    world: GmailWorld, source: SourceDeclaration, database: Database
) -> None:
    world.shelf.fill(3)
    sync_stream(database, source, "messages")
    spam, starred = world.shelf.ids["1"], world.shelf.ids["2"]
    world.labels[spam] = ["SPAM"]
    world.relabelled = [(3, "labelsAdded", spam, "SPAM"), (3, "labelsAdded", starred, "STARRED")]
    report = sync_stream(database, source, "messages")
    assert (report.counts.written, report.counts.tombstoned) == (0, 1)
    assert landed(database, world) == {"2", "3"}
    world.labels.clear()
    world.relabelled = [(3, "labelsRemoved", spam, "SPAM")]
    sync_stream(database, source, "messages")
    assert landed(database, world) == {"1", "2", "3"}


def test_a_draft_is_not_landed(world: GmailWorld, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(2)
    world.labels[world.shelf.ids["2"]] = ["DRAFT"]
    sync_stream(database, source, "messages")
    assert landed(database, world) == {"1"}


def test_an_answer_too_large_is_asked_for_in_halves(
    world: GmailWorld, source: SourceDeclaration, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.http.door.MAX_ANSWER", 2000)
    world.shelf.fill(4)
    world.shelf.put("5", "Large " * 400)
    report = sync_stream(database, source, "messages")
    assert landed(database, world) == {"1", "2", "3", "4"}
    assert report.counts.quarantined == 1
