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
