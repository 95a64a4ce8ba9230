"""Two records laid side by side: a row for each attribute, what differs marked, and what each row says for or against one party.

Pure: what is given has been reduced to what the visitor may see. Of a field whose values were withheld only the weight is left.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from context_api.console import words
from resolution.golden.attributes import NAME_PARTS

#: The row in which a comparison stands, as resolution.explain names it, where it isn't an attribute's own name.
ROWS = {
    "given name": "name",
    "family name": "name",
    "order of names": "name",
    "middle name": "name",
    "branch": "name",
    "date of birth": "birth_date",
    "web domain": "website",
    "workplace": "employer",
}
IDENTIFIERS = ("vat", "tax_id", "registration_number", "lei", "duns")
ORDER = ("name", "birth_date", "employer", "title", "website", "email", "phone", "address", *IDENTIFIERS)
FULL_BAR = 8.0  # bits: a bar is full at the heaviest of its page, and at this at the least
Runs = list[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Side:
    """One record; `party` is {"id", "name", "records"} or None."""

    ref: str
    source: str
    key: str
    kind: str
    url: str | None
    attributes: Mapping[str, Sequence[Any]]
    party: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """look: same, alike, different, or one (only one side says anything); withheld: for each side, whether it says what may not be seen."""

    name: str
    cells: tuple[list[Runs], list[Runs]]
    evidence: list[dict[str, Any]]
    look: str
    withheld: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The rows in order, and the evidence of them together."""

    sides: tuple[Side, Side]
    rows: list[Row]
    extras: list[dict[str, Any]]
    weight: float
    probability: float
    scale: float
    words: str


def align(left: Side, right: Side, evidence: Mapping[str, Any]) -> Alignment:
    """The two sides aligned; `evidence` is what resolution says of the pair, as JSON."""
    sides = (left, right)
    proofs, hidden = _proofs(evidence.get("fields", ()), sides)
    said = (_named(left.attributes), _named(right.attributes))
    rows = [
        _row(name, said, proofs.get(name, []), hidden.get(name, set())) for name in sorted({**said[0], **said[1], **proofs}, key=_place)
    ]
    extras = _extras(evidence)
    weights = [proof["bits"] for proof in [*extras, *(proof for row in rows for proof in row.evidence)]] + [evidence["weight"]]
    return Alignment(
        sides=sides,
        rows=rows,
        extras=extras,
        weight=evidence["weight"],
        probability=evidence["probability"],
        scale=max([FULL_BAR, *(abs(bits) for bits in weights if math.isfinite(bits))]),
        words=str(evidence.get("sentence") or ""),
    )


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER) + name.startswith("key:"), name)


def _named(attributes: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """The attributes as text, with a person's name as one row, however the source cuts it."""
    kept = {name: [words.value(one) for one in values] for name, values in attributes.items() if values and name not in NAME_PARTS}
    parts = [words.value(attributes[name][0]) for name in NAME_PARTS if attributes.get(name)]
    return kept if "name" in kept or not parts else {**kept, "name": [" ".join(parts)]}


def _proofs(fields: Iterable[Mapping[str, Any]], sides: tuple[Side, Side]) -> tuple[dict[str, list[dict[str, Any]]], dict[str, set[int]]]:
    """Row -> what weighs in it; row -> the sides whose value in it is withheld."""
    proofs: dict[str, list[dict[str, Any]]] = {}
    hidden: dict[str, set[int]] = {}
    for one in fields:
        name = _row_of(one["field"], sides)
        said = one.get("level", "")
        if one["field"] != name and ROWS.get(one["field"]) == "name":
            said = f"{one['field']}: {said}"
        proofs.setdefault(name, []).append({"bits": one["bits"] + one.get("term_frequency_bits", 0.0), "words": said})
        hidden.setdefault(name, set()).update(place for place, side in enumerate(("left", "right")) if one.get(side, "") is None)
    return proofs, hidden


def _row_of(comparison: str, sides: tuple[Side, Side]) -> str:
    if comparison == "identifier":
        held = [name for name in IDENTIFIERS if all(side.attributes.get(name) for side in sides)]
        keys = sorted(name for name in sides[0].attributes if name.startswith("key:") and name in sides[1].attributes)
        return next(iter([*held, *keys]), "identifier")
    return ROWS.get(comparison, comparison.partition(":")[2] or comparison)


def _row(name: str, said: Sequence[Mapping[str, list[str]]], evidence: list[dict[str, Any]], hidden: set[int]) -> Row:
    one, two = said[0].get(name, []), said[1].get(name, [])
    cells = ([_against(text, two) for text in one], [_against(text, one) for text in two])
    return Row(name, cells, evidence, _look(one, two, sum(proof["bits"] for proof in evidence)), (0 in hidden, 1 in hidden))


def _against(text: str, others: Sequence[str]) -> Runs:
    """The text with what differs from the closest of the others marked; with none to compare, nothing is marked."""
    if not others:
        return [(False, text)]
    return words.differences(text, process.extractOne(text, others, scorer=fuzz.ratio, processor=str.casefold)[0])


def _look(one: Sequence[str], two: Sequence[str], bits: float) -> str:
    if not one or not two:
        return "one"
    if {text.casefold() for text in one} & {text.casefold() for text in two}:
        return "same"
    return "different" if bits < 0 else "alike"


def _extras(evidence: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What weighs without being a field: how rare a match is before any evidence, and what relatives share."""
    extras = []
    if evidence.get("prior"):
        rare = "how rare it is that two such records are one party"
        extras.append({"name": "before any evidence", "words": rare, "bits": evidence["prior"]})
    if evidence.get("related"):
        fits = evidence.get("relation") or "related parties"
        shared = "what the two share would fit these too, so together it counts for less"
        extras.append({"name": f"also fits {fits}", "words": shared, "bits": evidence["related"]})
    return extras
