"""Labels as people keep them: a column of a file, a file of labelled pairs, a file of groups.

What can't be meant is refused with the row and what to do; a blank label says that nothing is known of the record.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.dedupe.errors import DedupeError
from resolution.dedupe.tabular import read_table
from resolution.evaluate.truth import UNKNOWN, Cases, LabelledPairs, Partition
from resolution.normalize.features import Index

YES, NO = ("1", "1.0", "true", "yes", "match", "t", "y"), ("0", "0.0", "false", "no", "no_match", "f", "n")


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups read from a file: label int64[n] by record; confidence float64[n], or None where the file has none."""

    label: Index
    confidence: NDArray[np.float64] | None


def partition(table: pa.Table, column: str, source: Path) -> Partition:
    """The truth in a column of the records' own file. DedupeError where it is not there or all blank."""
    if column not in table.column_names:
        columns = ", ".join(table.column_names)
        raise DedupeError(f"{source}: there is no column named {column!r} to take the truth from; the columns are {columns}")
    values = _text(table[column])
    if values.null_count == len(values):
        raise DedupeError(f"{source}: the column {column} is blank in every record; it has to name the group of each")
    return Partition(_codes(values))


def labelled_pairs(labels: Path, refs: pa.StringArray) -> LabelledPairs:
    """The truth in a file with the columns left, right (ids of records) and match (1 or 0). DedupeError where it is not so."""
    table = read_table(labels)
    left, right, match = (_column(table, name, labels) for name in ("left", "right", "match"))
    said = pc.utf8_lower(pc.utf8_trim_whitespace(match))
    yes = pc.fill_null(pc.is_in(said, pa.array(YES)), False).to_numpy(zero_copy_only=False)
    no = pc.fill_null(pc.is_in(said, pa.array(NO)), False).to_numpy(zero_copy_only=False)
    if not (yes | no).all():
        row = int(np.flatnonzero(~(yes | no))[0])
        raise DedupeError(f"{labels}: pair {row + 1} has match {match[row].as_py()!r}; it is 1 (the same party) or 0 (not)")
    one, two = _rows(left, refs, labels), _rows(right, refs, labels)
    if (one == two).any():
        raise DedupeError(f"{labels}: pair {int(np.flatnonzero(one == two)[0]) + 1} is of a record with itself; take it out")
    return LabelledPairs(_distinct(np.minimum(one, two), np.maximum(one, two), yes, labels))


def groups(result: Path, refs: pa.StringArray) -> Groups:
    """The groups in a file with the columns record_id, entity_id and maybe confidence, such as `crosswalk dedupe` writes. DedupeError where
    a record is missing or there twice."""
    table = read_table(result)
    records, entity = _column(table, "record_id", result), _column(table, "entity_id", result)
    if entity.null_count:
        row = pc.index(pc.is_null(entity), True).as_py()
        raise DedupeError(f"{result}: record {records[row].as_py()} has no entity_id; one that is alone has a group of its own")
    rows = _rows(records, refs, result)
    held = np.bincount(rows, minlength=len(refs))
    if (held != 1).any():
        row = int(np.flatnonzero(held != 1)[0])
        times = "missing" if not held[row] else f"there {held[row]} times"
        raise DedupeError(f"{result}: every record has to be there once; {refs[row].as_py()} is {times} ({(held != 1).sum()} are not)")
    label, confidence = np.empty(len(refs), np.int64), np.empty(len(refs))
    label[rows] = _codes(entity)
    if "confidence" not in table.column_names:
        return Groups(label, None)
    try:
        confidence[rows] = table["confidence"].cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise DedupeError(f"{result}: confidence has to be a number from 0 to 1: {error}") from error
    return Groups(label, confidence)


def _distinct(left: Index, right: Index, match: NDArray[np.bool_], labels: Path) -> Cases:
    """Each pair once. DedupeError where it is said to be both."""
    order = np.lexsort((match, right, left))
    left, right, match = left[order], right[order], match[order]
    again = (left[1:] == left[:-1]) & (right[1:] == right[:-1])
    if (again & (match[1:] != match[:-1])).any():
        raise DedupeError(f"{labels}: some pair is labelled 1 in one row and 0 in another; keep the row that is right")
    first = np.r_[True, ~again] if len(left) else np.zeros(0, bool)
    return Cases(left[first], right[first], match[first])


def _column(table: pa.Table, name: str, source: Path) -> pa.StringArray:
    if name not in table.column_names:
        raise DedupeError(f"{source}: there is no column named {name!r}; the columns are {', '.join(table.column_names)}")
    return _text(table[name])


def _text(column: pa.ChunkedArray) -> pa.StringArray:
    """The column's strings; blank ones are null."""
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, " ")
    values = pc.utf8_trim_whitespace(column.cast(pa.string())).combine_chunks()
    values = pa.concat_arrays(values.chunks) if isinstance(values, pa.ChunkedArray) else values
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def _codes(values: pa.StringArray) -> Index:
    codes: Index = pc.fill_null(pc.dictionary_encode(values).indices, UNKNOWN).to_numpy().astype(np.int64)
    return codes


def _rows(ids: pa.StringArray, refs: pa.StringArray, source: Path) -> Index:
    rows = pc.index_in(ids, refs)
    if rows.null_count:
        place = pc.index(pc.is_null(rows), True).as_py()
        raise DedupeError(f"{source}: row {place + 1} names {ids[place].as_py()!r}, which is no record's id; see --id-column")
    found: Index = rows.to_numpy().astype(np.int64)
    return found
