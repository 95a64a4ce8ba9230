"""Who prevails on a pair, and how judged matches make groups."""

import numpy as np
import pytest

from resolution import normalize
from resolution.identity.grouping import World, group
from resolution.identity.links import MATCH, NEVER, SILENT, Opinion, prevailing, without_shared
from resolution.identity.material import Material
from resolution.normalize.profile import Profile
from resolution.records import PartyRecord
from resolution.score.model import default_model

ACME = {"name": ["Acme Tools GmbH"], "website": ["acme-tools.de"], "phone": ["+49 30 1234567"]}
BORG = {"name": ["Borg Foods Ltd"], "website": ["borg-foods.co.uk"], "phone": ["+44 113 7654321"]}


@pytest.mark.parametrize(
    ("verdict", "opinion", "ruling"),
    [
        (NEVER, Opinion(steward="match"), (MATCH, "steward")),
        (MATCH, Opinion(steward="no_match", language_model="match"), (NEVER, "steward")),
        (MATCH, Opinion(language_model="no_match"), (NEVER, "language_model")),
        (NEVER, Opinion(language_model="match"), (NEVER, "rule")),
        (SILENT, Opinion(language_model="match"), (MATCH, "language_model")),
        (SILENT, Opinion(steward="unsure"), (SILENT, "unsure")),
        (SILENT, Opinion(steward="unsure", language_model="match"), (MATCH, "language_model")),
        (SILENT, Opinion(), (SILENT, "")),
    ],
)
def test_a_steward_prevails_and_then_any_no(verdict: int, opinion: Opinion, ruling: tuple[int, str]) -> None:
    assert prevailing(verdict, opinion) == ruling


def records(*attributes: dict[str, list[str]]) -> list[Profile]:
    return [normalize.profile_of(PartyRecord(n, f"crm/companies/{n}", "crm", "organization", each)) for n, each in enumerate(attributes)]


def groups(profiles: list[Profile], said: dict[tuple[int, int], Opinion]) -> list[int]:
    """The group of each record, all pairs that are linked being candidates."""
    world = World(Material(profiles), default_model(), said)
    left, right = np.triu_indices(len(profiles), 1)
    linked = world.weigh(left, right).linked
    return group(world, left[linked], right[linked]).group.tolist()


def test_a_judged_match_joins_both_groups_whole() -> None:
    profiles = records(ACME, ACME, ACME, BORG, BORG, BORG)
    assert groups(profiles, {}) == [0, 0, 0, 3, 3, 3]
    assert len(set(groups(profiles, {(0, 3): Opinion(steward="match")}))) == 1


def test_a_no_outside_of_the_matched_pair_keeps_its_ground() -> None:
    profiles = records(ACME, ACME, BORG)
    found = groups(profiles, {(0, 2): Opinion(steward="match"), (1, 2): Opinion(steward="no_match")})
    assert found[0] == found[2] != found[1]


def test_matches_that_would_bring_a_forbidden_pair_together_do_not() -> None:
    profiles = records(ACME, BORG, ACME)
    said = {(0, 1): Opinion(steward="match"), (1, 2): Opinion(steward="match"), (0, 2): Opinion(steward="no_match")}
    found = groups(profiles, said)
    assert found[0] == found[1] != found[2]


def test_the_language_models_match_yields_to_any_no() -> None:
    profiles = records(ACME | {"vat": ["DE136695976"]}, ACME, BORG | {"vat": ["DE811569869"]})
    found = groups(profiles, {(1, 2): Opinion(language_model="match")})
    assert found[0] == found[1] != found[2]


def test_what_too_many_share_says_nothing() -> None:
    profiles = records(ACME | {"vat": ["DE136695976"]}, BORG | {"vat": ["DE136695976"]})
    assert groups(profiles, {}) == [0, 0]
    assert groups([without_shared(profile, {"vat:DE136695976"}) for profile in profiles], {}) == [0, 1]
