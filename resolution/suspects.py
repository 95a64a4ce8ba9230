"""Overmatch suspects: groups that may hold more than one party.

A group is suspect where it hangs on a weak link, where fewer than half of its pairs agree (a chain or a star), or where two of its records
contradict each other in what a party has only one of and would not match by themselves. What a suspect is depends on the group's own pairs
alone.

Of labelled files of people (historical ones, made households, mistyped ones), in 54 of 91 groups that are chains or contradict each other
in the birth date there was more than one party, but only in 87 of 2,271 that contradict each other in the given name: people go by several.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.cluster import Joined
from resolution.compare import Levels
from resolution.normalize.features import Index
from resolution.score import probability

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: A link that is less likely than this is weak.
WEAK = 0.9
#: Up to so many records a group whose ends disagree is no chain yet: two of three pairs agree even there.
SHORT = 3
#: Of these a party has one: at level 0 ("different") two records contradict each other.
SINGLE = ("generation", "birth_date", "branch", "identifier")


@dataclass(frozen=True, slots=True)
class Inside:
    """Every pair within the groups: left, right int64[p], rows; weight float64[p], bits above the threshold; contradicts: comparison ->
    bool[p]."""

    left: Index
    right: Index
    weight: Floats
    contradicts: Mapping[str, Flags]


@dataclass(frozen=True, slots=True)
class Suspect:
    """group: its label; weakest: the probability of the link that it hangs on, left and right that link's rows; agreeing: the share of its
    pairs that would match alone; contradictions: the comparisons in which two of its records differ that a party has one value of."""

    group: int
    records: int
    weakest: float
    left: int
    right: int
    agreeing: float
    contradictions: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """'weak link', 'chain', and 'different ...' for each contradiction."""
        weak = ("weak link",) if self.weakest < WEAK else ()
        chain = ("chain",) if is_chain(self.records, 1.0 - self.agreeing) else ()
        return weak + chain + tuple(words_of(name) for name in self.contradictions)


def is_chain(records: int, disagreeing: float) -> bool:
    """Whether a group in which that share of the pairs would not match alone is a chain or a star."""
    return records > SHORT and disagreeing >= 0.5


def words_of(contradiction: str) -> str:
    """'different birth date'."""
    return f"different {contradiction.replace('_', ' ')}"


def contradictions(seen: Levels, agrees: Flags) -> dict[str, Flags]:
    """Which pairs contradict each other, by comparison; agrees: bool[p], which would match by themselves."""
    return {name: (seen.comparisons[name].level == 0) & ~agrees for name in SINGLE if name in seen.comparisons}


def suspects(label: Index, inside: Inside) -> list[Suspect]:
    """The suspect ones of the groups label int64[n], the most doubtful first: by weakest link, then by label.

    Raises ValueError where a pair is not within a group.
    """
    group = label[inside.left]
    if (group != label[inside.right]).any():
        raise ValueError("every pair has to lie within a group")
    doubtful = inside.weight < 0
    contradicted = np.logical_or.reduce([np.zeros(len(group), bool), *inside.contradicts.values()])
    chosen = np.unique(group[(probability(inside.weight) < WEAK) | doubtful | contradicted])
    rows = np.flatnonzero(np.isin(group, chosen))
    rows = rows[np.argsort(group[rows], kind="stable")]
    sizes = np.bincount(label, minlength=len(label))
    found = []
    for some in np.split(rows, np.flatnonzero(np.diff(group[rows])) + 1) if len(rows) else []:
        number = int(group[some[0]])
        suspect = _suspect(number, int(sizes[number]), inside, some)
        if suspect.reasons:
            found.append(suspect)
    return sorted(found, key=lambda suspect: (suspect.weakest, suspect.group))


def _suspect(number: int, records: int, inside: Inside, rows: Index) -> Suspect:
    """One group, of which `rows` are the pairs."""
    weakest = _weakest(inside, rows)
    against = tuple(name for name, flags in inside.contradicts.items() if flags[rows].any())
    certainty = float(probability(inside.weight[[weakest]])[0])
    agreeing = float((inside.weight[rows] >= 0).mean())
    return Suspect(number, records, certainty, int(inside.left[weakest]), int(inside.right[weakest]), agreeing, against)


def _weakest(inside: Inside, rows: Index) -> int:
    """The last link that it takes to reach every record, strongest links first."""
    joined, last = Joined(), int(rows[0])
    for row in rows[np.argsort(-inside.weight[rows], kind="stable")].tolist():
        if joined.join(int(inside.left[row]), int(inside.right[row])):
            last = row
    return last
