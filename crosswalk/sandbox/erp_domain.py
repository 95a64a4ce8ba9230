"""Odoo's search domains: terms `[field, operator, value]` joined in prefix notation by `&`, `|` and `!`, an absent joint being `&`."""

from collections.abc import Callable
from typing import Any

Record = dict[str, Any]

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda held, asked: held > asked,
    ">=": lambda held, asked: held >= asked,
    "<": lambda held, asked: held < asked,
    "<=": lambda held, asked: held <= asked,
}


class DomainError(ValueError):
    """The domain is malformed, or names a field or operator that is not there."""


def names_field(domain: Any, field: str) -> bool:
    """Whether a term of the domain is about the field."""
    return isinstance(domain, list) and any(isinstance(term, list) and term and term[0] == field for term in domain)


def matches(domain: Any, record: Record) -> bool:
    """Whether the record is in the domain. Raises DomainError."""
    if not isinstance(domain, list):
        raise DomainError(f"Invalid domain: {domain!r} is not a list")
    rest = list(domain)
    held = True
    while rest:
        held = _next(rest, record) and held
    return held


def _next(rest: list[Any], record: Record) -> bool:
    """Takes one whole expression from the front; both sides of a joint are always taken, whatever the first gave."""
    if not rest:
        raise DomainError("Invalid domain: an operator lacks its operand")
    term = rest.pop(0)
    if term == "!":
        return not _next(rest, record)
    if term in ("&", "|"):
        first, second = _next(rest, record), _next(rest, record)
        return first and second if term == "&" else first or second
    if not isinstance(term, list) or len(term) != 3:
        raise DomainError(f"Invalid domain term: {term!r}")
    return _term(term[0], term[1], term[2], record)


def _term(field: Any, operator: Any, asked: Any, record: Record) -> bool:
    if field not in record:
        raise DomainError(f"Invalid field {field!r} in a domain")
    held = record[field]
    if isinstance(held, list) and len(held) == 2 and isinstance(held[1], str):
        held = held[1] if isinstance(asked, str) else held[0]
    if operator == "=":
        return bool(held == asked or (asked in (False, None) and held is False))
    if operator == "!=":
        return not _term(field, "=", asked, record)
    if operator in ("in", "not in"):
        if not isinstance(asked, list):
            raise DomainError(f"Invalid domain term: {operator} wants a list, not {asked!r}")
        return bool((held in asked) == (operator == "in"))
    if operator in ("like", "ilike"):
        one, other = (str(held or ""), str(asked)) if operator == "like" else (str(held or "").lower(), str(asked).lower())
        return other in one
    if operator not in _ORDERED:
        raise DomainError(f"Invalid operator {operator!r} in a domain")
    if held is False or isinstance(held, str) != isinstance(asked, str) or isinstance(asked, list | dict | None):
        return False
    return bool(_ORDERED[operator](held, asked))
