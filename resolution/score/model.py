"""The parameters of scoring, as a value: two parts (people, organisations), JSON-able, with the hash of their content as version."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.compare import address, level_words
from resolution.normalize.features import KIND_NAMES, ORGANIZATION, PERSON
from resolution.normalize.hashing import Hashes

FORM = 1

#: Which levels of a comparison take which table of term frequencies; comparisons not named take their own for the top level.
FREQUENCY_TAGS: Mapping[str, Mapping[int, str]] = {
    "address": address.COUNTED,
    "name": {7: "name", 1: "word", 2: "word", 3: "word"},
    "email": {6: "email", 5: "email"},
    "order": {},
    "identifier": {},
    "middle": {},
    "branch": {},
}


@cache
def frequency_tags(comparison: str) -> Mapping[int, str]:
    """Level -> tag of the frequency table that adjusts it."""
    return FREQUENCY_TAGS.get(comparison, {len(level_words(comparison)) - 1: comparison})


@dataclass(frozen=True)
class Comparing:
    """m and u of one comparison, float64 by level: P(level | match), P(level | random pair), of pairs where both have a value.

    most: matches that differ are at most so frequent, however much learning would like to call branches or relatives matches.
    """

    m: NDArray[np.float64]
    u: NDArray[np.float64]
    most: float = 0.6

    def to_json(self) -> dict[str, Any]:
        return {"m": _digits(self.m), "u": _digits(self.u), "most": self.most}

    @cached_property
    def bits(self) -> NDArray[np.float64]:
        return np.log2(self.m / self.u)

    @cached_property
    def by_level(self) -> NDArray[np.float64]:
        """The bits, and 0 for MISSING, -1, which is the last."""
        return np.append(self.bits, 0.0)


@dataclass(frozen=True, slots=True)
class Relation:
    """A class of pairs that are not the same party but share some fields as if they were: a family, colleagues, branches.

    odds: log2 of such pairs against random ones; shares: the comparisons that agree as in matches; own: P(level | related) of those
    that agree in a way of their own (the names of a group's companies have a word in common).
    """

    name: str
    odds: float
    shares: tuple[str, ...]
    own: Mapping[str, NDArray[np.float64]]

    def to_json(self) -> dict[str, Any]:
        own = {name: chances.tolist() for name, chances in self.own.items()}
        return {"odds": round(self.odds, 4), "shares": list(self.shares)} | ({"own": own} if own else {})


@dataclass(frozen=True)
class Frequencies:
    """How frequent values are: hashes sorted, share of records by hash; `rest` for a value not listed; `mean` is that of a random
    agreement."""

    mean: float
    rest: float
    hashes: Hashes
    shares: NDArray[np.float64]

    @property
    def most(self) -> float:
        """The most that the rarity of a term can add to the bits of its level; at least 0."""
        rarest = min(float(self.shares.min()) if len(self.shares) else self.rest, self.rest)
        return float(np.clip(np.log2(self.mean / rarest), 0.0, 6.0))

    def bits(self, terms: Hashes) -> NDArray[np.float64]:
        """What the rarity of each agreed term adds to the bits of its level; a term of 0 adds nothing."""
        found = np.full(len(terms), self._bits[-1])
        if len(self.hashes):
            place = np.minimum(np.searchsorted(self.hashes, terms), len(self.hashes) - 1)
            listed = self.hashes[place] == terms
            found[listed] = self._bits[place[listed]]
        found[terms == 0] = 0.0
        return found

    def bits_of(self, term: int) -> float:
        """`bits` of one term."""
        return self._by_term.get(term, self._by_term[None])

    @cached_property
    def _by_term(self) -> dict[int | None, float]:
        """None stands for any that is not listed."""
        return dict(zip([*self.hashes.tolist(), None], self._bits.tolist(), strict=True)) | {0: 0.0}

    @cached_property
    def _bits(self) -> NDArray[np.float64]:
        """Of each value listed and, the last, of any other."""
        bits: NDArray[np.float64] = np.clip(np.log2(self.mean / np.append(self.shares, self.rest)), -8.0, 6.0)
        return bits


@dataclass(frozen=True)
class Part:
    """The model of one kind: prior in log2 odds, threshold in bits, comparisons, relations, and frequency tables by tag."""

    prior: float
    threshold: float
    comparisons: Mapping[str, Comparing]
    relations: tuple[Relation, ...]
    frequencies: Mapping[str, Frequencies]

    def comparing(self, name: str) -> Comparing | None:
        """The parameters of a comparison; `code:x` and `category:x` fall back to those of `code:*` and `category:*`."""
        return self.comparisons.get(name) or self.comparisons.get(f"{name.partition(':')[0]}:*")

    def tables(self, comparison: str) -> dict[int, Frequencies]:
        """The frequency tables that adjust a comparison, by level."""
        return {level: self.frequencies[tag] for level, tag in frequency_tags(comparison).items() if tag in self.frequencies}

    @cached_property
    def own_bits(self) -> list[dict[str, NDArray[np.float64]]]:
        """For each relation the bits, by level as in `Comparing.by_level`, of related pairs against random ones in what is its own."""
        return [
            {name: np.append(np.log2(chances / of.u), 0.0) for name, chances in relation.own.items() if (of := self.comparing(name))}
            for relation in self.relations
        ]


@dataclass(frozen=True, eq=False)
class Model:
    """Parameters for people and organisations; a value. `version` is the hash of its content.

    document: JSON-able; what `to_json` gives and `Model.from_json` takes.
    """

    document: Mapping[str, Any]
    version: str

    def to_json(self) -> dict[str, Any]:
        return dict(self.document)

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Model":
        """The model of a document; ValueError where its form is not the one this code reads."""
        if document.get("form") != FORM:
            raise ValueError(f"this model has form {document.get('form')!r}; form {FORM} is read here: learn it again")
        content = json.dumps(document, sort_keys=True, separators=(",", ":"))
        return Model(document, hashlib.sha256(content.encode()).hexdigest()[:16])

    @cached_property
    def parts(self) -> Mapping[int, Part]:
        """PERSON and ORGANIZATION -> the part of the model."""
        return {kind: _part(self.document[KIND_NAMES[kind]]) for kind in (PERSON, ORGANIZATION)}

    def threshold(self, kind: int) -> float:
        return self.parts[kind].threshold

    @cached_property
    def thresholds(self) -> NDArray[np.float64]:
        """float64 by kind; 0 for one that has no part."""
        return np.array([self.threshold(kind) if kind in self.parts else 0.0 for kind in range(len(KIND_NAMES))])


def _part(document: Mapping[str, Any]) -> Part:
    return Part(
        document["prior"],
        document["threshold"],
        {name: Comparing(np.array(values["m"]), np.array(values["u"]), values["most"]) for name, values in document["comparisons"].items()},
        tuple(_relation(name, values) for name, values in document["relations"].items()),
        {tag: _frequencies(values) for tag, values in document.get("frequencies", {}).items()},
    )


def _digits(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{max(value, 1e-12):.6g}") for value in values]


def _relation(name: str, document: Mapping[str, Any]) -> Relation:
    own = {comparison: np.array(chances) for comparison, chances in document.get("own", {}).items()}
    return Relation(name, document["odds"], tuple(document["shares"]), own)


def _frequencies(document: Mapping[str, Any]) -> Frequencies:
    listed = sorted((int(key, 16), share) for key, share in document["values"].items())
    hashes = np.array([key for key, _ in listed], np.uint64)
    return Frequencies(document["mean"], document["rest"], hashes, np.array([share for _, share in listed], np.float64))


@cache
def default_model() -> Model:
    """The model shipped with the product: resolution/default_model.json."""
    return Model.from_json(json.loads(resources.files("resolution.score").joinpath("default_model.json").read_text("utf-8")))
