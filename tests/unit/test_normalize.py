"""Normalised values are what two spellings of one thing have in common, and depend on one record alone."""

import numpy as np
import pyarrow as pa
import pytest

from resolution.normalize import contacts, features, identifiers, names, people, profile_of
from resolution.normalize.addresses import SEPARATOR
from resolution.normalize.features import ORGANIZATION, PERSON, UNKNOWN, Features
from resolution.normalize.names import organization_name
from resolution.normalize.profile import Terms
from resolution.normalize.text import encode
from resolution.records import PartyRecord


def record(number: int, kind: str = "person", **attributes: object) -> PartyRecord:
    attributes = {name: value if isinstance(value, list) else [value] for name, value in attributes.items()}
    return PartyRecord(number, f"crm/contacts/{number}", "crm", kind, attributes)


def parts(terms: Terms, *columns: str) -> str:
    """Terms as one line, by column."""
    return " / ".join(" ".join(term for column, term in terms if column == wanted) for wanted in columns).replace("/  /", "/ /")


def values(found: Features, column: str, row: int = 0) -> list[str]:
    return found.column(column).values(row)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("Dr. Robert J. Smith", "robert / j / smith"),
        ("Smith, Robert", "robert / / smith"),
        ("Ludwig van Beethoven", "ludwig / / van beethoven"),
        ("Seán O'Neill", "sean / / oneill"),
        ("Cher", " / / cher"),
        ("Anna-Lena Meier-Schmidt | Acme", "annalena / / meier schmidt"),
        (" ,. ", " / / "),
        ("John M Smith", "john / m / smith"),
        ("M. Jean Dupont", "jean / / dupont"),
        ("Prof. Dr. h.c. Hans Meier", "hans / / meier"),
        ("Dr. med. Anna Schmidt, MBA", "anna / / schmidt"),
        ("Mag. (FH) Anna Huber", "anna / / huber"),
        ("Robert (Bob) Smith", "robert bob / / smith"),
        ('William "Bill" Jefferson Clinton', "william bill / jefferson / clinton"),
        ("Anna Müller (geb. Schmidt)", "anna / / muller schmidt mueller"),
        ("Anna Meier née Schmidt", "anna / / meier schmidt"),
        ("Jane Doe (Acme)", "jane / / doe"),
        ("Mary Ann Evans", "mary maryann / ann / evans"),
        ("DUPONT Jean-Marc", "jeanmarc / / dupont"),
        ("LE GOFF Yann", "yann / / le goff"),
        ("DE LA CRUZ Maria Elena", "maria / elena / de la cruz"),
        ("MÜLLER Hans", "hans / / muller mueller"),
        ("JP Morgan", "jp / / morgan"),
        ("JRR Tolkien", "jrr / / tolkien"),
        ("J.R.R. Tolkien", "j / r r / tolkien"),
        ("PROF Hans Meier", "hans / / meier"),
        ("JOHN SMITH", "john / / smith"),
        ("J. R. R. Tolkien", "j / r r / tolkien"),
        ("Thomas Clifford, 1st Baron Clifford of Chudleigh", "thomas / / clifford"),
        ("Иванов, Дмитрий", "dmitriy / / ivanov"),
        ("Γιώργος Παπαδόπουλος", "giorgos / / papadopoulos"),
        ("王小明", "xiaoming / / wang"),
        ("欧阳娜娜", "nana / / ouyang"),
        ("김철수", "cheolsu / / gim"),
        ("Jürgen Groß", "jurgen juergen / / gross"),
        ("n/a", " / / "),
    ],
)
def test_a_persons_name_is_split(raw: str, said: str) -> None:
    assert parts(people.person_name(raw), "given", "middle", "family") == said


@pytest.mark.parametrize(
    ("terms", "generation"),
    [
        (people.person_name("John Smith Jr."), "jr"),
        (people.person_name("John Smith, Jr."), "jr"),
        (people.person_name("Smith Jr., John"), "jr"),
        (people.person_name("Smith, John, Sr"), "sr"),
        (people.person_name("John Smith III"), "3"),
        (people.family_name("Smith Junior"), "jr"),
        (people.given_name("John II"), "2"),
        (people.other_words("John Smith Jr", {"john", "smith"}), "jr"),
        (people.person_name("Sr. Juan Pérez"), ""),
        (people.person_name("Peter Senior"), ""),
        (people.family_name("Senior"), ""),
        (people.given_name("Junior"), ""),
    ],
)
def test_a_suffix_tells_the_generation_and_is_no_part_of_the_name(terms: Terms, generation: str) -> None:
    assert parts(terms, "generation") == generation
    assert not {"sr", "jr", "junior", "2", "3"} & set(" ".join(term for column, term in terms if column in ("middle",)).split())


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("Acme Ltd t/a Bob's Burgers", "acme bobs burgers"),
        ("Beta GmbH (formerly Alpha GmbH)", "beta alpha"),
        ("Acme Holdings Inc. d/b/a Zenith", "acme holdings zenith"),
        ("Acme GmbH (Hamburg)", "acme hamburg"),
        ("Acme (UK) Ltd", "acme"),
        ("The Acme Company Ltd", "acme"),
        ("株式会社東芝", "dongzhi"),
        ("ООО «Ромашка»", "romashka"),
        ("Acme Sp. z o.o.", "acme"),
        ("Acme S. de R.L. de C.V.", "acme"),
        ("Acme Ltd. Şti.", "acme"),
        ("PT Acme Tbk", "acme"),
        ("Acme Ges.m.b.H.", "acme"),
        ("Acme Pte. Ltd.", "acme"),
        ("Müller AG", "muller mueller"),
        ("unknown", ""),
    ],
)
def test_an_organisation_has_the_names_it_goes_by_without_legal_forms(raw: str, names: str) -> None:
    assert parts(organization_name(raw), "name") == names


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("acme ltd", "acme"),
        ("acme gmbh co kg", "acme"),
        ("s a p systems a g", "sap systems"),
        ("acme and sons limited", "acme sons"),
        ("company", "company"),
        ("ooo romashka", "romashka"),
    ],
)
def test_a_legal_form_is_no_part_of_the_core_name(name: str, core: str) -> None:
    assert names.organization_core(name) == core


def test_a_branch_keeps_its_parents_name_and_says_where_it_is() -> None:
    assert names.organization_parts("acme gmbh niederlassung hamburg") == ("acme", "hamburg")
    assert names.organization_parts("branch systems ltd") == ("branch systems", "")


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("Bob.Smith+news@ACME.com", "bob.smith@acme.com"),
        ("B.o.b@googlemail.com", "bob@gmail.com"),
        ("Bob Smith <bob@acme.com>", "bob@acme.com"),
        ("mailto:bob@acme.com ", "bob@acme.com"),
        ("n/a@", "n/a@"),
        ("--", None),
    ],
)
def test_one_mailbox_has_one_spelling(raw: str, normal: str | None) -> None:
    assert contacts.email(raw) == normal


@pytest.mark.parametrize(("email", "role"), [("info@acme.com", True), ("sales-de@acme.com", True), ("ian.foster@acme.com", False)])
def test_role_mailboxes_are_told_apart(email: str, role: bool) -> None:
    assert contacts.is_role(email) is role


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("+49 (0)40 123456-7", "49401234567"),
        ("0049 40 1234567", "49401234567"),
        ("040/1234567 ext. 12", "401234567"),
        ("000000000", None),
        ("12345", None),
    ],
)
def test_a_phone_is_its_digits(raw: str, normal: str | None) -> None:
    assert contacts.phone(raw) == normal


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("https://www.shop.acme.co.uk/x?y", "acme.co.uk"),
        ("acme.de", "acme.de"),
        ("HTTP://user@acme.com:80", "acme.com"),
        ("none", None),
        ("", None),
    ],
)
def test_a_website_is_its_registrable_domain(raw: str, normal: str | None) -> None:
    assert contacts.domain(raw) == normal


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("1990-04-03", "19900403"),
        ("19900403", "19900403"),
        ("3.4.1990", "19900403"),
        ("12/25/1990", "19901225"),
        ("3 April 1990", "19900403"),
        ("1990-04-03T00:00:00Z", "19900403"),
        ("Jan 5, 1990", "19900105"),
        ("3 de abril de 1990", "19900403"),
        ("14 juillet 1990", "19900714"),
        ("1990年4月3日", "19900403"),
        ("1990-O4-l3", "19900413"),
        ("9999-12-31", None),
        ("1990", "1990"),
        ("soon", None),
    ],
)
def test_a_date_is_year_month_day(raw: str, normal: str | None) -> None:
    assert contacts.date(raw) == normal


@pytest.mark.parametrize(
    ("kind", "raw", "country", "term"),
    [
        ("vat", "de 136.695.976", "", "vat:DE136695976"),
        ("vat", "136695976", "DE", "vat:DE136695976"),
        ("vat", "DE136695977", "", "vat?:DE136695977"),
        ("lei", "not a lei", "", "lei?:NOTALEI"),
        ("registration_number", "HRB 123", "de", "registration_number:DE-HRB123"),
        ("key:erp", " ABC-1 ", "", "key:erp:ABC-1"),
        ("duns", "000000000", "", None),
    ],
)
def test_identifiers_are_checked(kind: str, raw: str, country: str, term: str | None) -> None:
    assert identifiers.term(kind, raw, country) == term


def test_two_spellings_of_an_address_give_one_term() -> None:
    spelled = {"street": "Hauptstraße 5", "city": "München", "postcode": "80331", "country": "DE"}
    again = {"street": "hauptstr. 5", "city": "Muenchen", "postcode": "80 331", "country": "de"}
    found = features([record(1, address=[spelled]), record(2, address=[again])])
    assert values(found, "address", 0) == values(found, "address", 1) == [SEPARATOR.join(("5", "haupt st", "munchen", "", "80331", "de"))]


def test_several_mailboxes_and_phones_in_one_value_are_told_apart() -> None:
    found = profile_of(record(1, email="Bob <bob@x.com>; ann@y.org", phone="040 123456 / 040 654321")).terms
    assert found["email"] == ("bob@x.com", "ann@y.org")
    assert found["phone"] == ("40123456", "40654321")


def test_a_full_name_is_read_whole_where_a_part_is_missing() -> None:
    assert profile_of(record(1, family_name="Smith", name="Bob Smith")).terms == {"family": ("smith",), "given": ("bob",)}


def test_the_domain_of_a_mailbox_is_that_of_the_website() -> None:
    found = profile_of(record(1, "organization", email="a@mail.acme.co.uk", website="https://www.acme.co.uk")).terms
    assert found["domain"] == ("acme.co.uk",)


def test_what_is_no_value_says_nothing() -> None:
    assert profile_of(record(1, name="x" * 2000, email=["\ud800@x.com"], address=[{"city": "y" * 2000, "postcode": 5}])).terms == {}
    assert len(features([record(1, name="x" * 2000, email=["\ud800@x.com"])]).columns) == 0


def test_free_mail_gives_no_workplace() -> None:
    found = features([record(1, email=["bob@gmail.com", "bob@acme-tools.com"], employer="Acme Tools GmbH")])
    assert values(found, "workplace") == ["acmetools"]


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"name": "Acme GmbH"}, ORGANIZATION),
        ({"name": "Acme", "vat": "DE136695976"}, ORGANIZATION),
        ({"name": "Bob Smith", "email": "bob@acme.com"}, PERSON),
        ({"name": "Acme", "email": "info@acme.com"}, ORGANIZATION),
        ({"name": "Bob Smith", "email": "bob@acme.com", "vat": " "}, PERSON),
        ({"family_name": "Smith"}, PERSON),
        ({"phone": "040 1234567"}, UNKNOWN),
    ],
)
def test_an_unknown_kind_is_settled_where_the_values_tell(attributes: dict[str, str], kind: int) -> None:
    assert features([record(1, "unknown", **attributes)]).kind.tolist() == [kind]


def test_odd_values_give_no_error_and_nothing_to_compare() -> None:
    found = features([record(1, name=["\x00", "   "], email="", phone="n/a", birth_date="?", address=[{}], vat="0")])
    assert [name for name in found.columns if values(found, name)] == []


@pytest.mark.parametrize(
    "values",
    [
        pa.array(["b", None, "a", "b"]),
        pa.array(["b", None, "a", "b"], pa.large_string()),
        pa.chunked_array([["b", None], ["a", "b"]]),
        pa.chunked_array([pa.array(["b", None]).dictionary_encode(), pa.array(["a", "b"]).dictionary_encode()]),
        pa.DictionaryArray.from_arrays(pa.array([1, 0, 2, 1]), pa.array([None, "b", "a"])),
    ],
    ids=["strings", "large strings", "chunks", "chunks of codes", "codes of null"],
)
def test_values_become_codes_in_whatever_form_they_come(values: pa.Array | pa.ChunkedArray) -> None:
    codes, distinct = encode(values)
    assert [None if code < 0 else distinct[code].as_py() for code in codes.tolist()] == ["b", None, "a", "b"]


def test_no_records_give_no_rows() -> None:
    assert len(features([])) == 0


def test_a_record_alone_has_the_features_it_has_among_others() -> None:
    records = [
        record(1, name="Bob Smith", email="bob@acme.com", phone="+49 40 1234567"),
        record(2, "organization", name="Acme GmbH", website="acme.com", vat="DE136695976"),
        record(3, given_name="Mary Ann", family_name="O'Neill", birth_date="1990-04-03", **{"key:erp": "7"}),
    ]
    together = features(records)
    apart = Features.concat([features([each]) for each in records])
    cut = together.take(np.array([2, 0, 1]))
    for name in together.columns:
        for row in range(3):
            assert values(apart, name, row) == values(together, name, row)
            assert values(cut, name, [1, 2, 0][row]) == values(together, name, row)
    assert apart.refs.to_pylist() == together.refs.to_pylist()
