"""Numbers by the million, kept in files by part until their part's turn comes: memory holds one part at a time."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resolution.normalize.features import Index

Numbers = NDArray[np.uint64]


class Spill:
    """Rows of `width` unsigned 64-bit numbers in `parts` files of a folder. Within a part rows are in the order of their coming."""

    def __init__(self, folder: Path, name: str, parts: int, width: int) -> None:
        self.parts, self._width = parts, width
        self._paths = [folder / f"{name}.{part}" for part in range(parts)]

    def add(self, part: Index, rows: Numbers) -> None:
        """Put each row into its part: int64[n], uint64[n, width] (or [n], where the width is 1)."""
        order = np.argsort(part, kind="stable")
        ends = np.searchsorted(part[order], np.arange(self.parts), "right")
        for path, some in zip(self._paths, np.split(rows[order], ends[:-1]), strict=True):
            if len(some):
                with path.open("ab") as file:
                    some.tofile(file)

    def take(self, part: int) -> Numbers:
        """The rows of a part, which is gone then: uint64[n, width]."""
        path = self._paths[part]
        if not path.exists():
            return np.zeros((0, self._width), np.uint64)
        rows = np.fromfile(path, np.uint64).reshape(-1, self._width)
        path.unlink()
        return rows
