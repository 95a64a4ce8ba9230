"""What can be said of a party in short sentences, each with the records that prove it.

No outsider's words are in a statement: an item that an outsider wrote is named by kind and date. No clock is read: dates are absolute.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from context_api.access import Access, attribute_class
from context_api.context import signals
from context_api.context.pack import Fact

Length = Literal["card", "brief", "full"]
LENGTHS: tuple[Length, ...] = ("card", "brief", "full")
LONGEST = 120  # characters of one value

#: Sees everything: what a stored summary is made with. Its reader may not, so the summary keeps what went in.
EVERYTHING = Access("summaries", frozenset({"source:*", "class:*"}))
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)  # before any due date: a stored summary does not say what is overdue

#: Attributes that are said in one sentence with the name, and those that a paragraph says; all others are said at full length.
INTRODUCED = ("name", "title", "employer")
BRIEF = ("address", "email", "phone", "website", "vat", "tax_id", "industry", "status")
KEY = "key:"
ADDRESS = ("street", "postcode", "city", "region", "country")
UNSAID = frozenset({"given_name", "family_name"})
LABELS = {"email": "email address", "phone": "phone number", "vat": "VAT number", "lei": "LEI", "duns": "DUNS number"}
WHAT = {"organization": "a company", "person": "a person"}
_CITING = re.compile(r"\[(\d+)\]")
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


@dataclass(frozen=True, slots=True)
class Proof:
    """A record that proves a statement, and what one must be allowed to see for it."""

    ref: str
    source: str
    data_class: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing to say, from which length on, and its proofs."""

    length: Length
    text: str
    proofs: tuple[Proof, ...]


def of_party(inputs: Mapping[str, Any], access: Access = EVERYTHING, at: datetime = BEGINNING) -> list[Statement]:
    """What the caller may be told, in order of weight; `inputs` as read_summary_inputs.sql gives them.

    What looks like a mark, as in a name "Acme [2]", is written "Acme (2)".
    """
    said = [*_attributes(inputs), *_signals(inputs["signals"], access, at), *_relationships(inputs), *_items(inputs["items"])]
    seen = (one for one in said if all(access.may_see(proof.source, proof.data_class) for proof in one.proofs))
    return [replace(one, text=_CITING.sub(r"(\1)", one.text)) for one in seen]


def plain(value: Any) -> str:
    """A value on one line, cut at 120 characters."""
    if isinstance(value, Mapping):
        value = ", ".join(str(value[part]) for part in sorted(value, key=_part) if value[part])
    elif isinstance(value, list):
        value = ", ".join(plain(part) for part in value[:5])
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _part(name: str) -> tuple[int, str]:
    return (ADDRESS.index(name) if name in ADDRESS else len(ADDRESS), name)


def _label(attribute: str) -> str:
    if attribute.startswith(KEY):
        return f"key in {attribute.removeprefix(KEY)}"
    return LABELS.get(attribute, attribute.replace("_", " "))


def _attributes(inputs: Mapping[str, Any]) -> Iterator[Statement]:
    said = {
        name: entry
        for name, entry in inputs["document"].items()
        if name not in UNSAID and isinstance(entry, Mapping) and entry.get("record_ref")
    }
    introduced = yield from _introduction(said, inputs["kind"])
    order = {name: place for place, name in enumerate(BRIEF)}
    for name in sorted(said.keys() - introduced, key=lambda name: (order.get(name, 99), name)):
        length: Length = "brief" if name in BRIEF or name.startswith(KEY) or name in INTRODUCED else "full"
        yield Statement(length, f"the {_label(name)} is {plain(said[name]['value'])}", (_proof(said[name], inputs["kind"], name),))


def _introduction(said: Mapping[str, Mapping[str, Any]], kind: str) -> Generator[Statement, None, frozenset[str]]:
    """Who it is, in a sentence; returns the attributes that need not be said again."""
    if "name" not in said:
        return frozenset()
    told = ["name"]
    text = plain(said["name"]["value"])
    if kind == "person" and "employer" in said:
        told += ["title", "employer"] if "title" in said else ["employer"]
        text += f" is {plain(said['title']['value'])} at" if "title" in said else " works at"
        text += f" {plain(said['employer']['value'])}"
    elif kind == "person" and "title" in said:
        told.append("title")
        text += f" is {plain(said['title']['value'])}"
    else:
        text += f" is {WHAT.get(kind, 'known to us')}"
    address = said["address"]["value"] if "address" in said else None
    city = address.get("city") if isinstance(address, Mapping) else None
    if city:
        text += f" in {plain(city)}"
    keys = sorted(name for name in said if name.startswith(KEY))[:1]
    for name in keys:
        text += f", customer {plain(said[name]['value'])} in {name.removeprefix(KEY)}"
    proofs = [_proof(said[name], kind, name) for name in (*told, *(["address"] if city else []), *keys)]
    yield Statement("card", text, tuple(dict.fromkeys(proofs)))
    return frozenset((*told, *keys))


def _proof(entry: Mapping[str, Any], kind: str, attribute: str) -> Proof:
    return Proof(entry["record_ref"], entry["source"], attribute_class(kind, attribute))


def _signals(rows: Iterable[Mapping[str, Any]], access: Access, at: datetime) -> Iterator[Statement]:
    rows = list(rows)
    classes = {part["ref"]: part for row in rows for part in row["value"]["parts"] if "ref" in part}
    revenue = [part for row in rows if row["name"] == "revenue" for part in row["value"]["parts"]]
    facts, _withheld = signals.seen(rows, access, at)
    for fact in facts:
        if fact.name == "revenue":
            seen = {(part["source"], part["data_class"]) for part in revenue if access.may_see(part["source"], part["data_class"])}
            proofs = tuple(Proof("", source, data_class) for source, data_class in sorted(seen))
        else:
            proofs = tuple(Proof(ref, classes[ref]["source"], classes[ref]["data_class"]) for ref in fact.refs)
        length: Length = "card" if signals.ORDER.index(fact.name) < 4 else "brief"
        if fact.name != "next_renewal" or at > BEGINNING:
            yield Statement(length, sentence(fact), proofs)


def sentence(fact: Fact) -> str:
    """A signal in words."""
    value = fact.value
    if fact.name in ("open_invoices", "overdue_invoices"):
        return _invoices(value, fact.name.partition("_")[0])
    if fact.name == "open_tickets":
        several = value["count"] != 1
        since = f", the oldest since {value['oldest']}" if several else f" since {value['oldest']}"
        return f"{_number(value['count'])} ticket{'s are' if several else ' is'} open{since}"
    if fact.name == "revenue":
        years = [f"{money(currency, amount)} in {year}" for currency, of_year in value.items() for year, amount in of_year.items()]
        return f"invoices came to {_listed(years[:6])}"
    if fact.name == "next_renewal":
        return f"a contract ends or renews on {value['on']}"
    if fact.name == "last_order":
        return f"the last order, of {value['on']}, came to {_amount(value)}" if _amount(value) else f"the last order is of {value['on']}"
    return f"the last contact was {_one(value['kind'])} on {value['on']}"


def _invoices(value: Mapping[str, Any], state: str) -> str:
    several = value["count"] != 1
    total = _listed([money(currency, amount) for currency, amount in value["total"].items()])
    text = f"{_number(value['count'])} invoice{'s are' if several else ' is'} {state}, {total}{' in all' if several else ''}"
    if "earliest_due" not in value:
        return text
    first = "the first " if several else ""
    return f"{text}, {first}{'since' if state == 'overdue' else 'due on'} {value['earliest_due']}"


def money(currency: str, amount: Any) -> str:
    """EUR 12,400 or EUR 7.50; what is no number stays as it is."""
    try:
        return f"{currency} {Decimal(str(amount)):,.2f}".removesuffix(".00")
    except InvalidOperation:
        return f"{currency} {amount}"


def _amount(value: Mapping[str, Any]) -> str:
    return money(value["currency"], value["amount"]) if value.get("amount") and value.get("currency") else ""


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1]) if len(parts) > 1 else parts)


def _one(kind: str) -> str:
    """The kind with its article."""
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind.replace('_', ' ')}"


def _relationships(inputs: Mapping[str, Any]) -> Iterator[Statement]:
    for related in inputs["relationships"]:
        proofs = tuple(Proof(ref, ref.split("/")[0], "internal") for ref in sorted(related["evidence"])[:2])
        named = (Proof("", (related["name_ref"] or "?").split("/")[0], "internal"),)
        yield Statement("brief" if related["direction"] == "to" else "full", _related(related), proofs + named)


def _related(related: Mapping[str, Any]) -> str:
    name, title = plain(related["name"]), related["attributes"].get("title")
    served = f" as {plain(title)}" if title else ""
    return {
        ("employment", "to"): f"they work for {name}{served}",
        ("employment", "from"): f"{name} works there{served}",
        ("parent", "to"): f"it belongs to {name}",
        ("parent", "from"): f"{name} belongs to it",
        ("branch", "to"): f"it is a branch of {name}",
        ("branch", "from"): f"{name} is a branch of it",
    }.get((related["kind"], related["direction"]), f"{related['kind']}: {name}{served}")


def _items(items: Iterable[Mapping[str, Any]]) -> Iterator[Statement]:
    for item in items:
        over = f" over {_amount(item)}" if _amount(item) else ""
        status = f" ({plain(item['status'])})" if item["status"] and not item["untrusted"] else ""
        title = "" if item["untrusted"] or not item["title"] else f" “{plain(item['title'])}”"
        proof = Proof(item["ref"], item["source"], item["data_class"])
        yield Statement("full", f"on {item['occurred_at']} there was {_one(item['kind'])}{title}{over}{status}", (proof,))
