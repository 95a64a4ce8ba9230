"""One thing in several places is one record, and is gone once it is in none; until the sync ends nobody is."""

import pytest
from sqlalchemy import Connection, text

from connectors.landing import places
from connectors.records import Gone
from sql.database import Database

HERE = ("mail", "messages")


@pytest.fixture
def landed(database: Database) -> Database:
    """Records a, b and c; a lies in two places."""
    with database.begin() as connection:
        for key in "abc":
            connection.execute(
                text(
                    "insert into landing.record (ref, source, stream, key, payload, content_hash) "
                    "values ('mail/messages/' || :key, 'mail', 'messages', :key, '{}', '')"
                ),
                {"key": key},
            )
        places.note(connection, HERE, [], [("INBOX\t1", "a"), ("INBOX\t2", "b"), ("Sent\t1", "a"), ("Sent\t2", "c")])
    return database


def lost(connection: Connection) -> tuple[int, int, str]:
    """(how many were counted, how many marked, the keys that live)."""
    counted, marked = places.count_lost(connection, *HERE), places.tombstone_lost(connection, *HERE)
    keys = connection.execute(text("select string_agg(key, '' order by key) from landing.record where deleted_at is null")).scalar_one()
    return counted, marked, keys or ""


@pytest.mark.parametrize(
    ("gone", "living"),
    [
        ([Gone("INBOX\t1")], "abc"),
        ([Gone("INBOX\t1"), Gone("Sent\t1")], "bc"),
        ([Gone("INBOX\t1", "INBOX\t2")], "ac"),
        ([Gone("INBOX\t1", "Sent\t9", ["Sent\t1"])], "a"),
        ([Gone.under("Sent\t")], "ab"),
        ([Gone.under("Sen")], "ab"),
        ([Gone.under("sent\t")], "abc"),
        ([Gone.under("")], ""),
    ],
)
def test_who_has_no_place_left_is_gone(landed: Database, gone: list[Gone], living: str) -> None:
    with landed.begin() as connection:
        places.note(connection, HERE, gone, [])
        assert lost(connection) == (3 - len(living), 3 - len(living), living)
        assert lost(connection) == (0, 0, living)


def test_what_is_found_again_before_the_end_was_never_gone(landed: Database) -> None:
    with landed.begin() as connection:
        places.note(connection, HERE, [Gone.under("")], [("Archive\t1", "b"), ("INBOX\t1", "a")])
        places.note(connection, HERE, [], [("Sent\t2", "c")])
        assert lost(connection) == (0, 0, "abc")


def test_whose_place_is_taken_by_another_is_gone_from_there(landed: Database) -> None:
    with landed.begin() as connection:
        places.note(connection, HERE, [], [("INBOX\t2", "a")])
        assert lost(connection) == (1, 1, "ac")


def test_another_source_has_places_of_its_own(landed: Database) -> None:
    with landed.begin() as connection:
        places.note(connection, ("other", "messages"), [Gone.under(""), Gone("INBOX\t1")], [("INBOX\t1", "a")])
        assert lost(connection) == (0, 0, "abc")
