"""What is spilled comes back, part by part."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.identity.spill import Spill

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**64 - 1)), max_size=20)


@settings(max_examples=40)
@given(st.lists(rows, max_size=3))
def test_each_part_holds_what_was_put_there_in_its_order(added: list[list[tuple[int, int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spill = Spill(Path(folder), "any", 4, 1)
        for some in added:
            spill.add(np.array([part for part, _ in some], np.int64), np.array([row for _, row in some], np.uint64))
        for part in range(4):
            assert spill.take(part).ravel().tolist() == [row for some in added for place, row in some if place == part]
            assert not len(spill.take(part))
