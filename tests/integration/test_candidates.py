"""A steward's decisions teach a model: it is tried in the shadow, shows what it would change, and comes into force only if it is better."""

import json
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from crosswalk.cli import app
from resolution.errors import ModelNotBetterError, ModelNotFoundError, NothingResolvedError, ResolveUnfinishedError, TooFewDecisionsError
from resolution.identity import candidates, judgements
from resolution.identity.decided import evaluate, read_decided
from resolution.identity.differences import changes
from resolution.identity.rehearsal import impact
from resolution.identity.resolver import resolve
from resolution.identity.settling import present_terms
from resolution.settings import Settings
from resolution.store import models
from resolution.store.candidates import listing
from resolution.store.rehearsals import open_reviews, parties
from resolution.supervised.correction import taught
from sql import audit
from sql.database import Database
from sql.tables import identity
from tests.conftest import copy_of
from tests.integration.people_and_companies import Attributes, address, put

#: Firms of each sort, of which a steward decides so many.
FIRMS, DECIDED = 40, 30
#: The share of matches of each sort.
TRUE = {"moved": 1.0, "twins": 0.0}


@pytest.fixture(scope="module")
def undecided(server: Database, template: str) -> Iterator[str]:
    """Firms that the model joins and that are two, for they have two switchboards; and firms that it leaves apart and that have moved."""
    with copy_of(server, template) as database:
        put(database, dict(record for number, name in enumerate(names(2 * FIRMS)) for record in firm(number, name)))
        resolve(database)
        database.close()
        yield str(database.url.database)


@pytest.fixture(scope="module")
def decided(server: Database, undecided: str) -> Iterator[str]:
    """The same after sixty decisions, of which each is true."""
    with copy_of(server, undecided) as database:
        assert answer(database, DECIDED) == 2 * DECIDED
        database.close()
        yield str(database.url.database)


@pytest.fixture
def database(server: Database, decided: str) -> Iterator[Database]:
    with copy_of(server, decided) as database:
        yield database


@pytest.fixture
def fresh(server: Database, undecided: str) -> Iterator[Database]:
    with copy_of(server, undecided) as database:
        yield database


def firm(number: int, name: str) -> list[tuple[str, Attributes]]:
    """Its records in two systems."""
    sort = "moved" if number < FIRMS else "twins"
    moved = ({"address": [address("Mill Road 3", "Leeds", "LS1 4AB", "GB")]}, {"address": [address("Oak Lane 7", "York", "YO1 7HH", "GB")]})
    twins = ({"phone": [f"+44 113 49601{number:02}"]}, {"phone": [f"+44 1904 4962{number:02}"]})
    sides = zip(("crm", "erp"), moved if sort == "moved" else twins, strict=True)
    return [(f"{system}/{sort}/{number}", {"name": [f"{name} Ltd"], **said}) for system, said in sides]


def names(count: int) -> list[str]:
    beginnings = ("Bran", "Cald", "Dun", "Ever", "Frost", "Glen", "Hart", "Kirk", "Lang", "Mar")
    endings = ("bury", "combe", "dale", "field", "ford", "gate", "holme", "ley", "mere", "wick")
    found = [first + second for first, second in product(beginnings, endings)]
    return found[:count]


def answer(database: Database, most: int, matches: Mapping[str, float] = TRUE) -> int:
    """Decide at most so many reviews of each sort, of which this share are matches; returns how many."""
    with database.begin() as connection:
        rows = connection.execute(select(identity.review.c.id, identity.review.c.subject).where(identity.review.c.status == "open")).all()
    done = dict.fromkeys(TRUE, 0)
    for row in sorted(rows, key=lambda row: row.subject):
        sort = row.subject.split("/")[1]
        if done[sort] < most:
            done[sort] += 1
            is_match = round(done[sort] * matches[sort]) > round((done[sort] - 1) * matches[sort])
            judgements.decide(database, row.id, "match" if is_match else "no_match", "ann", "known to us")
    return sum(done.values())


def groups(database: Database) -> dict[int, str]:
    with database.begin() as connection:
        return parties(connection)


def asked(database: Database) -> set[str]:
    with database.begin() as connection:
        return set(open_reviews(connection))


def test_sixty_decisions_make_a_model_that_says_more_and_what_it_changes_is_known_before(database: Database) -> None:
    candidate = candidates.train(database, "ann")
    trial = candidate.figures.trial
    assert (trial.decided, trial.is_better) == (60, True)
    assert trial.right_candidate > 0.9 > 0.1 > trial.right_in_force
    assert candidate.figures.traffic["change_sides"] > 0

    before, open_before = groups(database), asked(database)
    foreseen = impact(database, candidate.version, Settings())
    assert (groups(database), asked(database)) == (before, open_before)

    with database.begin() as connection:
        former = models.in_force(connection)
    version = candidates.promote(database, candidate.version, Settings(), "ann", "it asks less")
    resolve(database, settings=Settings(rebuild_from=10, batch=50))  # everything anew, and not in the batches of the rehearsal
    after = groups(database)
    assert changes(before, after) == list(foreseen.changes)
    assert {change.sort for change in foreseen.changes} == {"merged", "split"}
    assert len(foreseen.changes) > FIRMS - DECIDED
    assert asked(database) - open_before == set(foreseen.reviews_opened)
    assert open_before - asked(database) == set(foreseen.reviews_withdrawn)

    with database.begin() as connection:
        now = models.in_force(connection)
        assert now is not None
        assert former is not None
        assert (now.version, [kept.status for kept in listing(connection)]) == (version, ["in_force", "retired"])
        assert list(audit.verify(connection)) == []
    candidates.promote(database, former.version, Settings(), "bob", "too bold")
    resolve(database)
    assert changes(before, groups(database)) == []


def test_too_few_decisions_are_counted_and_teach_nothing(fresh: Database) -> None:
    answer(fresh, 12)
    with pytest.raises(TooFewDecisionsError, match=r"of persons 20 more matches .*of organizations 8 more matches and 8 more"):
        candidates.train(fresh, "ann")
    with fresh.begin() as connection:
        connection.execute(text("delete from identity.model"))
    with pytest.raises(NothingResolvedError):
        candidates.train(fresh, "ann")


def test_a_candidate_that_is_not_better_stays_in_the_shadow(fresh: Database) -> None:
    answer(fresh, DECIDED, {"moved": 0.25, "twins": 0.85})  # as likely as the model says
    candidate = candidates.train(fresh, "ann")
    assert not candidate.figures.trial.is_better
    with pytest.raises(ModelNotBetterError, match="60 decided pairs"):
        candidates.promote(fresh, candidate.version, Settings(), "ann", "")
    with pytest.raises(ModelNotFoundError):
        candidates.promote(fresh, "0123456789abcdef", Settings(), "ann", "")
    with fresh.begin() as connection:
        assert [kept.status for kept in listing(connection)] == ["in_force", "shadow"]
        assert connection.scalar(text("select count(*) from identity.pending")) == 0


def test_a_model_is_not_rehearsed_on_what_is_half_resolved(database: Database) -> None:
    version = candidates.train(database, "ann").version
    with database.begin() as connection:
        connection.execute(text("insert into identity.ungrouped select min(id), true from staging.party_record"))
    with pytest.raises(ResolveUnfinishedError):
        impact(database, version, Settings())


def test_what_was_decided_after_the_training_counts_as_the_candidate_weighs_it(database: Database) -> None:
    candidate = candidates.train(database, "ann")
    answer(database, 5)
    later = candidates.shadow(database, candidate.version, "ann")
    assert later.figures.trial.decided == 70
    assert later.figures.trial.is_better
    with database.begin() as connection:
        kept = {each.version: each for each in listing(connection)}[candidate.version]
    assert kept.training["trial"] == later.figures.trial.to_json()


def test_what_was_taught_outlasts_a_model_that_is_chosen_again(database: Database) -> None:
    candidate = candidates.train(database, "ann")
    candidates.promote(database, candidate.version, Settings(), "ann", "")
    resolve(database)
    with database.begin() as connection:
        before = models.in_force(connection)
    put(database, {f"crm/more/{key}": {"name": [f"Quern {key} Ltd"]} for key in range(180)})
    resolve(database)
    with database.begin() as connection:
        after = models.in_force(connection)
    assert before is not None
    assert after is not None
    assert before.version != after.version
    assert taught(after.model) == taught(before.model) != {}


def test_decisions_are_weighed_as_if_nobody_had_made_them(database: Database) -> None:
    with database.begin() as connection:
        decided = read_decided(connection, present_terms(connection))
    assert decided.lessons.match.sum() == DECIDED
    assert ((decided.weight > 0) != decided.lessons.match).all()
    assert len(set(decided.lessons.group.tolist())) == 2 * DECIDED


def test_the_model_in_force_is_held_against_the_decisions(database: Database) -> None:
    with database.begin() as connection:
        found = evaluate(connection, present_terms(connection), errors=2)
    quality = found.quality
    assert (quality.joined, quality.true, quality.both) == (DECIDED, DECIDED, 0)
    assert [mistake.sort for mistake in found.mistakes] == ["joined"] * 2 + ["missed"] * 2
    assert found.pairs is not None
    assert found.pairs.error > 0.5
    assert found.curve is not None
    assert found.curve.best.threshold < 0


def test_a_steward_does_all_of_it_at_the_command_line(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CROSSWALK_DATABASE_URL", database.url.render_as_string(hide_password=False))

    def typed(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout

    figures = json.loads(typed("eval", "--json", "--html", str(tmp_path / "page.html")))
    assert figures["quality"]["f1"] == 0
    assert "What stewards decided" in (tmp_path / "page.html").read_text("utf-8")
    trained = json.loads(typed("model", "train", "--as", "ann", "--json"))
    assert trained["trial"]["better"] is True
    assert "60 decided pairs" in typed("model", "shadow", trained["version"])
    foreseen = json.loads(typed("model", "impact", trained["version"], "--json", "--sample", "3"))
    assert (len(foreseen["changes"]), foreseen["regrouped"]) == (3, 0)
    assert f"{foreseen['merged']} merged" in typed("model", "impact", trained["version"])
    former = {row["status"]: row["version"] for row in json.loads(typed("model", "list", "--json"))}["in force"]
    assert f"crosswalk model promote {former}" in typed("model", "promote", trained["version"], "--as", "ann", "--reason", "it asks less")
    with database.begin() as connection:
        entry = connection.execute(text("select actor, detail from governance.audit where action = 'model.promote'")).one()
    assert (entry.actor, entry.detail["reason"], entry.detail["former"]) == ("ann", "it asks less", former)
