"""One transaction of the resolver: what it runs under, and the records it has read so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from resolution import normalize
from resolution.identity.doubt import Bounds
from resolution.identity.grouping import World
from resolution.identity.links import Opinions, PairId, opinions, without_shared
from resolution.normalize.features import Features, Index
from resolution.records import PartyRecord
from resolution.score.model import Model
from resolution.store import blocks, judgements, models, records


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
        return blocks.Limits(policy["block_cap"], policy["identifier_limit"])

    @property
    def bounds(self) -> Bounds:
        policy = self.in_force.policy
        return Bounds(policy["review_lower"], policy["review_upper"])

    @property
    def keep_bits(self) -> float:
        return float(self.in_force.policy["keep_bits"])


@dataclass(slots=True)
class Turn:
    """The transaction at work. Every record is read and normalised once; only live ones are kept."""

    connection: Connection
    terms: Terms
    refs: dict[int, str] = field(default_factory=dict)
    hashes: dict[int, bytes] = field(default_factory=dict)
    row: dict[int, int] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    _features: Features | None = None

    def take_in(self, batch: records.Batch) -> Features:
        """Add records that are read already; returns their features as they are."""
        found = self._add(batch.live)
        self.refs.update(batch.refs)
        self.hashes.update(batch.hashes)
        self.absent.update(batch.gone)
        return found

    def read(self, ids: Iterable[int]) -> None:
        """Read those of the records that were not read yet."""
        missing = sorted(set(ids) - self.row.keys() - self.absent)
        if missing:
            self.take_in(records.read(self.connection, missing))

    def live(self, ids: Iterable[int]) -> list[int]:
        """Those of `ids` that are live, in order; `read` first."""
        return sorted(record_id for record_id in set(ids) if record_id in self.row)

    def world(self, ids: Sequence[int], said: Opinions) -> World:
        """The records at work with what is said of them, identifiers that too many share taken out. Row i is ids[i]."""
        features = self._all().take(self.rows(ids))
        shared = blocks.shared_among(self.connection, features)
        return World(without_shared(features, shared), self.terms.model, said)

    def rows(self, ids: Sequence[int]) -> Index:
        return np.array([self.row[record_id] for record_id in ids], np.int64)

    def kinds(self, ids: Sequence[int]) -> list[int]:
        """The kinds of the records, as settled from their values."""
        kinds: list[int] = self._all().kind[self.rows(ids)].tolist()
        return kinds

    def shared_by(self, left: int, right: int) -> list[str]:
        """The identifiers that both records hold, but too many others too."""
        features = self._all().take(self.rows([left, right]))
        shared = blocks.shared_among(self.connection, features).terms
        column = features.column("identifier")
        return sorted(set(column.values(0)) & set(column.values(1)) & shared)

    def said_of(self, ids: Sequence[int]) -> dict[PairId, list[judgements.InForce]]:
        """The judgements in force on pairs with a record among `ids`."""
        found: dict[PairId, list[judgements.InForce]] = {}
        for judgement in judgements.touching(self.connection, ids):
            found.setdefault((judgement.left_id, judgement.right_id), []).append(judgement)
        return found

    def _all(self) -> Features:
        return self._features if self._features is not None else normalize.features([])

    def _add(self, live: Sequence[PartyRecord]) -> Features:
        found = normalize.features(live)
        start = len(self._features) if self._features is not None else 0
        self._features = Features.concat([self._features, found]) if self._features is not None else found
        for place, record in enumerate(live, start):
            self.row[record.id] = place
        return found


def opinions_of(said: Mapping[PairId, Sequence[judgements.InForce]]) -> Opinions:
    return opinions((pair, judgement.authority, judgement.verdict) for pair, found in said.items() for judgement in found)
