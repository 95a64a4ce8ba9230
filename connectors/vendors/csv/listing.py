"""The files of rows that there are, each under the name of its stream."""

import re
from collections.abc import Container
from pathlib import Path, PurePosixPath

from connectors import files
from connectors.mapping.staged import digest
from connectors.records import Unreadable

SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet")


def listed(path: Path) -> tuple[dict[str, files.File], dict[str, Unreadable]]:
    """Stream -> file, the stream named after the file, and the same of the folders that can't be read. Raises what `files.explore` does."""
    if path.is_file():
        alone = files.find(path.parent, path.name)
        return ({stream_name(alone.path): alone} if alone else {}), {}
    found, closed = files.explore(path, lambda one: PurePosixPath(one).suffix.lower() in SUFFIXES)
    streams: dict[str, files.File] = {}
    for file in sorted(found, key=lambda one: one.path):
        streams[_unused(streams, file.path)] = file
    folders: dict[str, Unreadable] = {}
    for folder in closed:
        folders[_unused({**streams, **folders}, folder.key)] = folder
    return streams, folders


def stream_name(path: str) -> str:
    """`Exports/Kunden 2026.csv` as `exports_kunden_2026`."""
    name = re.sub(r"[^a-z0-9]+", "_", str(PurePosixPath(path).with_suffix("")).lower()).strip("_")
    return name if re.match("[a-z]", name) else f"file_{name}".rstrip("_")


def told(folder: Unreadable) -> str:
    return f"{folder.key}: {folder.reason}"


def _unused(taken: Container[str], path: str) -> str:
    name = stream_name(path)
    return name if name not in taken else f"{name}_{digest(path).hex()[:6]}"
