"""A weight is a function of two records and the model, and says what a data steward would."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution import explain
from resolution.compare import levels
from resolution.normalize import features
from resolution.normalize.features import PERSON, Features
from resolution.records import PartyRecord
from resolution.score import IMPOSSIBLE, above, default_model, learn, score
from resolution.score.learn import FEWEST
from resolution.score.model import Model


def records(kind: str, *attributes: dict[str, object]) -> Features:
    return features(
        PartyRecord(row, f"crm/x/{row}", "crm", kind, {name: value if isinstance(value, list) else [value] for name, value in each.items()})
        for row, each in enumerate(attributes)
    )


def weight(kind: str, one: dict[str, object], two: dict[str, object]) -> float:
    return float(score(records(kind, one, two), np.array([0]), np.array([1]), default_model()).weight[0])


HOME = [{"street": "5 High Street", "city": "Leeds", "postcode": "LS1 4AB", "country": "GB"}]
AWAY = [{"street": "12 Mill Lane", "city": "York", "postcode": "YO1 9ZZ", "country": "GB"}]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Bob Smith", "email": "bob.smith@acme.com"}, {"name": "Robert Smith", "email": "Bob.Smith@acme.com"}),
        (
            {"name": "Bob Smith", "employer": "Acme GmbH", "phone": "040 1234567"},
            {"name": "Bob Smith", "email": "b@acme.com", "phone": "+49 40 1234567"},
        ),
        ({"name": "Ann Lee", "birth_date": "1990-01-02", "address": HOME}, {"name": "Anne Lee", "birth_date": "1990-01-02"}),
    ],
)
def test_two_accounts_of_one_person_match_by_default(one: dict[str, object], two: dict[str, object]) -> None:
    assert weight("person", one, two) > 0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Bob Smith", "phone": "040 1234567", "address": HOME}, {"name": "Jane Smith", "phone": "040 1234567", "address": HOME}),
        (
            {"name": "Bob Smith", "email": "info@acme.com", "employer": "Acme"},
            {"name": "Jane Doe", "email": "info@acme.com", "employer": "Acme"},
        ),
        (
            {"name": "Bob Smith", "phone": "040 1234567", "employer": "Acme", "address": HOME},
            {"name": "Jane Smith", "phone": "040 1234567", "employer": "Acme", "address": HOME},
        ),
        (
            {"name": "Bob Smith", "email": "bobsmith@web.com", "address": HOME},
            {"name": "Jane Smith", "email": "bobsmith@web.com", "address": HOME},
        ),
        (
            {"name": "Bob Smith", "birth_date": "1952-03-04", "address": HOME},
            {"name": "Bob Smith", "birth_date": "1981-07-30", "address": HOME},
        ),
        ({"name": "Bob Smith", "employer": "Acme"}, {"name": "Bob Jones", "employer": "Acme", "phone": "040 1234567"}),
        (
            {"name": "Bob Smith Jr", "phone": "040 1234567", "address": HOME},
            {"name": "Bob Smith Sr", "phone": "040 1234567", "address": HOME},
        ),
        ({"name": "Bob Smith"}, {"name": "Bob Smith"}),
        ({"name": "Bob Smith", "email": "bsmith@acme.com"}, {"name": "Bob Smith", "email": "bsmith2@acme.com", "employer": "Acme"}),
    ],
)
def test_family_colleagues_and_namesakes_do_not_match_by_default(one: dict[str, object], two: dict[str, object]) -> None:
    assert weight("person", one, two) < 0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Acme Tools GmbH", "website": "acme.com"}, {"name": "ACME Tools", "email": "info@acme.com"}),
        ({"name": "Acme Tools GmbH", "address": HOME}, {"name": "Acme Tools Limited", "address": HOME}),
        (
            {"name": "BT", "website": "blackwell.com", "address": HOME},
            {"name": "Blackwell Textiles", "website": "blackwell.com", "address": HOME},
        ),
    ],
)
def test_two_accounts_of_one_organisation_match_by_default(one: dict[str, object], two: dict[str, object]) -> None:
    assert weight("organization", one, two) > 0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Acme GmbH", "website": "acme.com", "address": HOME}, {"name": "Acme GmbH", "website": "acme.com", "address": AWAY}),
        ({"name": "Acme GmbH", "website": "acme.com"}, {"name": "Acme GmbH Niederlassung Hamburg", "website": "acme.com", "address": AWAY}),
        (
            {"name": "Penhale Foods", "website": "penhalefoods.com", "address": HOME},
            {"name": "Penhale Group", "website": "penhale.com", "address": HOME},
        ),
        (
            {"name": "Acme GmbH", "vat": "DE136695976", "address": HOME},
            {"name": "Acme GmbH, Niederlassung York", "vat": "DE136695976", "address": AWAY},
        ),
        ({"name": "Acme GmbH", "phone": "040 1234567", "address": HOME}, {"name": "Zeta Ltd", "phone": "040 1234567", "address": HOME}),
    ],
)
def test_branches_groups_and_neighbours_do_not_match_by_default(one: dict[str, object], two: dict[str, object]) -> None:
    assert weight("organization", one, two) < 0


def test_a_person_never_matches_an_organisation() -> None:
    same = {"name": ["Acme"], "email": ["info@acme.com"], "phone": ["040 1234567"]}
    found = features(PartyRecord(row, str(row), "crm", kind, same) for row, kind in enumerate(("person", "organization")))
    assert score(found, np.array([0]), np.array([1]), default_model()).weight.tolist() == [IMPOSSIBLE]


GIVEN = ("Ann", "Bob", "Carla", "Dmitri", "Eve", "Farid", "Grete", "Hugo", "Ines", "Jonas", "Karla", "Lars", "Mona", "Nils")
FAMILY = ("Adler", "Brandt", "Castro", "Dubois", "Eriksen", "Fuchs", "Garcia", "Haddad", "Ivanov", "Jansen", "Keller", "Lopez", "Meyer")


@cache
def crowd(people: int = 260, seed: int = 3) -> tuple[PartyRecord, ...]:
    """Three accounts of each of `people` persons: the second with a mistyped name, the third without a birth date and moved."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(people):
        given, family = GIVEN[rng.integers(len(GIVEN))], FAMILY[rng.integers(len(FAMILY))] + "abcdefghij"[rng.integers(10)]
        born = f"{rng.integers(1950, 2000)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"
        email = f"{given}.{family}{number}@web.example"
        street, town = f"{rng.integers(1, 99)} {FAMILY[rng.integers(len(FAMILY))]} Street", f"Town {rng.integers(20)}"
        base = {"given_name": [given], "family_name": [family], "birth_date": [born], "address": [{"street": street, "city": town}]}
        accounts = [base | {"email": [email]}, base | {"family_name": [family[0] + family[2:]], "phone": [f"0401{number:06}"]}]
        accounts.append({name: base[name] for name in ("given_name", "family_name")} | {"phone": [f"0401{number:06}"], "email": [email]})
        made += [
            PartyRecord(3 * number + place, f"s{place}/p/{number}", f"s{place}", "person", each) for place, each in enumerate(accounts)
        ]
    return tuple(made)


@cache
def learnt() -> Model:
    return learn(features(crowd()))


def pairs_of_crowd(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    left = rng.integers(0, len(crowd()), count)
    return left, np.where(rng.random(count) < 0.5, left - left % 3 + (left + 1) % 3, rng.integers(0, len(crowd()), count))


def test_a_pair_weighs_the_same_alone_in_a_batch_and_from_either_side() -> None:
    found, (left, right) = features(crowd()), pairs_of_crowd()
    together = score(found, left, right, learnt()).weight
    assert score(found, right, left, learnt()).weight.tolist() == together.tolist()
    for i, j, said in zip(left.tolist(), right.tolist(), together.tolist(), strict=True):
        alone = Features.concat([features([crowd()[j]]), features([crowd()[i]])])
        assert score(alone, np.array([1]), np.array([0]), learnt()).weight.tolist() == [said]


def test_what_is_learnt_does_not_depend_on_the_order_of_records() -> None:
    order = np.random.default_rng(5).permutation(len(crowd()))
    assert learn(features([crowd()[row] for row in order])).version == learnt().version


def test_learning_tells_accounts_of_one_person_from_others() -> None:
    found = features(crowd())
    first = np.arange(0, len(crowd()), 3)
    scores = score(found, np.r_[first, first[:-1]], np.r_[first + 2, first[1:]], learnt())
    assert (scores.weight[: len(first)] > 0).mean() > 0.98
    assert (scores.weight[len(first) :] < 0).mean() > 0.98


def test_strangers_agree_as_often_by_chance_when_only_some_records_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    every = learnt().parts[1].comparisons["family"].u[-1]
    monkeypatch.setitem(learn.__globals__, "COUNTED", 390)
    assert learn(features(crowd())).parts[1].comparisons["family"].u[-1] == pytest.approx(every, rel=0.3)


def odds_of_relations(model: Model) -> dict[str, float]:
    return {relation.name: relation.odds for relation in model.parts[PERSON].relations}


def test_relations_that_are_not_seen_stay_as_likely_to_each_other_as_they_were_thought() -> None:
    before, after = odds_of_relations(default_model()), odds_of_relations(learnt())
    frequent, seldom = "colleagues", "household with one mailbox"
    assert after[frequent] - after[seldom] == pytest.approx(before[frequent] - before[seldom], abs=0.5)
    assert after[frequent] < before[frequent] - 3


def test_a_relation_is_not_learnt_where_nothing_could_tell_it_from_a_match() -> None:
    without = [replace(each, attributes={name: said for name, said in each.attributes.items() if name != "email"}) for each in crowd()]
    assert odds_of_relations(learnt()).keys() - odds_of_relations(learn(features(without))).keys() == {"namesakes at one employer"}


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    document = learnt().parts[1].frequencies["given"]
    terms = document.hashes[[np.argmin(document.shares), np.argmax(document.shares)]]
    rare, common = document.bits(terms)
    assert rare > common


VALUES: dict[str, list[object]] = {
    "name": ["Bob Smith", "Smith Bob", "Robert Smith", "B Smith", "Jane Smith", "Acme Tools GmbH", "Acme Tools", "Acme Group"],
    "given_name": ["Ann", "Adler", "Anne"],
    "family_name": ["Adler", "Ann", "Brandt"],
    "birth_date": ["1990-01-02", "1990-02-01", "1961-12-30"],
    "email": ["bob@acme.com", "rob@acme.com", "info@acme.com"],
    "phone": ["040 1234567", "040 1234568"],
    "address": [HOME[0], AWAY[0], HOME[0] | {"street": "6 High Street"}],
    "vat": ["DE136695976", "DE129273398"],
    "category:trade": ["tools", "food"],
}
ATTRIBUTES = st.fixed_dictionaries({}, optional={name: st.lists(st.sampled_from(each), max_size=2) for name, each in VALUES.items()})
KINDS = st.sampled_from(["person", "person", "organization", "unknown"])


@settings(max_examples=60)
@given(st.lists(st.tuples(KINDS, ATTRIBUTES), min_size=2, max_size=9), st.floats(-40, 40), st.booleans())
def test_dropping_pairs_early_finds_the_same_pairs_with_the_same_weights(
    said: list[tuple[str, dict[str, object]]], floor: float, by_learnt: bool
) -> None:
    model = learnt() if by_learnt else default_model()
    found = features(PartyRecord(row, f"crm/x/{row}", "crm", kind, each) for row, (kind, each) in enumerate(said))
    left, right = np.triu_indices(len(said), 1)
    every = score(found, left, right, model)
    place, seen, scores = above(found, left, right, model, floor)
    assert place.tolist() == np.flatnonzero(every.weight >= floor).tolist()
    assert scores.weight.tolist() == every.weight[place].tolist()
    assert seen.kind.tolist() == [int(pair) for pair in levels(found, left[place], right[place]).kind]
    for name, compared in levels(found, left, right).comparisons.items():
        assert seen.comparisons[name].level.tolist() == compared.level[place].tolist()


def test_too_few_records_leave_the_base_model_as_it_is() -> None:
    few = features(crowd()[: FEWEST - 1])
    assert learn(few).version == default_model().version


def test_a_model_goes_through_json_unchanged() -> None:
    again = Model.from_json(json.loads(json.dumps(learnt().to_json())))
    assert again.version == learnt().version != default_model().version
    found, (left, right) = features(crowd()), pairs_of_crowd()
    assert score(found, left, right, again).weight.tolist() == score(found, left, right, learnt()).weight.tolist()


def test_a_model_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="form 0"):
        Model.from_json({"form": 0})


def test_the_shares_of_every_level_add_up_in_the_shipped_model() -> None:
    for part in default_model().parts.values():
        for comparing in part.comparisons.values():
            assert np.isclose(comparing.m.sum(), 1, atol=1e-4)
            assert np.isclose(comparing.u.sum(), 1, atol=1e-4)


def test_the_evidence_adds_up_to_the_weight() -> None:
    found, (left, right) = features(crowd()), pairs_of_crowd(20)
    weights = score(found, left, right, learnt()).weight
    for i, j, said in zip(left.tolist(), right.tolist(), weights.tolist(), strict=True):
        evidence = explain.pair(found.profile(i), found.profile(j), learnt())
        bits = evidence.prior + evidence.related + sum(each.bits + each.term_frequency_bits for each in evidence.fields)
        assert evidence.weight == said == pytest.approx(bits, abs=1e-4)
        assert json.loads(json.dumps(evidence.to_json()))["weight"] == said


def test_the_evidence_on_a_pair_is_the_same_among_others_of_any_kind() -> None:
    people, companies = features(crowd()), records("organization", {"name": "Acme Ltd"}, {"name": "Acme", "vat": "DE136695976"}, {})
    nobody = records("unknown", {"phone": "040 1234567"})
    both = [(people.profile(i), people.profile(i + 1)) for i in range(60)]
    both += [
        (companies.profile(0), companies.profile(1)),
        (companies.profile(2), people.profile(0)),
        (nobody.profile(0), people.profile(1)),
    ]
    assert explain.pairs(both, learnt()) == [explain.pair(one, two, learnt()) for one, two in both]


def test_the_evidence_is_told_in_words() -> None:
    family = records(
        "person",
        {"name": "Bob Smith", "phone": "040 1234567", "address": HOME},
        {"name": "Jane Smith", "phone": "040 1234567", "address": HOME},
    )
    told = explain.sentence(explain.pair(family.profile(0), family.profile(1), default_model()))
    assert told.startswith("Probably not the same: a chance of")
    assert "address same (5 high st, ls14ab leeds, gb;" in told
    assert "Against it: given name different (bob / jane;" in told
    assert "would fit household too" in told


def test_what_one_record_alone_says_is_told_as_such() -> None:
    companies = records("organization", {"name": "Nordwind Niederlassung Kassel"}, {"name": "Nordwind"})
    told = explain.sentence(explain.pair(companies.profile(0), companies.profile(1), default_model()))
    assert "branch different (kassel / none; -" in told


def test_a_rule_is_told_before_the_bits() -> None:
    companies = records(
        "organization",
        {"name": "Acme", "vat": "DE136695976"},
        {"name": "Zeta", "vat": "de136695976"},
        {"name": "Acme", "vat": "DE129273398"},
    )
    one, same, other = (companies.profile(row) for row in range(3))
    assert explain.sentence(explain.pair(one, same, default_model())).startswith(
        "The same by rule, shared identifier: both carry vat DE136695976."
    )
    assert explain.sentence(explain.pair(one, other, default_model())).startswith("Never the same by rule, conflicting identifiers:")


def test_the_words_say_how_much_a_rare_value_adds_and_which_generation_each_is() -> None:
    people = records("person", {"name": "Ambrose Quillfeather Jr"}, {"name": "Ambrose Quillfeather Sr"})
    told = explain.sentence(explain.pair(people.profile(0), people.profile(1), learnt()))
    assert "family name same (quillfeather; +8.5 bits, +2.4 of them since the value is rare)" in told
    assert "Against it: generation different (jr / sr; -" in told


def test_contradictory_identifiers_are_told_and_decide_nothing() -> None:
    companies = records(
        "organization",
        {"name": "Acme", "vat": "DE136695976", "lei": "529900T8BM49AURSDO55"},
        {"name": "Acme", "vat": "DE136695976", "lei": "5493001KJTIIGC8Y1R12"},
    )
    evidence = explain.pair(companies.profile(0), companies.profile(1), default_model())
    assert (evidence.rule, evidence.verdict) == ("contradictory identifiers", 0)
    assert "They share one identifier and differ in another, so no rule decides." in explain.sentence(evidence)
