"""Filling a pack so that it never costs more than its budget: what matters most first, each part weighed before it goes in.

The cost of a pack is that of its JSON. A part that does not fit is left out, and so is no reason to fail: at the smallest budget what
remains is the status, the receipt and as much of the card as fits.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from context_api.context import tokens
from context_api.context.pack import ContextPack

Part = TypeVar("Part", bound=BaseModel)


def cost(part: BaseModel | str) -> int:
    """Tokens of a part of a pack (a string is JSON already), with its comma."""
    return tokens.estimate(f"{part if isinstance(part, str) else part.model_dump_json()},") + 1


def _field(name: str, content: Any = "[]") -> int:
    """Tokens of a field; of a list's, the name and brackets alone."""
    return cost(f'"{name}":{content if isinstance(content, str) else content.model_dump_json()}')


class Filling:
    """A pack that is being filled. `room` is what may still go in."""

    def __init__(self, pack: ContextPack, budget: int) -> None:
        self.pack = pack
        self.budget = budget
        pack.tokens = max(budget, pack.tokens)
        self.room = budget - tokens.estimate(pack.model_dump_json())

    def scalar(self, name: str, value: Any) -> bool:
        """Set a field of the pack if it fits."""
        if value in (None, ""):
            return True
        price = _field(name, json.dumps(value, ensure_ascii=False))
        if price > self.room:
            return False
        setattr(self.pack, name, value)
        self.room -= price
        return True

    def text(self, name: str, value: str, most: int) -> bool:
        """Set a text, cut to at most `most` tokens and to the room; whether all of it went in."""
        allowed = min(most, self.room)
        short = value
        while short and (price := _field(name, json.dumps(short, ensure_ascii=False))) > allowed:
            short = tokens.cut(short, tokens.estimate(short) - max(1, price - allowed))
        if short:
            setattr(self.pack, name, short)
            self.room -= price
        return short == value

    def part(self, name: str, part: BaseModel, most: int) -> bool:
        """Set a field that is a model of its own if it fits into the room and into `most` tokens."""
        price = _field(name, part)
        if price > min(self.room, most):
            return False
        setattr(self.pack, name, part)
        self.room -= price
        return True

    def mapping(self, name: str, values: dict[str, int]) -> bool:
        """Add as many of the entries as fit; whether all did."""
        kept: dict[str, int] = {}
        for key, value in values.items():
            price = cost(f'"{key}":{value}') + (0 if kept else _field(name))
            if price <= self.room:
                kept[key] = value
                self.room -= price
        if kept:
            setattr(self.pack, name, kept)
        return len(kept) == len(values)

    def parts(self, name: str, parts: Iterable[Part], most: int | None = None) -> list[Part]:
        """Add to a list as many of the parts as fit into the room and into `most` tokens; returns those that did not."""
        held: list[Any] = getattr(self.pack, name)
        left: list[Part] = []
        spent = 0
        for part in parts:
            price = cost(part) + (0 if held else _field(name))
            if price > self.room or (most is not None and spent + price > most):
                left.append(part)
                continue
            held.append(part)
            self.room -= price
            spent += price
        return left

    def close(self, last: Sequence[str]) -> ContextPack:
        """Weigh the whole; should the parts have been weighed too lightly, drop from the lists named until it fits."""
        while (total := tokens.estimate(self.pack.model_dump_json())) > self.budget:
            name = next((name for name in last if getattr(self.pack, name)), None)
            if name is None:
                break
            value = getattr(self.pack, name)
            if isinstance(value, list):
                value.pop()
            else:
                setattr(self.pack, name, None)
        self.pack.tokens = total
        return self.pack
