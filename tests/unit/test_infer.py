"""The meaning of a column follows from its name, and where that says nothing from its values."""

import pyarrow as pa
import pytest

from resolution.dedupe.infer import infer


def table(**columns: list[str | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


@pytest.mark.parametrize(
    ("column", "meaning"),
    [
        ("First Name", "given_name"),
        ("firstName", "given_name"),
        ("SURNAME", "family_name"),
        ("date_of_birth", "birth_date"),
        ("E-Mail", "email"),
        ("work_email", "email"),
        ("email2", "email"),
        ("Zip Code", "address.postcode"),
        ("billing_city", "address.city"),
        ("soc_sec_id", "code"),
        ("created_at", "ignore"),
        ("gender", "category"),
    ],
)
def test_a_name_says_what_a_column_means(column: str, meaning: str) -> None:
    assert infer(table(**{column: ["x", "y"]}), {})[column].meaning == meaning


@pytest.mark.parametrize(
    ("values", "meaning"),
    [
        (["a@b.com", "c@d.org", None], "email"),
        (["1990-01-02", "2.1.1990"], "birth_date"),
        (["www.acme.com", "https://zeta.de/x"], "website"),
        (["+49 40 1234567", "(030) 765-4321"], "phone"),
        (["red", "blue"] * 20, "category"),
        (["A-17", "B-18", "B-18"], "code"),
        (["1.25", "3.5"], "ignore"),
        ([None, None], "ignore"),
        (["", "  "], "ignore"),
    ],
)
def test_values_say_what_a_nameless_column_means(values: list[str | None], meaning: str) -> None:
    assert infer(table(x17=values), {})["x17"].meaning == meaning


def meanings(columns: pa.Table, given: dict[str, str] | None = None) -> dict[str, str]:
    return {name: column.meaning for name, column in infer(columns, given or {}).items()}


def test_what_is_said_stands_over_what_is_inferred() -> None:
    assert meanings(table(email=["a@b.com"]), {"email": "category"}) == {"email": "category"}


def test_a_company_column_is_the_employer_of_people_and_the_name_of_organisations() -> None:
    assert meanings(table(first_name=["Bob"], company=["Acme"]))["company"] == "employer"
    assert meanings(table(company=["Acme"], website=["acme.com"]))["company"] == "organization_name"


def test_two_sets_of_address_columns_are_two_addresses() -> None:
    found = infer(table(billing_street=["x"], billing_city=["y"], shipping_street=["z"]), {})
    assert found["billing_street"].group == found["billing_city"].group != found["shipping_street"].group
    assert infer(table(**{"street": ["x"], "Postal code": ["y"]}), {})["Postal code"].group == ""


NUMBERS = [str(place % 40) for place in range(60)]


@pytest.mark.parametrize(
    ("columns", "meaning"),
    [
        ({"Customer ID": [f"K-{place % 40}7" for place in range(60)]}, "code"),
        ({"Customer ID": NUMBERS}, "ignore"),
        ({"Customer ID": [str(place) for place in range(60)]}, "id"),
        ({"firm_id": [f"K-{place % 8}7" for place in range(60)]}, "category"),
        ({"x": [str(place) for place in range(60)]}, "ignore"),
        ({"x": [f"{place * 7919 % 100003:05}x" for place in range(60)]}, "ignore"),
        ({"x": ["US"] * 60}, "ignore"),
        ({"created": ["1950-01-02", "1971-03-04", "1990-05-06"] * 20}, "birth_date"),
        ({"birthday": ["2024-01-02T10:00:00", "2023-03-04T11:00:00", "2024-05-06T12:00:00"] * 20}, "birth_date"),
        ({"x": ["2024-01-02T10:00:00", "2023-03-04T11:00:00", "2024-05-06T12:00:00"] * 20}, "ignore"),
        ({"contact_id": ["a@b.com", "c@d.org", "e@f.net"] * 20}, "email"),
        ({"owner": ["a@b.com", "c@d.org", "e@f.net"] * 20}, "ignore"),
        ({"type": ["Person", "Company"] * 30}, "kind"),
        ({"type": ["gold", "silver"] * 30}, "category"),
        ({"x": ["12 Main Street", "Hauptstr. 5", "7 Mill Lane"] * 20}, "address.street"),
        ({"x": ["France", "Germany", "Austria"] * 2}, "address.country"),
        ({"x": ["Acme Ltd", "Zeta GmbH", "Beta S.A."] * 2}, "organization_name"),
        ({"x": ["called again about the late invoice of the year"] * 5 + ["wants an offer for the new pumps soon please"]}, "ignore"),
    ],
)
def test_names_and_values_together_say_what_a_column_is(columns: dict[str, list[str | None]], meaning: str) -> None:
    assert list(meanings(table(**columns)).values()) == [meaning]


def test_names_of_people_are_found_by_their_mailboxes_in_any_language() -> None:
    given, towns = ("Aysel", "Gerfried", "Irenäus", "Walburga"), ("Peine", "Calw", "Torgau")
    family = ("Röhrdanz", "Eigenwillig", "Zänker", "Süßebier")
    rows = [(given[place % 4], family[place // 4 % 4], towns[place % 3]) for place in range(16)]
    columns = {
        "c1": [f"{first[0]}.{last}{place}@web.de".lower() for place, (first, last, _) in enumerate(rows)],
        "c2": [first for first, _, _ in rows],
        "c3": [last for _, last, _ in rows],
        "c4": [f"Am Markt {place}" for place in range(16)],
        "c5": [town for *_, town in rows],
    }
    found = meanings(table(**columns))
    assert (found["c2"], found["c3"], found["c5"]) == ("given_name", "family_name", "address.city")


def test_of_two_columns_that_say_the_same_one_is_used() -> None:
    columns = {
        "code": [str(1000 + place % 9 * 17) for place in range(90)],
        "stands for": ["trade " + "abcdefghi"[place % 9] for place in range(90)],
    }
    assert sorted(meanings(table(**columns)).values()) == ["category", "ignore"]
