"""Resolve a file with no database and no configuration: `crosswalk dedupe`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class DedupeError(Exception):
    """The file can't be resolved."""


@dataclass(frozen=True, slots=True)
class Options:
    """id_column: where absent it is worked out, or row numbers from 0 serve; fields: column -> meaning (see infer.MEANINGS), over what is
    inferred; ignore: columns not to use; threshold: bits of evidence from which records are joined, where absent the model's own."""

    id_column: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """records, entities, pairs compared, blocks skipped as too large, what each column was taken to mean, seconds."""

    records: int
    entities: int
    pairs: int
    skipped_blocks: int
    meanings: Mapping[str, str]
    seconds: float


def dedupe(source: Path, out: Path, options: Options) -> Summary:
    """Group the records of `source` (csv, parquet or jsonl) and write record_id,entity_id,confidence for each once to `out` (csv or parquet).

    Raises DedupeError with what is wrong and what to do.
    """
    raise NotImplementedError
