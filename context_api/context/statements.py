"""What can be said of a party in short sentences, each with the records that prove it.

No outsider's words are in a statement: an item that an outsider wrote is named by kind and date. No clock is read: dates are absolute.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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

#: Attributes by the length at which they are said, in order; all others are said at full length.
CARD = ("name", "address", "employer", "title")
BRIEF = ("email", "phone", "website", "vat", "tax_id", "industry", "status")
ADDRESS = ("street", "postcode", "city", "region", "country")
UNSAID = frozenset({"given_name", "family_name"})


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
    """What the caller may be told, in order of weight; `inputs` as read_summary_inputs.sql gives them."""
    said = [*_attributes(inputs), *_signals(inputs["signals"], access, at), *_relationships(inputs), *_items(inputs["items"])]
    return [one for one in said if all(access.may_see(proof.source, proof.data_class) for proof in one.proofs)]


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
    if attribute in ("vat", "lei", "duns"):
        return f"{attribute.upper()} number" if attribute != "lei" else "LEI"
    return attribute.replace("key:", "key in ").replace("_", " ")


def _attributes(inputs: Mapping[str, Any]) -> Iterator[Statement]:
    document: Mapping[str, Any] = inputs["document"]
    order = {name: place for place, name in enumerate((*CARD, *BRIEF))}
    for name in sorted(document, key=lambda name: (order.get(name, 99), name)):
        entry = document[name]
        if name in UNSAID or not isinstance(entry, Mapping) or not entry.get("record_ref"):
            continue
        proof = Proof(entry["record_ref"], entry["source"], attribute_class(inputs["kind"], name))
        length: Length = "card" if name in CARD else "brief" if name in BRIEF or name.startswith("key:") else "full"
        value = plain(entry["value"])
        said = f"{value} ({inputs['kind']})" if name == "name" else f"{_label(name)} {value}"
        yield Statement(length, said, (proof,))


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
    value, name = fact.value, fact.name.replace("_", " ")
    if fact.name in ("open_invoices", "overdue_invoices"):
        total = " and ".join(f"{currency} {amount}" for currency, amount in value["total"].items())
        due = f", earliest due {value['earliest_due']}" if "earliest_due" in value else ""
        return f"{value['count']} {name if value['count'] != 1 else name[:-1]}: {total}{due}"
    if fact.name == "open_tickets":
        return f"{value['count']} open ticket{'s' if value['count'] != 1 else ''}, the oldest of {value['oldest']}"
    if fact.name == "revenue":
        years = [f"{currency} {amount} in {year}" for currency, of_year in value.items() for year, amount in of_year.items()]
        return f"revenue {'; '.join(years[:6])}"
    if fact.name == "next_renewal":
        return f"a contract ends or renews on {value['on']}"
    amount = f", {value['currency']} {value['amount']}" if "amount" in value and "currency" in value else ""
    return f"{name} on {value['on']} ({value['kind']}{amount})"


def _relationships(inputs: Mapping[str, Any]) -> Iterator[Statement]:
    words = {
        ("employment", "to"): "works for", ("employment", "from"): "employs", ("parent", "to"): "belongs to",
        ("parent", "from"): "is the parent of", ("branch", "to"): "is a branch of", ("branch", "from"): "has the branch",
    }  # fmt: skip
    for related in inputs["relationships"]:
        title = related["attributes"].get("title")
        verb = words.get((related["kind"], related["direction"]), related["kind"])
        proofs = tuple(Proof(ref, ref.split("/")[0], "internal") for ref in sorted(related["evidence"])[:2])
        named = (Proof("", (related["name_ref"] or "?").split("/")[0], "internal"),)
        text = f"{verb} {plain(related['name'])}" + (f" ({plain(title)})" if title else "")
        yield Statement("brief" if related["direction"] == "to" else "full", text, proofs + named)


def _items(items: Iterable[Mapping[str, Any]]) -> Iterator[Statement]:
    for item in items:
        amount = f", {item['currency']} {item['amount']}" if item["amount"] and item["currency"] else ""
        status = f", {plain(item['status'])}" if item["status"] and not item["untrusted"] else ""
        title = "" if item["untrusted"] or not item["title"] else f" “{plain(item['title'])}”"
        proof = Proof(item["ref"], item["source"], item["data_class"])
        yield Statement("full", f"{item['occurred_at']}: {item['kind']}{title}{amount}{status}", (proof,))
