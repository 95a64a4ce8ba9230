"""Why records are one party or two, as far as one caller may see.

A link is shown to whoever may know of both its records. A field whose values may not be seen keeps its weight, in bits, and loses its
values; the words of a link that has such a field are left out whole, since they name values.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from anyio import to_thread
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api import receipts
from context_api.access import Access, attribute_class
from context_api.context import facts
from context_api.parties import USUAL_CLASS, current_id
from resolution.errors import RecordNotFoundError
from resolution.identity import why
from sql.database import Database

#: The attribute that a comparison speaks of, where it is not called after it.
ATTRIBUTES = {
    "date of birth": "birth_date",
    "web domain": "website",
    "workplace": "email",  # it is read from addresses of mail as well as from the employer's name
}
#: What of a link or pair is in words, and so may name any value of it.
WORDS = frozenset({"sentence", "sentences", "identifier", "judgements", "language_model"})


class SameRecordError(Exception):
    """Left and right are the same record. Name two different ones."""


class Member(BaseModel):
    """A record of the party."""

    ref: str = Field(examples=["crm/companies/9001"])
    source: str
    confidence: float = Field(description="Probability that it belongs")


class Link(BaseModel):
    """Two records that are taken for one party, and by whom."""

    left: str
    right: str
    certainty: float
    by: str = Field(description="steward, language_model, rule or weight")
    weight: float = Field(description="Match weight in bits: each doubles the odds")
    rule: str | None = None
    fields: list[dict[str, Any]] = Field(description="Each compared field with its values, level and bits")
    judgements: list[dict[str, Any]] = Field(default_factory=list)
    sentence: str | None = Field(default=None, description="The same in words; absent where it would name what is withheld")
    splits: list[list[str]] | None = Field(default=None, description="The two parts that fall apart without this link")


class Suspect(BaseModel):
    """Why a party may be more than one."""

    reason: str = Field(description="weak link, chain (half of its pairs or more would not match alone), or different birth date and such")
    left: str | None = Field(default=None, description="The two records in which it lies; none for a chain")
    right: str | None = None


class NearMiss(BaseModel):
    """Another party that came near."""

    party_id: str
    left: str
    right: str
    probability: float
    reason: str
    fields: list[dict[str, Any]]
    judgements: list[dict[str, Any]] = Field(default_factory=list)
    sentence: str | None = None


class Explanation(BaseModel):
    """Why these records are one party: the strongest links that hold them together, the weakest, and what came near."""

    party_id: str
    kind: str
    records: list[Member]
    links: list[Link] = Field(description="Strongest first; together they reach every record")
    weakest: Link | None = Field(default=None, description="The link to look at first")
    suspect: list[Suspect] = Field(description="Why it may be more than one party, without what a steward has settled")
    near_misses: list[NearMiss]
    sentences: list[str] = Field(description="The whole of it in words")
    withheld: dict[str, int] = Field(default_factory=dict, description="Missing scope -> how many entries it keeps back")


class PairSide(BaseModel):
    ref: str
    source: str
    kind: str
    party_id: str | None
    attributes: dict[str, Any]


class PairExplanation(BaseModel):
    """Why two records are, or are not, one party: prior + fields + related = weight, in bits."""

    left: PairSide
    right: PairSide
    together: bool
    probability: float
    weight: float
    prior: float
    related: float = Field(description="A correction, never positive, for what relatives share")
    relation: str = Field(default="", description="Which relatives would share as much, where that costs a bit or more")
    fields: list[dict[str, Any]]
    rule: str | None = None
    verdict: int = Field(description="Of the rules: 1 match, -1 never, 0 none")
    by: str | None = Field(default=None, description="Who prevails: steward, language_model, rule, or none")
    judgements: list[dict[str, Any]] = Field(default_factory=list)
    sentences: list[str] = Field(default_factory=list)
    withheld: dict[str, int] = Field(default_factory=dict)


async def party(database: Database, access: Access, party_id: str) -> Explanation:
    """Why these records are one party. Raises PartyNotFoundError; nothing is told before its receipt is written.

    A party of hundreds of records takes seconds of thinking: that is done in a thread, while others are answered.
    """
    async with database.async_engine.connect() as connection:
        await current_id(connection, party_id, access)
    told = await to_thread.run_sync(_told, database, party_id)
    withheld = Counter[str]()
    members = list(_known(told["records"], access, withheld, lambda member: (member["ref"],)))
    links = [_link_seen(link, told["kind"], access) for link in _known(told["links"], access, withheld, _ends)]
    near = [_link_seen(miss, told["kind"], access) for miss in _known(told["near_misses"], access, withheld, _ends)]
    suspect = suspect_seen(told["suspect"], access, withheld)
    weakest = next((link for link in links if link.get("splits")), None)
    hidden = withheld or any("sentence" not in link for link in (*links, *near))
    said = [link["sentence"] for link in (*links, *near) if "sentence" in link] if hidden else told["sentences"]
    shown = {**told, "records": members, "links": links, "weakest": weakest, "suspect": suspect, "near_misses": near, "sentences": said}
    receipt = receipts.Receipt(
        receipts.new_id(), "why", told["party_id"], {"party": party_id}, [member["ref"] for member in members], withheld=dict(withheld)
    )
    async with database.async_engine.begin() as connection:
        await receipts.write(connection, access, receipt)
    return Explanation.model_validate({**shown, "withheld": dict(withheld)})


def _told(database: Database, party_id: str) -> dict[str, Any]:
    with database.begin() as connection:
        return why.party(connection, party_id)


async def pair(connection: AsyncConnection, access: Access, left: str, right: str) -> PairExplanation:
    """Why two records are, or are not, one party. Raises RecordNotFoundError, also where the caller may not know of one."""
    if left == right:
        raise SameRecordError
    hidden = [ref for ref in (left, right) if access.withheld_for(_source(ref), USUAL_CLASS)]
    if hidden:
        raise RecordNotFoundError(f"Asked for: {', '.join(hidden)}.")
    told = await connection.run_sync(why.pair, left, right)
    shown = evidence_seen(told, (told["left"]["source"], told["right"]["source"]), access)
    withheld = Counter[str]()
    for side in ("left", "right"):
        attributes, kept_back = facts.attributes_seen(told[side]["kind"], told[side]["source"], told[side]["attributes"], access)
        shown[side] = {**told[side], "attributes": attributes}
        withheld.update(kept_back)
    receipt = receipts.Receipt(receipts.new_id(), "why", None, {"left": left, "right": right}, [left, right], withheld=dict(withheld))
    await receipts.write(connection, access, receipt)
    return PairExplanation.model_validate({**shown, "withheld": dict(withheld)})


def evidence_seen(evidence: Mapping[str, Any], sources: tuple[str | None, str | None], access: Access) -> dict[str, Any]:
    """The evidence on a pair without the values that may not be seen; its left and right are of these sources."""
    kind = str(evidence.get("kind", ""))
    # What two records of no known kind have in common is told by the identifier alone, and no field says of which class that is.
    hidden = kind not in ("person", "organization") and not all(access.may_see(source, "personal") for source in sources if source)
    fields = []
    for said in evidence.get("fields", ()):
        data_class = field_class(kind, said["field"])
        kept = dict(said)
        for side, source in zip(("left", "right"), sources, strict=True):
            if source is not None and not access.may_see(source, data_class):
                kept[side], hidden = None, True
        fields.append(kept)
    shown = {**evidence, "fields": fields} if "fields" in evidence else dict(evidence)
    return {name: value for name, value in shown.items() if not (hidden and name in WORDS)}


def suspect_seen(reasons: Iterable[Mapping[str, Any]], access: Access, withheld: Counter[str]) -> list[Mapping[str, Any]]:
    """Of the reasons why a party may be more than one those whose records the caller may know of."""
    return list(_known(reasons, access, withheld, lambda reason: [reason[side] for side in ("left", "right") if side in reason]))


def field_class(kind: str, field: str) -> str:
    """The data class of a compared field's values; where the kind is not told, as of a person, the stricter."""
    return attribute_class("organization" if kind == "organization" else "person", ATTRIBUTES.get(field, field))


def _link_seen(link: Mapping[str, Any], kind: str, access: Access) -> dict[str, Any]:
    shown = evidence_seen({**link, "kind": kind}, (_source(link["left"]), _source(link["right"])), access)
    if shown.get("splits"):
        shown["splits"] = [[ref for ref in side if access.may_see(_source(ref), USUAL_CLASS)] for side in shown["splits"]]
    return shown


def _known(entries: Iterable[Mapping[str, Any]], access: Access, withheld: Counter[str], refs_of: Any) -> Iterable[Mapping[str, Any]]:
    """The entries all of whose records the caller may know of; the others are counted."""
    for entry in entries:
        missing = {scope for ref in refs_of(entry) if (scope := access.withheld_for(_source(ref), USUAL_CLASS))}
        withheld.update(missing)
        if not missing:
            yield entry


def _ends(link: Mapping[str, Any]) -> tuple[str, str]:
    return link["left"], link["right"]


def _source(ref: str) -> str:
    return ref.partition("/")[0]
