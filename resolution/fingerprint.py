"""Which code is at work: what is kept of records and pairs was made by some version of it, and another one makes it anew."""

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

#: What profiles, blocking keys and weights come from.
KERNEL = ("normalize", "block", "compare", "rules.py", "score")


@cache
def kernel() -> str:
    """A hash of the sources of the kernel: the same wherever the same code is installed."""
    content = hashlib.sha256()
    for name in KERNEL:
        for file in _files(resources.files("resolution").joinpath(name)):
            content.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return content.hexdigest()[:16]


def _files(place: Traversable) -> list[Traversable]:
    if place.is_file():
        return [place] if place.name.endswith((".py", ".toml", ".json")) else []
    return [file for each in sorted(place.iterdir(), key=lambda each: each.name) if each.name != "__pycache__" for file in _files(each)]
