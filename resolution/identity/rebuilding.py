"""All profiles, keys and pairs made anew at once: the first load, or another model, where it is a matter of many records.

It gives what the way by batches gives. Records stream in chunks, keys and then pairs go through files part by part; what memory holds is
the records' columns, some hundred bytes each, and one part of the pairs. The parties are left to the resolver's batches.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from resolution import block, normalize
from resolution.identity.garbage import put_off
from resolution.identity.grouping import World
from resolution.identity.links import Opinions, opinions
from resolution.identity.material import Material, without_terms
from resolution.identity.rescoring import kept_rows, worth_keeping
from resolution.identity.spill import Spill
from resolution.identity.turn import Terms
from resolution.normalize.features import Features, Index
from resolution.store import blocks, identity, judgements, rebuild
from sql.database import Database

#: Records normalised at a time; records to each part of keys and pairs; pairs weighed at a time.
CHUNK, PART, PAIRS = 50_000, 250_000, 1_000_000
#: A pair of rows as one number.
_ROW_BITS, _ROW = np.uint64(32), np.uint64(0xFFFFFFFF)

#: Called with how many records have their keys.
Progress = Callable[[int], None]


@put_off()
def rebuild_all(database: Database, terms: Terms, progress: Progress) -> int:
    """Make everything anew under these terms and put it in the place of what was; returns how many pairs were weighed."""
    with tempfile.TemporaryDirectory(prefix="crosswalk-") as folder:
        with database.begin() as connection:
            records = rebuild.begin(connection, terms.in_force.version)
        work = _Rebuilding(database, terms, Path(folder), max(1, -(-records // PART)))
        work.derive(progress)
        work.weigh()
        work.replace()
        return work.weighed


class _Rebuilding:
    def __init__(self, database: Database, terms: Terms, folder: Path, parts: int) -> None:
        self.database, self.terms, self.parts = database, terms, parts
        self.keys, self.pairs = Spill(folder, "keys", parts, 2), Spill(folder, "pairs", parts, 1)
        self.made: list[Features] = []
        self.rows = self.weighed = 0
        self.shared: dict[str, int] = {}
        self.said: Opinions = {}

    def derive(self, progress: Progress) -> None:
        """Profiles and keys of all records; those that were made before are read."""
        after = 0
        with self.database.begin() as connection:
            for profiles in rebuild.made_chunks(connection, CHUNK):
                features = Material(profiles).features
                self._take(features, block.keys(features))
                after = profiles[-1].id
        going = True
        while going:
            progress(self.rows)
            with self.database.begin() as connection:
                after, going = self._derive_chunk(connection, after)
        with self.database.begin() as connection:
            rebuild.index(connection, rebuild.DERIVED)

    def _derive_chunk(self, connection: Connection, after: int) -> tuple[int, bool]:
        records, hashes = rebuild.next_records(connection, after, CHUNK)
        if not records:
            return after, False
        material = Material(features=normalize.features(records))
        keys = block.keys(material.features)
        identifiers = blocks.identifier_entries(material.profiles)
        rebuild.add_profiles(connection, material.profiles, hashes)
        rebuild.add_keys(connection, keys.key.view(np.int64), material.features.ids[keys.record], keys.rule)
        rebuild.add_keys(connection, *np.array(identifiers, np.int64).reshape(-1, 3).T)
        self._take(material.features, keys)
        return records[-1].id, True

    def _take(self, features: Features, keys: block.BlockingKeys) -> None:
        telling = np.isin(keys.rule, block.TELLING)
        rows = (keys.record + self.rows).astype(np.uint64) | telling.astype(np.uint64) << _ROW_BITS
        place = (keys.key >> _ROW_BITS) * np.uint64(self.parts) >> _ROW_BITS
        self.keys.add(place.astype(np.int64), np.column_stack((keys.key, rows)))
        self.made.append(features)
        self.rows += len(features)

    def weigh(self) -> None:
        """The pairs that are worth a row. Blocks are whole in one part of the keys; each pair is in one part of the pairs."""
        features = Features.concat(self.made) if self.made else normalize.features([])
        self.made.clear()
        with self.database.begin() as connection:
            rebuild.outdate_judgements(connection, identity.begin(connection).at)
            self.said = opinions(judgements.all_in_force(connection))
            by_steward = blocks.shared_by_steward(connection)
        self.shared = blocks.shared_in(features, self.terms.limits)
        world = World(Material(features=without_terms(features, self.shared.keys() | by_steward)), self.terms.model, self.said)
        for part in range(self.parts):
            key, row = self.keys.take(part).T
            telling = row >> _ROW_BITS != 0
            for some, cap in ((telling, self.terms.limits.block), (~telling, self.terms.limits.crowd)):
                record = (row[some] & _ROW).astype(np.int64)
                found = block.pairs(block.BlockingKeys(record, key[some], np.zeros(len(record), np.uint8)), cap)
                self._put(found.left, found.right)
        judged = world.judged_rows()
        self._put(judged.min(axis=1, initial=self.rows), judged.max(axis=1, initial=0))
        with self.database.begin() as connection:
            for part in range(self.parts):
                for left, right in self._part(part):
                    self.weighed += len(left)
                    self._weigh_some(connection, world, left, right)
            rebuild.index(connection, rebuild.WEIGHED)

    def _put(self, left: Index, right: Index) -> None:
        self.pairs.add(left * self.parts // max(self.rows, 1), left.astype(np.uint64) << _ROW_BITS | right.astype(np.uint64))

    def _part(self, part: int) -> Iterator[tuple[Index, Index]]:
        distinct = np.unique(self.pairs.take(part))
        for start in range(0, len(distinct), PAIRS):
            some = distinct[start : start + PAIRS]
            yield (some >> _ROW_BITS).astype(np.int64), (some & _ROW).astype(np.int64)

    def _weigh_some(self, connection: Connection, world: World, left: Index, right: Index) -> None:
        used, place = np.unique(np.concatenate((left, right)), return_inverse=True)
        here = World(Material(features=world.material.features.take(used)), world.model, world.said)
        kept = worth_keeping(here, place[: len(left)], place[len(left) :], self.terms.keep_bits)
        rebuild.add_pairs(connection, kept_rows(here, kept), self.terms.in_force.version)

    def replace(self) -> None:
        """Put it all in use, unless another model came into force meanwhile: then it is for nothing, and to be begun again. Pairs that were
        judged meanwhile are looked at again."""
        with self.database.begin() as connection:
            if identity.begin(connection).version == self.terms.in_force.version:
                now = opinions(judgements.all_in_force(connection))
                differing = {pair for pair in now.keys() | self.said.keys() if now.get(pair) != self.said.get(pair)}
                rebuild.replace(connection, blocks.shared_rows(self.shared), {record_id for pair in differing for record_id in pair})
