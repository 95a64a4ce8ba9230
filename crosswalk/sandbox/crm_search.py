"""The CRM's search: groups of filters (any group, all its filters), then an order; archived records are never found."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Value = str | float | None
#: Both names of the time of change are understood for contacts, for which the vendor's own is `lastmodifieddate`.
_SYNONYMS = {"contacts": {"hs_lastmodifieddate": "lastmodifieddate"}}

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "GT": lambda held, asked: held > asked,
    "GTE": lambda held, asked: held >= asked,
    "LT": lambda held, asked: held < asked,
    "LTE": lambda held, asked: held <= asked,
}


class SearchError(ValueError):
    """The search asks for what the API does not have."""


def search_ids(kind: str, records: dict[str, dict[str, Any]], sent: dict[str, Any]) -> list[str]:
    """The ids found, in the order asked for (by id where none is).

    Raises SearchError for a malformed filter or an operator that the vendor does not have.
    """
    groups = sent.get("filterGroups") or []
    if not isinstance(groups, list) or len(groups) > 5 or not all(isinstance(one, dict) for one in groups):
        raise SearchError("filterGroups must be a list of at most 5 objects")
    tests = [[_test(kind, one) for one in group.get("filters") or []] for group in groups]
    found = [
        key
        for key, record in records.items()
        if not record["archived"] and (not tests or any(all(test(record["properties"]) for test in group) for group in tests))
    ]
    found.sort(key=int)
    for sort in reversed(sent.get("sorts") or []):
        name, descending = (sort, False) if isinstance(sort, str) else (sort.get("propertyName"), sort.get("direction") == "DESCENDING")
        if not isinstance(name, str):
            raise SearchError("a sort needs a propertyName")
        name = _SYNONYMS.get(kind, {}).get(name, name)
        found.sort(key=lambda key: _sortable(records[key]["properties"].get(name)), reverse=descending)
    return found


def _sortable(held: str | None) -> tuple[int, float, str]:
    value = comparable(held)
    if value is None:
        return (2, 0.0, "")
    return (0, value, "") if isinstance(value, float) else (1, 0.0, value)


def comparable(held: Any) -> Value:
    """A number, a time as milliseconds since 1970, or the text in lower case."""
    if held is None:
        return None
    text = str(held)
    try:
        return float(text)
    except ValueError:
        pass
    if len(text) >= 10 and text[4:5] == "-":
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000
        except ValueError:
            pass
    return text.lower()


def _test(kind: str, asked: Any) -> Callable[[dict[str, str]], bool]:
    if not isinstance(asked, dict) or not isinstance(asked.get("propertyName"), str):
        raise SearchError("a filter needs a propertyName and an operator")
    name = str(asked["propertyName"])
    name = _SYNONYMS.get(kind, {}).get(name, name)
    operator, value = asked.get("operator"), comparable(asked.get("value"))
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda held: (held.get(name) is not None) == (operator == "HAS_PROPERTY")
    if operator in ("IN", "NOT_IN"):
        values = {comparable(one) for one in asked.get("values") or []}
        return lambda held: (comparable(held.get(name)) in values) == (operator == "IN")
    if operator == "EQ":
        return lambda held: comparable(held.get(name)) == value
    if operator == "NEQ":
        return lambda held: comparable(held.get(name)) != value
    if operator == "CONTAINS_TOKEN":
        return lambda held: str(value).strip("*") in str(held.get(name, "")).lower()
    if operator == "BETWEEN":
        high = comparable(asked.get("highValue"))
        return lambda held: _compare("GTE", held.get(name), value) and _compare("LTE", held.get(name), high)
    if operator not in _COMPARE:
        raise SearchError(f"{operator} is not a valid operator")
    return lambda held: _compare(str(operator), held.get(name), value)


def _compare(operator: str, held: str | None, asked: Value) -> bool:
    value = comparable(held)
    if value is None or asked is None or isinstance(value, float) != isinstance(asked, float):
        return False
    return _COMPARE[operator](value, asked)
