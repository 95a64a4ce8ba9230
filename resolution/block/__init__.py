"""Which pairs of records are worth comparing: those that share a blocking key.

`keys` and `keys_of` give the keys that an index keeps; `candidates` chooses among the rules for one set of records by what they find there.
"""

from resolution.block.choice import Blocked, Blocker, Likely, candidates
from resolution.block.keys import BlockingKeys, keys, keys_of
from resolution.block.pairs import Candidates, fitting_cap, pairs
from resolution.block.rules import TABLE

__all__ = [
    "IDENTIFIER",
    "RULES",
    "TELLING",
    "Blocked",
    "Blocker",
    "BlockingKeys",
    "Candidates",
    "Likely",
    "candidates",
    "fitting_cap",
    "keys",
    "keys_of",
    "pairs",
]

#: Rule number -> name and the comparisons that its keys take for granted (which learning must then not look at).
RULES: tuple[tuple[str, tuple[str, ...]], ...] = tuple((rule.name, rule.granted) for rule in TABLE)
#: The number of the rule that finds records which share an identifier.
IDENTIFIER = [name for name, _ in RULES].index("identifier")
#: The numbers of the rules whose large blocks are rather parties of many records than crowds.
TELLING = tuple(number for number, rule in enumerate(TABLE) if rule.telling)
