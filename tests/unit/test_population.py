"""The shipped model fitted to how many records there are: matches and relatives get commoner together, and no more than that changes."""

import pytest

from resolution.normalize import features
from resolution.normalize.features import ORGANIZATION, PERSON
from resolution.records import PartyRecord
from resolution.score import default_model
from resolution.score.population import FEWEST, Population, fitted_to, shipped_for

BOTH = [PERSON, ORGANIZATION]


def prior(records: int) -> float:
    return Population({ORGANIZATION: records}).fit(default_model(), [ORGANIZATION]).parts[ORGANIZATION].prior


def test_the_fewer_records_the_likelier_two_of_them_match() -> None:
    assert prior(64) == -6.0
    assert prior(1) == prior(FEWEST) == -5.0
    assert prior(1_000_000) == default_model().parts[ORGANIZATION].prior


def test_relatives_get_as_much_likelier_as_matches() -> None:
    shipped, fitted = default_model(), Population({PERSON: 100, ORGANIZATION: 100}).fit(default_model(), BOTH)
    for kind in BOTH:
        rise = fitted.parts[kind].prior - shipped.parts[kind].prior
        assert rise > 0
        for former, relation in zip(shipped.parts[kind].relations, fitted.parts[kind].relations, strict=True):
            assert relation.odds == pytest.approx(former.odds + rise, abs=1e-3)


def test_a_model_is_outgrown_when_the_records_have_doubled() -> None:
    model = Population({PERSON: 100, ORGANIZATION: 100}).fit(default_model(), BOTH)
    assert not Population({PERSON: 100, ORGANIZATION: 199}).has_outgrown(model)
    assert Population({PERSON: 100, ORGANIZATION: 200}).has_outgrown(model)


def test_the_shipped_model_is_fitted_to_the_records_of_each_kind_and_to_unknown_ones_as_people() -> None:
    kinds = ["person"] * 40 + ["unknown"] * 30 + ["organization"] * 64
    found = features(PartyRecord(row, str(row), "crm", kind, {"phone": [f"0401{row:06}"]}) for row, kind in enumerate(kinds))
    model = shipped_for(found)
    assert (fitted_to(model, PERSON), fitted_to(model, ORGANIZATION)) == (70, 64)
    assert model.parts[ORGANIZATION].prior == -6.0
    assert fitted_to(default_model(), PERSON) is None


def test_a_model_as_shipped_is_never_outgrown() -> None:
    model = Population({PERSON: 5_000, ORGANIZATION: 5_000}).fit(default_model(), BOTH)
    assert not Population({PERSON: 10**6, ORGANIZATION: 10**6}).has_outgrown(model)
    assert not Population({PERSON: 10**6, ORGANIZATION: 10**6}).has_outgrown(default_model())
