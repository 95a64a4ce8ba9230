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
    assert infer(table(**{column: ["x", "y"]}), {}).meanings[column] == meaning


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
    assert infer(table(x17=values), {}).meanings["x17"] == meaning


def test_what_is_said_stands_over_what_is_inferred() -> None:
    assert infer(table(email=["a@b.com"]), {"email": "category"}).meanings == {"email": "category"}


def test_a_company_column_is_the_employer_of_people_and_the_name_of_organisations() -> None:
    assert infer(table(first_name=["Bob"], company=["Acme"]), {}).meanings["company"] == "employer"
    found = infer(table(company=["Acme"], website=["acme.com"]), {})
    assert (found.meanings["company"], found.kind) == ("organization_name", "organization")


def test_a_bare_name_is_a_persons_or_an_organisations_by_its_values() -> None:
    assert infer(table(name=["Bob Smith", "Susan Lee", "Thomas Adler"]), {}).kind == "person"
    assert infer(table(name=["Acme Ltd", "Zeta GmbH", "Café Central"]), {}).kind == "organization"


def test_two_sets_of_address_columns_are_two_addresses() -> None:
    groups = infer(table(billing_street=["x"], billing_city=["y"], shipping_street=["z"]), {}).groups
    assert groups["billing_street"] == groups["billing_city"] != groups["shipping_street"]
