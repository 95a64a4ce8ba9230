"""Two records side by side: everything said stands in a row, what differs is marked, and nothing withheld comes through."""

from typing import Any

from context_api.console.alignment import Side, align


def side(source: str, kind: str = "organization", **attributes: Any) -> Side:
    return Side(f"{source}/companies/1", source, "1", kind, None, attributes)


def evidence(*fields: tuple[str, str, float], weight: float = 2.0) -> dict[str, Any]:
    found = [{"field": name, "level": level, "bits": bits, "term_frequency_bits": 0.0} for name, level, bits in fields]
    return {"prior": -7.0, "fields": found, "related": 0.0, "weight": weight, "probability": 0.8, "sentence": "Alike."}


def test_each_attribute_of_either_side_has_one_row_in_a_steady_order() -> None:
    left, right = side("crm", phone=["1"], name=["Acme"]), side("erp", vat=["DE1"], name=["ACME GmbH"])
    found = align(left, right, evidence(("name", "alike", 5.0)))
    assert [(row.name, row.look) for row in found.rows] == [("name", "alike"), ("phone", "one"), ("vat", "one")]
    assert found.rows[0].cells == ([[(False, "Acme")]], [[(False, "ACME"), (True, " GmbH")]])


def test_a_persons_name_is_one_row_however_it_is_cut() -> None:
    left, right = side("crm", "person", given_name=["Bob"], family_name=["Ray"]), side("erp", "person", name=["Bob Ray"])
    found = align(left, right, evidence(("given name", "same", 4.0), ("family name", "same", 6.0)))
    assert [(row.name, row.look, len(row.evidence)) for row in found.rows] == [("name", "same", 2)]


def test_a_field_whose_values_are_withheld_keeps_its_weight_and_says_so() -> None:
    said = evidence(("email", "same", 9.0))
    said["fields"][0] |= {"left": None, "right": None}
    found = align(side("crm", "person", name=["Bob"]), side("erp", "person", name=["Bob"]), said)
    assert [(row.name, row.withheld, row.cells, len(row.evidence)) for row in found.rows if row.name == "email"] == [
        ("email", (True, True), ([], []), 1)
    ]


def test_evidence_on_what_no_record_says_outright_still_has_its_row() -> None:
    found = align(side("crm", name=["Acme"]), side("erp", name=["Acme"]), evidence(("identifier", "same", 20.0)))
    assert {row.name: [proof["bits"] for proof in row.evidence] for row in found.rows}["identifier"] == [20.0]
    assert found.scale == 20.0


def test_a_differing_value_that_weighs_against_looks_different() -> None:
    found = align(side("crm", vat=["DE1"]), side("erp", vat=["DE2"]), evidence(("identifier", "different", -12.0)))
    assert [(row.name, row.look) for row in found.rows] == [("vat", "different")]
    assert [extra["bits"] for extra in found.extras] == [-7.0]
