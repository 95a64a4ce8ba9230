"""One transaction of the resolver: what it runs under, and the records it has read so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from resolution import explain, normalize
from resolution.identity.doubt import Bounds
from resolution.identity.grouping import World
from resolution.identity.links import Opinions, PairId, opinions, without_shared
from resolution.identity.material import Material
from resolution.normalize.profile import Profile
from resolution.records import PartyRecord
from resolution.score.model import Model
from resolution.store import blocks, judgements, models, profiles, records

#: Up to so many records are normalised one by one.
FEW = 32


@dataclass(frozen=True, slots=True)
class Terms:
    """What a transaction runs under: the model with its policy, who acts, why, and the moment that everything is dated with."""

    in_force: models.InForce
    actor: str
    reason: str
    at: datetime

    @property
    def model(self) -> Model:
        return self.in_force.model

    @property
    def limits(self) -> blocks.Limits:
        policy = self.in_force.policy
        return blocks.Limits(policy["block_cap"], min(policy["crowd"], policy["block_cap"]), policy["identifier_limit"])

    @property
    def bounds(self) -> Bounds:
        policy = self.in_force.policy
        return Bounds(policy["review_lower"], policy["review_upper"])

    @property
    def keep_bits(self) -> float:
        return float(self.in_force.policy["keep_bits"])


@dataclass(slots=True)
class Turn:
    """The transaction at work. Every record is read once; those of the batch are normalised, of others the kept profile is taken.

    profiles: of live records, by id; refs: of these and of deleted ones; hashes: of the batch's; absent: records that live no more.
    """

    connection: Connection
    terms: Terms
    profiles: dict[int, Profile] = field(default_factory=dict)
    refs: dict[int, str] = field(default_factory=dict)
    hashes: dict[int, bytes] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    _shared: dict[str, bool] = field(default_factory=dict)

    def take_in(self, batch: records.Batch) -> list[Profile]:
        """Add records as they are in staging; returns the profiles of the live ones."""
        found = _profiles(batch.live)
        self.keep(found)
        self.refs.update(batch.refs)
        self.hashes.update(batch.hashes)
        self.absent.update(batch.gone)
        return found

    def keep(self, found: Iterable[Profile]) -> None:
        for profile in found:
            self.profiles[profile.id] = profile
            self.refs[profile.id] = profile.ref

    def read(self, ids: Iterable[int]) -> None:
        """Read those of the records that were not read yet."""
        if missing := set(ids) - self.profiles.keys() - self.absent:
            self.keep(profiles.read(self.connection, missing))
        if missing := missing - self.profiles.keys():  # of these none is kept: they were never resolved, or live no more
            self.take_in(records.read(self.connection, missing))

    def live(self, ids: Iterable[int]) -> list[int]:
        """Those of `ids` that are live, in order; `read` first."""
        return sorted(record_id for record_id in set(ids) if record_id in self.profiles)

    def world(self, ids: Sequence[int], said: Opinions) -> World:
        """The records at work with what is said of them, as they are weighed. Row i is ids[i]."""
        return World(Material(self.weighed_as(*ids)), self.terms.model, said)

    def weighed_as(self, *ids: int) -> list[Profile]:
        """The records without the identifiers that too many share."""
        found = [self.profiles[record_id] for record_id in ids]
        shared = self.shared_among(found)
        return [without_shared(profile, shared) for profile in found] if shared else found

    def shared_among(self, found: Iterable[Profile]) -> set[str]:
        """Those of the identifiers of these records that too many records hold."""
        terms = {term for profile in found for term in profile.terms.get("identifier", ())}
        if unknown := terms - self._shared.keys():
            shared = blocks.shared_among(self.connection, unknown)
            self._shared.update({term: term in shared for term in unknown})
        return {term for term in terms if self._shared[term]}

    def shared_by(self, left: int, right: int) -> list[str]:
        """The identifiers that both records hold, but too many others too."""
        one, two = (self.profiles[record_id] for record_id in (left, right))
        return sorted(set(one.terms.get("identifier", ())) & set(two.terms.get("identifier", ())) & self.shared_among([one, two]))

    def evidence(self, pairs: Sequence[PairId]) -> list[explain.Evidence]:
        """Why the records of each pair match or do not; the first of each stands on the left."""
        ends = self.weighed_as(*(record_id for pair in pairs for record_id in pair))
        return explain.pairs(list(zip(ends[::2], ends[1::2], strict=True)), self.terms.model)

    def said_of(self, ids: Sequence[int]) -> dict[PairId, list[judgements.InForce]]:
        """The judgements in force on pairs with a record among `ids`."""
        found: dict[PairId, list[judgements.InForce]] = {}
        for judgement in judgements.touching(self.connection, ids) if ids else ():
            found.setdefault((judgement.left_id, judgement.right_id), []).append(judgement)
        return found


def opinions_of(said: Mapping[PairId, Sequence[judgements.InForce]]) -> Opinions:
    return opinions((pair, judgement.authority, judgement.verdict) for pair, found in said.items() for judgement in found)


def _profiles(live: Sequence[PartyRecord]) -> list[Profile]:
    if len(live) <= FEW:
        return [normalize.profile_of(record) for record in live]
    return normalize.features(live).profiles()
