"""Few pairs and many are weighed by the same definitions: what is said of them does not depend on how many are asked about."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.identity import material, rescoring
from resolution.identity.grouping import World
from resolution.identity.links import Opinion, Weighed
from resolution.identity.material import Material, without_terms
from resolution.identity.rescoring import worth_keeping
from resolution.normalize import features, profile_of
from resolution.records import PartyRecord
from resolution.score import default_model

texts = {
    "name": ["Acme Tools GmbH", "Acme Tools", "Ann Smith", "Smith, Ann", "Borg Foods Ltd"],
    "given_name": ["Ann", "A.", "Robert", "Bob"],
    "family_name": ["Smith", "Smyth", "de la Cruz"],
    "email": ["ann@acme.de", "info@acme.de", "ann@gmail.com"],
    "phone": ["+49 30 1234567", "030 1234567"],
    "website": ["acme.de", "borg.co.uk"],
    "vat": ["DE136695976", "DE811569869"],
    "birth_date": ["1970-01-02", "1970-02-01"],
}
attributes = st.fixed_dictionaries({}, optional={name: st.lists(st.sampled_from(of), min_size=1, max_size=2) for name, of in texts.items()})
worlds = st.lists(st.tuples(st.sampled_from(["person", "organization", "unknown"]), attributes), min_size=2, max_size=7)


def records(world: list[tuple[str, dict[str, list[str]]]]) -> list[PartyRecord]:
    return [PartyRecord(7 * n + 3, f"crm/any/{n}", "crm", kind, said) for n, (kind, said) in enumerate(world)]  # type: ignore[arg-type]


def said_of(weighed: Weighed) -> list[tuple[object, ...]]:
    rows = zip(weighed.left, weighed.right, weighed.weight, weighed.ruling, weighed.rule, weighed.authority, weighed.linked, strict=True)
    return [tuple(row) for row in rows]


@settings(max_examples=40)
@given(worlds, st.sampled_from([{}, {(3, 10): Opinion(steward="match")}]))
def test_few_pairs_are_weighed_as_many_are(world: list[tuple[str, dict[str, list[str]]]], said: dict[tuple[int, int], Opinion]) -> None:
    made = records(world)
    left, right = np.triu_indices(len(made), 1)
    one = World(Material([profile_of(record) for record in made]), default_model(), said).weigh(left, right)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(material, "FEW", 0)
        other = World(Material(features=features(made)), default_model(), said).weigh(left, right)
    assert said_of(one) == said_of(other)


@settings(max_examples=40)
@given(worlds, st.sampled_from([-40.0, -8.0, 0.0, 8.0]))
def test_sifting_keeps_what_is_worth_keeping(world: list[tuple[str, dict[str, list[str]]]], floor: float) -> None:
    made = records(world)
    left, right = np.triu_indices(len(made), 1)
    whole = World(Material(features=features(made)), default_model(), {(3, 10): Opinion(language_model="match")})
    kept = worth_keeping(whole, left, right, floor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rescoring, "MANY", 0)
        assert said_of(worth_keeping(whole, left, right, floor)) == said_of(kept)


@settings(max_examples=40)
@given(worlds)
def test_profiles_and_features_are_made_of_each_other(world: list[tuple[str, dict[str, list[str]]]]) -> None:
    made = records(world)
    profiles = [profile_of(record) for record in made]
    assert Material(features=features(made)).profiles == profiles
    assert Material(features=Material(profiles).features).profiles == profiles


def test_barred_identifiers_are_left_out() -> None:
    made = records([("organization", {"vat": ["DE136695976", "DE811569869"]}), ("organization", {"vat": ["DE811569869"]})])
    left = without_terms(features(made), {"vat:DE811569869"})
    assert [left.profile(row).terms.get("identifier", ()) for row in range(2)] == [("vat:DE136695976",), ()]
