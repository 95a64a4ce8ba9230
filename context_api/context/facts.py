"""The golden record as one caller may see it: each value by the record that says it and the class of its attribute.

Where the believed value may not be seen, the best of the others that may is shown instead; nothing tells the hidden one but a count.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from context_api.access import Access, attribute_class
from context_api.context.pack import Conflict, Fact

Document = dict[str, dict[str, Any]]


def seen(kind: str, document: Mapping[str, Any], access: Access) -> tuple[Document, Counter[str]]:
    """The document reduced to what may be seen, and how many values were withheld for which scope."""
    visible: Document = {}
    withheld: Counter[str] = Counter()
    for attribute in document:
        data_class = attribute_class(kind, attribute)
        kept: dict[str, list[Any]] = {"value": [], "losing": [], "also": []}
        for place, said in _said(document[attribute]):
            missing = access.withheld_for(said["record_ref"].split("/")[0], data_class)
            if missing is None:
                kept[place].append(said)
            else:
                withheld[missing] += 1
        if entry := _entry(document[attribute], kept):
            visible[attribute] = entry
    return visible, withheld


def attributes_seen(kind: str, source: str, attributes: Mapping[str, Any], access: Access) -> tuple[dict[str, Any], Counter[str]]:
    """What a record says, as far as may be seen, and how many attributes were withheld for which scope."""
    shown: dict[str, Any] = {}
    withheld: Counter[str] = Counter()
    for attribute, values in attributes.items():
        missing = access.withheld_for(source, attribute_class(kind, attribute))
        if missing is None:
            shown[attribute] = values
        else:
            withheld[missing] += 1
    return shown, withheld


def _said(entry: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "value", {name: value for name, value in entry.items() if name not in ("losing", "also")}
    for place in ("losing", "also"):
        for other in entry.get(place, ()):
            yield place, other


def _entry(entry: Mapping[str, Any], kept: Mapping[str, list[Any]]) -> dict[str, Any] | None:
    losing, also = kept["losing"], kept["also"]
    if kept["value"]:
        first = kept["value"][0]
    elif also or losing:
        first, also, losing = (also[0], also[1:], losing) if also else (losing[0], also, losing[1:])
        first = {**first, "rule": "only_seen", "since": None}
    else:
        return None
    found = {**first, "losing": losing}
    if also:
        found["also"] = also
    if entry.get("conflict") and not (losing or also):
        found.pop("conflict", None)
    return found


def of_document(document: Document) -> list[Fact]:
    """A fact for each attribute that may be seen, its name last of all parts of a name; values that hold beside it are listed with it."""
    facts = []
    for attribute, entry in document.items():
        also = [other["value"] for other in entry.get("also", ())]
        facts.append(
            Fact(
                name=attribute,
                value=[entry["value"], *also] if also else entry["value"],
                source=entry["record_ref"].split("/")[0],
                refs=[entry["record_ref"]],
                as_of=(entry.get("observed_at") or "")[:10] or None,
                conflict=entry.get("conflict"),
            )
        )
    return facts


def conflicts(document: Document) -> list[Conflict]:
    """Where trusted sources disagree, with every side that may be seen."""
    found = []
    for attribute, entry in document.items():
        if entry.get("conflict"):
            sides = [entry, *entry["losing"], *entry.get("also", ())]
            values = [{"value": side["value"], "ref": side["record_ref"], "as_of": side.get("observed_at")} for side in sides]
            found.append(Conflict(attribute=attribute, values=values))
    return found


def name(document: Document, otherwise: str) -> str:
    """What the party is called by what may be seen."""
    return str(document["name"]["value"]) if "name" in document else otherwise
