"""Two records laid side by side: a row for each attribute, what differs marked, and what each row says for or against one party.

Pure. A value that the visitor may not see is not in the result, and neither is anything worked out from it save its weight.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process

from context_api.access import Access, attribute_class
from context_api.console import words

#: The row in which a comparison of the kernel stands, where it isn't its own name.
ROWS = {
    "given": "name",
    "family": "name",
    "order": "name",
    "middle": "name",
    "branch": "name",
    "domain": "website",
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
    """look: same, alike, different, or one (only one side says anything)."""

    name: str
    cells: tuple[list[Runs], list[Runs]]
    evidence: list[dict[str, Any]]
    look: str
    withheld: tuple[bool, bool]


@dataclass(slots=True)
class Alignment:
    """The rows in order, and the evidence of them together."""

    sides: tuple[Side, Side]
    rows: list[Row]
    extras: list[dict[str, Any]]
    weight: float
    probability: float
    scale: float
    words: str
    withheld: Counter[str] = field(default_factory=Counter)


def align(left: Side, right: Side, evidence: Mapping[str, Any], access: Access) -> Alignment:
    """The two sides aligned; `evidence` is what resolution.why.pair gives for them."""
    proofs = _proofs(evidence.get("fields", ()), (left, right))
    withheld: Counter[str] = Counter()
    seen = tuple(_visible(side, access, withheld) for side in (left, right))
    names = {**seen[0], **seen[1], **proofs}
    rows = [_row(name, seen, proofs.get(name, [])) for name in sorted(names, key=_place)]
    extras = _extras(evidence)
    weights = [proof["bits"] for proof in [*extras, *(proof for row in rows for proof in row.evidence)]] + [evidence["weight"]]
    return Alignment(
        sides=(left, right),
        rows=rows,
        extras=extras,
        weight=evidence["weight"],
        probability=evidence["probability"],
        scale=max([FULL_BAR, *(abs(bits) for bits in weights if math.isfinite(bits))]),
        words=str(evidence.get("sentence") or ""),
        withheld=withheld,
    )


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER) + name.startswith("key:"), name)


def _visible(side: Side, access: Access, withheld: Counter[str]) -> dict[str, list[str] | None]:
    """Attribute -> its values as text, or None where they are withheld."""
    found: dict[str, list[str] | None] = {}
    for name, values in _named(side.attributes).items():
        scope = access.withheld_for(side.source, attribute_class(side.kind, name))
        if scope:
            withheld[scope] += 1
        found[name] = None if scope else [words.value(one) for one in values]
    return found


def _named(attributes: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The attributes with a person's name as one row, however the source cuts it."""
    kept = {name: list(values) for name, values in attributes.items() if values and name not in ("given_name", "family_name")}
    if "name" not in kept:
        parts = [str(attributes[name][0]) for name in ("given_name", "family_name") if attributes.get(name)]
        if parts:
            kept["name"] = [" ".join(parts)]
    return kept


def _proofs(fields: Iterable[Mapping[str, Any]], sides: tuple[Side, Side]) -> dict[str, list[dict[str, Any]]]:
    """Row -> what stands in it."""
    proofs: dict[str, list[dict[str, Any]]] = {}
    for one in fields:
        name = _row_of(one["field"], sides)
        bits = one["bits"] + one.get("term_frequency_bits", 0.0)
        said = one.get("level", "")
        if ROWS.get(one["field"]) == name:
            said = f"{words.label(one['field'])}: {said}"
        proofs.setdefault(name, []).append({"bits": bits, "words": said})
    return proofs


def _row_of(comparison: str, sides: tuple[Side, Side]) -> str:
    if comparison == "identifier":
        held = [name for name in IDENTIFIERS if all(side.attributes.get(name) for side in sides)]
        keys = sorted(name for name in sides[0].attributes if name.startswith("key:") and name in sides[1].attributes)
        return next(iter([*held, *keys]), "identifier")
    return ROWS.get(comparison, comparison.partition(":")[2] or comparison)


def _row(name: str, seen: Sequence[Mapping[str, list[str] | None]], evidence: list[dict[str, Any]]) -> Row:
    one, two = ((seen[0].get(name) or []), (seen[1].get(name) or []))
    hidden = tuple(bool(side_seen.get(name, ()) is None) for side_seen in seen)
    cells = ([_against(text, two) for text in one], [_against(text, one) for text in two])
    return Row(name, cells, evidence, _look(one, two, sum(proof["bits"] for proof in evidence)), (hidden[0], hidden[1]))


def _against(text: str, others: Sequence[str]) -> Runs:
    """The text with what differs from the closest of the others marked; with none to compare, nothing is marked."""
    if not others:
        return [(False, text)]
    return words.differences(text, process.extractOne(text, others, scorer=fuzz.ratio)[0])


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
        shared = "relatives and colleagues share such things, so together they count for less"
        extras.append({"name": "shared by relatives", "words": shared, "bits": evidence["related"]})
    return extras
