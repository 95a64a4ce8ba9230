"""What a party's items say together, as tiles: a label, one figure, a line beneath. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from context_api.console import words
from context_api.context.pack import Fact


@dataclass(frozen=True, slots=True)
class Tile:
    """urgent: somebody should do something about it."""

    label: str
    figure: str
    more: str = ""
    urgent: bool = False


def tiles(facts: Iterable[Fact]) -> list[Tile]:
    """A tile for each signal among the facts, the pressing ones first."""
    by_name = {fact.name: fact.value for fact in facts}
    return [make(by_name[name]) for name, make in TILES.items() if name in by_name]


def _totals(totals: Mapping[str, str]) -> str:
    return " · ".join(words.money(amount, currency) for currency, amount in totals.items())


def _overdue(value: Mapping[str, Any]) -> Tile:
    return Tile("Overdue invoices", _totals(value["total"]), _invoices(value, "oldest due"), urgent=True)


def _open(value: Mapping[str, Any]) -> Tile:
    return Tile("Open invoices", _totals(value["total"]), _invoices(value, "first due"))


def _invoices(value: Mapping[str, Any], due: str) -> str:
    said = words.count(value["count"], "invoice")
    return f"{said}, {due} {words.day(value['earliest_due'])}" if "earliest_due" in value else said


def _tickets(value: Mapping[str, Any]) -> Tile:
    return Tile("Open tickets", f"{value['count']:,}", f"oldest {words.day(value['oldest'])}" if "oldest" in value else "")


def _contact(value: Mapping[str, Any]) -> Tile:
    return Tile("Last contact", words.day(value["on"]), words.label(value.get("kind", "")))


def _order(value: Mapping[str, Any]) -> Tile:
    return Tile("Last order", words.day(value["on"]), words.money(value.get("amount"), value.get("currency")))


def _revenue(value: Mapping[str, Mapping[str, str]]) -> Tile:
    """The newest year of each currency, and the year before beneath."""
    newest = max((year for years in value.values() for year in years), default="")
    before = str(int(newest) - 1) if newest.isdigit() else ""
    figures = {year: _totals({currency: years[year] for currency, years in value.items() if year in years}) for year in (newest, before)}
    return Tile(f"Revenue {newest}", figures[newest], f"{before}: {figures[before]}" if figures[before] else "")


def _renewal(value: Mapping[str, Any]) -> Tile:
    return Tile("Next renewal", words.day(value["on"]))


TILES: Mapping[str, Callable[[Any], Tile]] = {
    "overdue_invoices": _overdue,
    "open_invoices": _open,
    "open_tickets": _tickets,
    "last_contact": _contact,
    "last_order": _order,
    "revenue": _revenue,
    "next_renewal": _renewal,
}
