"""What many of a party's items say together: open and overdue invoices, open tickets, last contact, revenue, the next renewal.

Stored without a clock and in parts, each part of one source and data class: what is overdue, and what a caller may see, is worked out
when it is read. So a signal is a function of the items, and a caller never learns from a sum what may not be seen.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from context_api.access import DATA_CLASSES, Access
from context_api.context.pack import Fact

#: States after which nothing more is due or to do, as the sources' words for it are mapped.
CLOSED = frozenset(
    {"paid", "in_payment", "reversed", "cancel", "canceled", "cancelled", "void", "draft", "closed", "resolved", "solved", "done"}
    | {"won", "lost", "closedwon", "closedlost", "delivered", "completed", "invoiced", "fulfilled"}
)
#: States in which an invoice does not count as revenue.
NOT_REVENUE = frozenset({"cancel", "canceled", "cancelled", "void", "draft"})
CONTACT = frozenset({"email", "meeting", "note", "call", "ticket"})
#: Roles of one who stands aside: such an item is not theirs to pay or to answer.
ASIDE = frozenset({"mentioned", "cc", "bcc"})
#: What is told of a party, the most pressing first.
ORDER = ("overdue_invoices", "open_invoices", "open_tickets", "last_contact", "last_order", "next_renewal", "revenue")
MOST = 1_000  # parts of one signal; the count of all is kept beside them
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a party's timeline, with what its record says beyond."""

    ref: str
    kind: str
    role: str
    status: str | None
    amount: Decimal | None
    currency: str | None
    source: str
    data_class: str
    occurred_at: datetime
    attributes: Mapping[str, Any]

    @property
    def words(self) -> set[str]:
        """The record's own words for its state, folded."""
        stated = (self.status, self.attributes.get("payment_state"), self.attributes.get("state"), self.attributes.get("stage"))
        return {str(word).strip().lower().replace(" ", "").replace("-", "_") for word in stated if word}

    @property
    def open(self) -> bool:
        return not self.words & CLOSED

    @property
    def received(self) -> bool:
        """A bill that the party sent us: ours to pay, and none of its revenue."""
        return str(self.attributes.get("type", "")).startswith("in_")

    @property
    def credit(self) -> bool:
        return self.attributes.get("type") == "out_refund" or (self.amount is not None and self.amount < 0)

    def part(self, **more: Any) -> dict[str, Any]:
        return {"ref": self.ref, "source": self.source, "data_class": self.data_class} | {
            name: value for name, value in more.items() if value is not None
        }


@dataclass(frozen=True, slots=True)
class Signal:
    """A row of context.signal."""

    name: str
    value: dict[str, Any]
    data_class: str
    evidence: list[str]


def of_entries(entries: Iterable[Entry]) -> list[Signal]:
    """The signals of one party, by name; the order of the entries does not matter."""
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    revenue: dict[tuple[str, str, str, int], list[Decimal]] = defaultdict(list)
    latest: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        if entry.role in ASIDE:
            continue
        if entry.kind == "invoice" and not entry.received:
            if entry.open and not entry.credit:
                parts["open_invoices"].append(_invoice(entry))
            if not entry.words & NOT_REVENUE and entry.amount is not None:
                revenue[entry.source, entry.data_class, entry.currency or "?", entry.occurred_at.year].append(entry.amount)
        elif entry.kind == "ticket" and entry.open:
            parts["open_tickets"].append(entry.part(on=_day(entry.occurred_at), priority=entry.attributes.get("priority")))
        elif entry.kind == "contract" and (dates := _dates(entry)):
            parts["renewal"].append(entry.part(**dates))
        for name, kinds in (("last_contact", CONTACT), ("last_order", {"order"})):
            key = (name, entry.source, entry.data_class)
            if entry.kind in kinds and (key not in latest or _recency(latest[key]) < _recency(entry)):
                latest[key] = entry
    for (name, _source, _data_class), entry in latest.items():
        parts[name].append(entry.part(kind=entry.kind, on=_day(entry.occurred_at), amount=_money(entry.amount), currency=entry.currency))
    for (source, data_class, currency, year), amounts in revenue.items():
        total = {"currency": currency, "year": year, "amount": _money(sum(amounts, Decimal())), "invoices": len(amounts)}
        parts["revenue"].append({"source": source, "data_class": data_class, **total})
    return [_signal(name, parts[name]) for name in sorted(parts)]


def _signal(name: str, parts: list[dict[str, Any]]) -> Signal:
    parts.sort(key=lambda part: (str(part.get("due_on", part.get("on", ""))), part.get("ref", ""), str(sorted(part.items()))))
    strictest = max((part["data_class"] for part in parts), key=lambda one: (DATA_CLASSES.index(one) if one in DATA_CLASSES else 99, one))
    evidence = [part["ref"] for part in parts if "ref" in part][:MOST]
    return Signal(name, {"parts": parts[:MOST], "count": len(parts)}, strictest, evidence)


def _recency(entry: Entry) -> tuple[datetime, str]:
    return entry.occurred_at, entry.ref


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _invoice(entry: Entry) -> dict[str, Any]:
    return entry.part(
        number=entry.attributes.get("number"),
        amount=_money(_number(entry.attributes.get("open_amount")) or entry.amount),
        currency=entry.currency or "?",
        due_on=_date(entry.attributes.get("due_on")),
    )


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _dates(entry: Entry) -> dict[str, str]:
    named = {name: _date(entry.attributes.get(name)) for name in ("renews_on", "expires_on", "effective_on")}
    return {name: value for name, value in named.items() if value}


def _date(value: Any) -> str | None:
    """The date as YYYY-MM-DD; what is no date is left out."""
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        return None


def seen(rows: Iterable[Mapping[str, Any]], access: Access, at: datetime) -> tuple[list[Fact], Counter[str]]:
    """What the caller may see of the stored signals, as of a time, the most pressing first; and what was withheld, by missing scope."""
    facts: list[Fact] = []
    withheld: Counter[str] = Counter()
    for row in rows:
        parts = []
        for part in row["value"]["parts"]:
            scope = access.withheld_for(part["source"], part["data_class"])
            if scope is None:
                parts.append(part)
            else:
                withheld[scope] += 1
        if parts:
            facts += _facts(row["name"], parts, at)
    return sorted(facts, key=lambda fact: ORDER.index(fact.name)), withheld


def _facts(name: str, parts: Sequence[dict[str, Any]], at: datetime) -> list[Fact]:
    today = at.date().isoformat()
    if name == "open_invoices":
        late = [part for part in parts if part.get("due_on", "9999") < today]
        return [_invoices("open_invoices", parts), *([_invoices("overdue_invoices", late)] if late else [])]
    if name == "open_tickets":
        return [_fact(name, {"count": len(parts), "oldest": parts[0]["on"]}, parts)]
    if name in ("last_contact", "last_order"):
        last = max(parts, key=lambda part: (part["on"], part["ref"]))
        return [_fact(name, {word: last[word] for word in ("on", "kind", "amount", "currency") if word in last}, [last])]
    if name == "renewal":
        coming = [(part.get("renews_on") or part.get("expires_on", ""), part) for part in parts]
        coming = sorted(((on, part) for on, part in coming if on >= today), key=lambda one: (one[0], one[1]["ref"]))
        return [_fact("next_renewal", {"on": coming[0][0]}, [coming[0][1]])] if coming else []
    return [_fact(name, _revenue(parts), parts)]


def _invoices(name: str, parts: Sequence[dict[str, Any]]) -> Fact:
    dated = sorted(part["due_on"] for part in parts if "due_on" in part)
    value = {"count": len(parts), "total": _totals(parts), **({"earliest_due": dated[0]} if dated else {})}
    return _fact(name, value, parts)


def _totals(parts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        sums[part["currency"]] += Decimal(part.get("amount") or "0")
    return {currency: f"{sums[currency]:.2f}" for currency in sorted(sums)}


def _revenue(parts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Currency -> year -> amount, the years newest first."""
    ordered = sorted(parts, key=lambda part: (part["currency"], -part["year"]))
    years: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for part in ordered:
        years[part["currency"]][str(part["year"])] += Decimal(part["amount"])
    return {currency: {year: f"{amount:.2f}" for year, amount in of_year.items()} for currency, of_year in years.items()}


def _fact(name: str, value: Any, parts: Sequence[Mapping[str, Any]]) -> Fact:
    return Fact(name=name, value=value, refs=[part["ref"] for part in parts if "ref" in part][:SHOWN])
