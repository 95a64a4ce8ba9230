"""A party's page in the words and order that a person reads it. Pure: what is given has been reduced to what the visitor may see."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from context_api.console import words
from context_api.context.pack import ContextPack, Related, Source
from resolution.golden.attributes import NAME_PARTS
from resolution.records import ADDRESS, KEY_PREFIX, TEXT_ATTRIBUTES

_CITATION = re.compile(r" ?\[(\d+)\]")
_SCHEME = re.compile(r"^https?://(www\.)?")

FIRST = ("name", "given_name", "family_name", "birth_date", "title", "employer", "email", "phone", "website", ADDRESS)

#: What a relationship says of the other party, by its kind and whether it goes out from this one.
RELATIONS = {
    ("employment", "to"): "works there",
    ("employment", "from"): "works here",
    ("parent", "to"): "parent company",
    ("parent", "from"): "subsidiary",
    ("branch", "to"): "head office",
    ("branch", "from"): "branch",
}

#: What happened to this party, by the kind of event.
HAPPENED = {
    "created": "created",
    "joined": "joined",
    "left": "left",
    "merged": "merged",
    "split": "split off",
    "retired": "left without records",
    "changed": "changed",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of the golden record. parts: of an address, for the form that overrides it; settable: whether a steward may."""

    name: str
    value: Any
    source: str
    url: str | None
    record_ref: str
    rule: str
    observed_at: str | None
    also: list[Mapping[str, Any]]
    losing: list[Mapping[str, Any]]
    conflict: bool
    override: Mapping[str, Any] | None
    settable: bool
    parts: list[tuple[str, str]] = field(default_factory=list)


def attributes(
    document: Mapping[str, Mapping[str, Any]], urls: Mapping[str, str | None], overrides: Mapping[int, Mapping[str, Any]]
) -> list[Attribute]:
    """The golden record's rows: what a person looks for first, then the rest by name, keys of sources last."""
    return [_attribute(name, document[name], urls, overrides) for name in sorted(document, key=_place)]


def _place(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST) + name.startswith(KEY_PREFIX), name)


def _attribute(
    name: str, entry: Mapping[str, Any], urls: Mapping[str, str | None], overrides: Mapping[int, Mapping[str, Any]]
) -> Attribute:
    value = entry["value"]
    address = name == ADDRESS and isinstance(value, Mapping)
    return Attribute(
        name=name,
        value=value,
        source=entry["source"],
        url=urls.get(entry["record_ref"]) if entry["source"] == entry["record_ref"].partition("/")[0] else None,
        record_ref=entry["record_ref"],
        rule=entry["rule"],
        observed_at=entry.get("observed_at"),
        also=[_linked(other, urls) for other in entry.get("also", ())],
        losing=[_linked(other, urls) for other in entry.get("losing", ())],
        conflict=bool(entry.get("conflict")),
        override=overrides.get(entry.get("override_id", 0)),
        settable=name not in NAME_PARTS and (address or isinstance(value, str)),
        parts=[(part, str(value.get(part) or "")) for part in words.ADDRESS_PARTS] if address else [],
    )


def _linked(other: Mapping[str, Any], urls: Mapping[str, str | None]) -> dict[str, Any]:
    return {**other, "url": urls.get(other["record_ref"])}


def missing(document: Mapping[str, Any], kind: str) -> list[str]:
    """Attributes that a steward may add, since no source gives one."""
    foreign = {"person": {"industry", "lei", "duns", "registration_number"}, "organization": {"birth_date", "title", "employer"}}
    unfit = {*NAME_PARTS, *document, *foreign.get(kind, ())}
    return [name for name in TEXT_ATTRIBUTES if name not in unfit]


def records(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The crosswalk's lines: each record with a name to know it by and what else tells it."""
    return [{**row, "name": title(row["attributes"]), "more": _more(row["attributes"])} for row in rows]


def title(said: Mapping[str, Sequence[Any]]) -> str:
    """What a record is called by what it says, or nothing."""
    if said.get("name"):
        return words.value(said["name"][0])
    parts = [words.value(said[part][0]) for part in NAME_PARTS if said.get(part)]
    return " ".join(parts) or next((words.value(said[name][0]) for name in ("email", "phone", "website") if said.get(name)), "")


def _more(said: Mapping[str, Sequence[Any]]) -> str:
    told = [words.value(said[name][0]) for name in ("email", "phone", "website", "vat", ADDRESS) if said.get(name)]
    return " · ".join(told[:3])


def known_as(document: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What else tells a party, for a list: how to reach it, and its town."""
    told = [_SCHEME.sub("", words.value(document[name]["value"])) for name in ("website", "email", "phone", "vat") if name in document][:1]
    where = document.get(ADDRESS, {}).get("value")
    told += [str(where["city"])] if isinstance(where, Mapping) and where.get("city") else []
    return [" · ".join(told)] if told else []


def card(pack: ContextPack) -> list[tuple[str, Source | None]]:
    """The card of a pack without items in runs of text, each with the source cited behind it, the last with None; none without a card."""
    sources = {one.mark: one for one in pack.sources}
    text, *cited = _CITATION.split(pack.card or "")
    runs: list[tuple[str, Source | None]] = []
    for mark, following in zip(cited[::2], cited[1::2], strict=True):
        runs.append((text, sources[int(mark)]))
        text = following
    return [*runs, (text, None)] if text or runs else []


def relationships(links: Iterable[Related]) -> list[dict[str, Any]]:
    """The other parties, each with what it is to this one."""
    return [
        {
            "party_id": link.party_id,
            "name": link.name,
            "words": " as ".join(filter(None, (RELATIONS.get((link.kind, link.direction), words.label(link.kind)), link.title))),
            "period": " ".join(f"{word} {words.day(date)}" for word, date in (("since", link.since), ("until", link.until)) if date),
        }
        for link in links
    ]


def happened(events: Iterable[Any]) -> list[dict[str, Any]]:
    """The party's history in words."""
    return [
        {
            "occurred_at": event.occurred_at,
            "words": " ".join(filter(None, (event.record_ref, HAPPENED.get(event.kind, words.label(event.kind))))),
            "other_party_id": event.other_party_id,
            "by": event.actor if event.actor != "resolver" else "",
            "reason": event.reason,
        }
        for event in events
    ]
