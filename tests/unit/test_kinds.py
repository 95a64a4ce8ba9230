"""Each row is a person or an organisation, whatever else is in the file."""

import pyarrow as pa
import pytest

from resolution.dedupe.kinds import kinds_of
from resolution.normalize.features import KIND_NAMES

FIRST = ("Robert", "Susan", "William", "Elizabeth", "Thomas", "Katherine", "James", "Patricia")
LAST = ("Smith", "Miller", "Young", "Baker", "Turner", "Walker", "Cooper", "Morgan")
TRADES = ("Foods", "Tools", "Pharma", "Steel")
PEOPLE: list[str | None] = [f"{first} {last}" for first in FIRST for last in LAST]
FIRMS: list[str | None] = [f"{last} {trade} {form}" for last in LAST for trade in TRADES for form in ("Ltd", "GmbH")]


def kinds(meanings: dict[str, str], **columns: list[str | None]) -> list[str]:
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return [KIND_NAMES[kind] for kind in kinds_of(table, meanings).tolist()]


def test_bare_names_of_one_kind_are_all_of_it() -> None:
    assert set(kinds({"name": "name"}, name=PEOPLE)) == {"person"}
    assert set(kinds({"name": "name"}, name=FIRMS)) == {"organization"}
    assert set(kinds({"name": "name"}, name=["Arnie Morton's of Chicago", "Hotel Bel-Air", "Café Bizou", "Campanile"])) == {"organization"}


def test_bare_names_of_both_kinds_are_told_apart_by_their_words() -> None:
    found = kinds({"name": "name"}, name=[*PEOPLE, *FIRMS, "Cooper Steel", "Jessica Young", "Baker, Robert"])
    assert found == ["person"] * len(PEOPLE) + ["organization"] * (len(FIRMS) + 1) + ["person"] * 2


def test_a_name_without_its_legal_form_is_the_firms_whose_phone_it_has() -> None:
    names: list[str | None] = [*PEOPLE, *FIRMS, "Ziegler GmbH", "Ziegler"]
    phones: list[str | None] = [*[None] * (len(names) - 2), "040 123456", "040 123456"]
    assert kinds({"name": "name", "tel": "phone"}, name=names, tel=phones)[-2:] == ["organization"] * 2


def test_a_mailbox_at_work_tells_a_person_from_the_firm() -> None:
    names: list[str | None] = [*PEOPLE, *FIRMS, "Aysel Eigenwillig", "Eigenwillig"]
    mails: list[str | None] = [*[None] * (len(names) - 2), "aysel.eigenwillig@acme.com", "info@eigenwillig.com"]
    assert kinds({"name": "name", "mail": "email"}, name=names, mail=mails)[-2:] == ["person", "organization"]


@pytest.mark.parametrize(
    ("meanings", "row", "kind"),
    [
        ({"a": "given_name", "b": "employer"}, ("Bob", "Acme Ltd"), "person"),
        ({"a": "given_name", "b": "employer"}, (None, "Acme Ltd"), "organization"),
        ({"a": "given_name", "b": "employer"}, ("Bob", None), "person"),
        ({"a": "kind", "b": "name"}, ("Company", "Robert Smith"), "organization"),
        ({"a": "kind", "b": "name"}, ("Privatperson", "Acme Ltd"), "person"),
        ({"a": "birth_date", "b": "organization_name"}, ("1990-01-02", None), "person"),
        ({"a": "email", "b": "employer"}, ("bob.smith@gmail.com", "Acme Ltd"), "person"),
        ({"a": "vat", "b": "family_name"}, ("DE136695976", None), "organization"),
    ],
)
def test_what_only_one_kind_has_tells_a_row(meanings: dict[str, str], row: tuple[str | None, str | None], kind: str) -> None:
    assert kinds(meanings, a=[row[0]], b=[row[1]]) == [kind]


def test_a_row_that_says_nothing_is_of_the_kind_of_most() -> None:
    assert kinds({"a": "given_name", "b": "employer"}, a=["Bob", "Ann", None, None], b=[None, None, "Acme", None])[-1] == "person"
    assert kinds({"a": "phone"}, a=["1", None]) == ["person", "person"]
    assert kinds({"a": "name"}, a=[]) == []
    assert kinds({"a": "name"}, a=["", " ", None]) == ["person"] * 3
    assert kinds({"a": "name", "b": "name"}, a=[None, "Acme Ltd"], b=["Zeta Ltd", None]) == ["organization"] * 2
