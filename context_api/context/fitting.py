"""Filling a pack so that it never costs more than its budget: what matters most first, each part weighed before it goes in.

A part that cites is weighed with what its marks stand for, so no mark in a pack stands for nothing.

The cost of a pack is that of its JSON. A part that does not fit is left out, and so is no reason to fail: at the smallest budget what
remains is the status, the receipt and as much of the card as fits.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from context_api.context import tokens
from context_api.context.pack import ContextPack, Fact, Item, Source

Part = TypeVar("Part", bound=BaseModel)
CITATION = re.compile(r"(?: ?\[\d{1,6}\])+")  # one or more marks, as in "is a company [1] [2]"
MARK = 4  # tokens of a mark in the card, at the most


def cost(part: BaseModel | str) -> int:
    """Tokens of a part of a pack (a string is JSON already), with its comma."""
    return tokens.estimate(f"{part if isinstance(part, str) else part.model_dump_json()},") + 1


def _field(name: str, content: Any = ()) -> int:
    """Tokens of a field; of a list's, the name and brackets alone."""
    return cost(f'"{name}":{content.model_dump_json() if isinstance(content, BaseModel) else json.dumps(content, ensure_ascii=False)}')


class Filling:
    """A pack that is being filled. `room` is what may still go in."""

    def __init__(self, pack: ContextPack, budget: int) -> None:
        self.pack = pack
        self.budget = budget
        pack.tokens = max(budget, pack.tokens)
        self.room = budget - tokens.estimate(pack.model_dump_json())
        self._marks: dict[str, int] = {}

    def scalar(self, name: str, value: Any) -> bool:
        """Set a field of the pack if it fits."""
        if value in (None, ""):
            return True
        price = _field(name, value)
        if price > self.room:
            return False
        setattr(self.pack, name, value)
        self.room -= price
        return True

    def mark(self, ref: str) -> int:
        """The mark of a ref in this pack: its own, or the next."""
        return self._marks.get(ref, len(self._marks) + 1)

    def card(self, said: str, most: int) -> None:
        """Set the card, cut to the room and to `most` tokens. The marks in it are its own until it is `cite`d."""
        while said and (price := _field("card", said)) > min(most, self.room):
            said = tokens.cut(said, tokens.estimate(said) - max(1, price - min(most, self.room)))
        if said:
            self.pack.card = said
            self.room -= price

    def cite(self, citations: Iterable[Mapping[str, Any]]) -> None:
        """Make the card's marks the pack's by its citations ({"mark", "ref"}); one goes where what it stands for does not fit any more."""
        if not self.pack.card:
            return
        refs: dict[int, list[str]] = {}
        for one in citations:
            refs.setdefault(one["mark"], []).append(one["ref"])

        def numbered(found: re.Match[str]) -> str:
            marks: list[int] = []
            for ref in (ref for mark in _numbers(found[0]) for ref in refs.get(mark, ())):
                cited, sources = self._cited([ref])
                if cited[0] not in marks and self._price(sources) + MARK <= self.room:
                    self.room -= MARK
                    self._add(sources)
                    marks += cited
            return _marked(marks)

        self.room += _field("card", self.pack.card) - _field("card", CITATION.sub("", self.pack.card))
        self.pack.card = CITATION.sub(numbered, self.pack.card)

    def facts(self, facts: Iterable[Fact], most: int | None = None) -> list[Fact]:
        """Add as many of the facts as fit, with what they cite, into the room and into `most` tokens; returns those that did not."""
        left: list[Fact] = []
        spent = 0
        for fact in facts:
            cited, sources = self._cited(fact.refs)
            told = fact.model_copy(update={"marks": cited, "refs": []})
            price = cost(told) + (0 if self.pack.facts else _field("facts")) + self._price(sources)
            if price > self.room or (most is not None and spent + price > most):
                left.append(fact)
                continue
            self.pack.facts.append(told)
            self.room -= price - self._price(sources)
            self._add(sources)
            spent += price
        return left

    def item(self, item: Item) -> bool:
        """Add an item if it fits; it bears its mark itself, so what stood among the sources for it makes room."""
        borne = next((one for one in self.pack.sources if one.mark == item.mark), None)
        price = cost(item) + (0 if self.pack.items else _field("items")) - (cost(borne) if borne else 0)
        if price > self.room:
            return False
        if borne:
            self.pack.sources.remove(borne)
        self.pack.items.append(item)
        self._marks.setdefault(item.ref, item.mark)
        self.room -= price
        return True

    def links(self, urls: Mapping[str, str | None]) -> None:
        """Add to the sources where a person can open them, as far as there is room."""
        for one in self.pack.sources:
            price = _field("url", urls.get(one.ref))
            if urls.get(one.ref) and price <= self.room:
                one.url = urls[one.ref]
                self.room -= price

    def _cited(self, refs: Iterable[str]) -> tuple[list[int], list[Source]]:
        """The marks of these refs, and the sources that would have to be added for them."""
        numbers, sources = dict(self._marks), []
        for ref in refs:
            if ref not in numbers:
                numbers[ref] = len(numbers) + 1
                sources.append(Source(mark=numbers[ref], ref=ref))
        return sorted({numbers[ref] for ref in refs}), sources

    def _price(self, sources: Sequence[Source]) -> int:
        return sum(map(cost, sources)) + (_field("sources") if sources and not self.pack.sources else 0)

    def _add(self, sources: Sequence[Source]) -> None:
        self.room -= self._price(sources)
        self.pack.sources += sources
        self._marks |= {one.ref: one.mark for one in sources}

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
            self._settle()
        self.pack.tokens = total
        return self.pack

    def _settle(self) -> None:
        """Leave no mark without what bore it, and no source that nothing cites any more."""
        borne = self.pack.cited().keys()
        if self.pack.card:
            self.pack.card = CITATION.sub(lambda found: _marked(mark for mark in _numbers(found[0]) if mark in borne), self.pack.card)
        for fact in self.pack.facts:
            fact.marks = [mark for mark in fact.marks if mark in borne]
        cited = {*_numbers(self.pack.card or ""), *(mark for fact in self.pack.facts for mark in fact.marks)}
        self.pack.sources = [one for one in self.pack.sources if one.mark in cited]


def _numbers(text: str) -> list[int]:
    """The marks that the text cites."""
    return [int(mark) for found in CITATION.findall(text) for mark in re.findall(r"\d+", found)]


def _marked(marks: Iterable[int]) -> str:
    return "".join(f" [{mark}]" for mark in marks)
