"""What holds each party together: the links among its records, the tree of them that it hangs on, and what speaks against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from resolution.identity.doubt import Link, Suspicion, spanning_tree, suspicion
from resolution.identity.links import Opinions, Weighed
from resolution.suspects import contradictions


@dataclass(frozen=True, slots=True)
class Held:
    """One party. records: ids; tree: the links that hold them, most certain first."""

    records: list[int]
    tree: list[Link]
    suspicion: Suspicion | None = None


def held(records: list[int], links: Sequence[Link], refs: Mapping[int, str]) -> Held:
    """A party of which `links` are all the pairs."""
    tree = spanning_tree(links, refs)
    return Held(records, tree, suspicion(tree, links, refs))


def links_of(ids: Sequence[int], weighed: Weighed, said: Opinions) -> list[Link]:
    """The pairs as links of the records ids[row], in order."""
    ends = zip(weighed.left.tolist(), weighed.right.tolist(), strict=True)
    told = (weighed.certainty.tolist(), weighed.authority, weighed.weight.tolist(), weighed.linked.tolist())
    found = [Link((ids[left], ids[right]), *each) for (left, right), *each in zip(ends, *told, strict=True)]
    for name, flags in contradictions(weighed.levels, weighed.linked).items():
        for place in np.flatnonzero(flags).tolist():
            found[place] = replace(found[place], contradicts=(*found[place].contradicts, name))
    asked = {pair for pair, opinion in said.items() if opinion.steward}
    return [replace(link, asked=True) if link.pair in asked else link for link in found] if asked else found
