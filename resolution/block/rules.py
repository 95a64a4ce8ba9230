"""The blocking rules, as a table: a rule is added here and nowhere else.

A rule's key is made of one value of each of its sources. Rules are numbered by their place; a number is kept with keys in the database.
"""

from dataclasses import dataclass

from resolution.block.readings import (
    Reading,
    address,
    beginning,
    ending,
    formal_names,
    house,
    in_order,
    initials,
    mailbox,
    sound,
    start_of_name,
    whole,
    words,
)
from resolution.normalize.features import ORGANIZATION, PERSON


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a rule reads: a column of the features (`code:*`: every such column), and what it takes of each term there."""

    column: str
    reading: Reading = whole


@dataclass(frozen=True, slots=True)
class Rule:
    """granted: the comparisons that its keys take for granted, which learning must then not look at; either_way: whether the first two
    sources may stand in for each other; indexed: whether an index of records keeps its keys, for each of which it pays with a row and a
    look-up; finer_than: the rule of which it parts the blocks that are too large, where it is not indexed either; telling: whether
    most who share a key are one party, so that a large block is rather one of many records than a crowd.
    """

    name: str
    sources: tuple[Source, ...]
    granted: tuple[str, ...]
    kinds: tuple[int, ...] = (PERSON, ORGANIZATION)
    either_way: bool = False
    indexed: bool = True
    finer_than: str = ""
    telling: bool = False


GIVEN, FAMILY, FORMAL = Source("given"), Source("family"), Source("given", formal_names)
INITIAL, SOUND = Source("given", beginning(1)), Source("family", sound)
BORN, YEAR = Source("birth_date"), Source("birth_date", beginning(4))
CITY, POSTCODE = Source("address", address("city")), Source("address", address("postcode"))
WORKPLACE, NAME, WORD = Source("workplace"), Source("name", in_order), Source("name", words)

_PEOPLE, _ORGANIZATIONS = (PERSON,), (ORGANIZATION,)

TABLE: tuple[Rule, ...] = (
    Rule("identifier", (Source("identifier"),), ("identifier",), telling=True),
    Rule("code", (Source("code:*"),), ("code",), telling=True),
    Rule("phone", (Source("phone", ending(9)),), ("phone",), telling=True),
    Rule("house", (Source("address", house),), ("address",)),
    Rule("mailbox", (Source("email", mailbox),), ("email", "workplace"), _PEOPLE, telling=True),
    Rule("birth date, postcode", (BORN, POSTCODE), ("birth_date", "address"), _PEOPLE, indexed=False),
    Rule("birth date, city", (BORN, CITY), ("birth_date", "address"), _PEOPLE),
    Rule("family name, birth date", (FAMILY, BORN), ("family", "birth_date", "order"), _PEOPLE, telling=True),
    Rule("birth date, initial", (BORN, INITIAL), ("given", "birth_date"), _PEOPLE),
    Rule("given name, postcode", (GIVEN, POSTCODE), ("given", "address"), _PEOPLE),
    Rule("sound of family name, postcode", (SOUND, POSTCODE), ("family", "address"), _PEOPLE),
    Rule("sound of name, birth year", (SOUND, INITIAL, YEAR), ("given", "family", "birth_date"), _PEOPLE, indexed=False),
    Rule("sound of name, city", (SOUND, INITIAL, CITY), ("given", "family", "address"), _PEOPLE, indexed=False),
    Rule("name", (FORMAL, FAMILY), ("given", "family", "order"), _PEOPLE, either_way=True),
    Rule("given name, workplace", (GIVEN, WORKPLACE), ("given", "workplace"), _PEOPLE),
    Rule("family name, workplace", (FAMILY, WORKPLACE), ("family", "workplace"), _PEOPLE),
    Rule("given name, city", (GIVEN, CITY), ("given", "address"), _PEOPLE),
    Rule("family name, city", (FAMILY, CITY), ("family", "address"), _PEOPLE),
    Rule("email", (Source("email"),), ("email", "domain"), _ORGANIZATIONS, telling=True),
    Rule("domain", (Source("domain"),), ("domain", "email"), _ORGANIZATIONS, telling=True),
    Rule("organisation name", (NAME,), ("name",), _ORGANIZATIONS, telling=True),
    Rule("word of name, city", (WORD, CITY), ("name", "address"), _ORGANIZATIONS),
    Rule("initials, city", (Source("name", initials), CITY), ("name", "address"), _ORGANIZATIONS),
    Rule("start of name", (Source("name", start_of_name),), ("name",), _ORGANIZATIONS),
    Rule("word of name", (WORD,), ("name",), _ORGANIZATIONS),
    Rule("name, city", (FORMAL, FAMILY, CITY), ("given", "family", "order", "address"), _PEOPLE, True, False, "name"),
    Rule("name, postcode", (FORMAL, FAMILY, POSTCODE), ("given", "family", "order", "address"), _PEOPLE, True, False, "name"),
    Rule(
        "given name, birth date", (GIVEN, BORN), ("given", "birth_date", "order"), _PEOPLE, indexed=False, finer_than="birth date, initial"
    ),
    Rule("organisation name, city", (NAME, CITY), ("name", "address"), _ORGANIZATIONS, indexed=False, finer_than="organisation name"),
    Rule("word of name, postcode", (WORD, POSTCODE), ("name", "address"), _ORGANIZATIONS, indexed=False, finer_than="word of name, city"),
)
