"""What the benchmark of the resolver saw, as tables and a figure, and these put where they are read."""

import datetime
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

from made.plot import Panel, figure
from resolution.evaluate.quality import Quality

ROOT = Path(__file__).parents[2]
FIGURE = "resolution.svg"


@dataclass(frozen=True, slots=True)
class Run:
    """One engine on one file. seconds: by the clock on the wall; busy: of processors; gigabytes: of its largest process."""

    file: str
    records: int
    engine: str
    seconds: float
    busy: float
    gigabytes: float
    quality: Quality


def lines(seen: Sequence[Run]) -> list[str]:
    """What was seen on one file, our run first, and our ratio to each peer."""
    ours, *peers = seen
    told = [
        f"{one.file:<17} {one.engine:<13} {one.seconds:>7.2f} s   processors {one.busy:>7.2f} s   {one.gigabytes:>5.2f} GiB   "
        f"P {one.quality.precision:.4f}   R {one.quality.recall:.4f}   F1 {one.quality.f1:.4f}   B-cubed {one.quality.bcubed:.4f}"
        for one in seen
    ]
    return told + [
        f"{'':<17} ratio to {peer.engine}: time {ours.seconds / peer.seconds:.2f}, memory {ours.gigabytes / peer.gigabytes:.2f}; "
        f"F1 {ours.quality.f1 - peer.quality.f1:+.4f}"
        for peer in peers
    ]


def growth(seen: Sequence[Run]) -> list[str]:
    """How each engine's cost grows over the people, from its smallest file to its largest: the power of the number of records."""
    told = []
    for engine, runs in _over_people(seen).items():
        first, last = runs[0], runs[-1]
        if first.records < last.records:
            times = log(last.records / first.records)
            powers = [log(b / a) / times for a, b in ((first.seconds, last.seconds), (first.gigabytes, last.gigabytes))]
            told.append(
                f"{engine}: from {first.records:,} to {last.records:,} people, time grows as the number of records to the power of "
                f"{powers[0]:.2f}, memory {powers[1]:.2f}"
            )
    return told


def machine() -> str:
    """Date, processors, memory, system, Python; and where other work keeps it busy, that too."""
    names = [line.partition(":")[2].strip() for line in _words("/proc/cpuinfo") if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    today = datetime.datetime.now(datetime.UTC).date()
    load = os.getloadavg()[0]
    busy = f"; busy with other work (load {load:.0f}), which the seconds show" if load > 1 else ""
    return (
        f"{today:%-d %B %Y}; {os.cpu_count()} processors ({names[0] if names else platform.machine()}), {memory:.0f} GiB; "
        f"{platform.system()}, Python {platform.python_version()}{busy}"
    )


def publish(seen: Sequence[Run], hows: Mapping[str, str], where: str) -> None:
    """Put the tables between their marks in the README and docs/benchmarks.md, and the figure beside the latter; hows: engine -> its
    version and configuration; where: what `machine` said before."""
    _put(ROOT / "README.md", f"{_short(seen, hows)}\n\n{where}.")
    _put(ROOT / "docs" / "benchmarks.md", f"{where}. {_long(seen, hows)}")
    panels = [
        Panel(title, {engine: [(run.records, value(run)) for run in runs] for engine, runs in _over_people(seen).items()}, title != "F1")
        for title, value in (("F1", lambda run: run.quality.f1), ("seconds", lambda run: run.seconds), ("GiB", lambda run: run.gigabytes))
    ]
    (ROOT / "docs" / FIGURE).write_text(figure(panels))


def _short(seen: Sequence[Run], hows: Mapping[str, str]) -> str:
    """One row for each file, one column for each engine."""
    rows = [["F1 in seconds", *(f"{engine} {how}" for engine, how in hows.items())], ["---"] * (len(hows) + 1)]
    for file in dict.fromkeys(run.file for run in seen):
        told = {run.engine: f"{run.quality.f1:.4f} in {run.seconds:.1f} s" for run in seen if run.file == file}
        rows.append([file, *(told.get(engine, "") for engine in hows)])
    return _table(rows)


def _long(seen: Sequence[Run], hows: Mapping[str, str]) -> str:
    head = ["file", "engine", "precision", "recall", "F1", "B-cubed F1", "seconds", "of processors", "GiB", "time, crosswalk to it"]
    rows = [head, ["---"] * len(head)]
    ours = {run.file: run for run in seen if run.engine == "crosswalk"}
    for run in seen:
        figures = (run.quality.precision, run.quality.recall, run.quality.f1, run.quality.bcubed)
        told = [f"{figure:.4f}" for figure in figures] + [f"{run.seconds:.2f}", f"{run.busy:.2f}", f"{run.gigabytes:.2f}"]
        rows.append([run.file, run.engine, *told, "" if run.engine == "crosswalk" else f"{ours[run.file].seconds / run.seconds:.2f}"])
    engines = "; ".join(f"{engine} {how}" for engine, how in hows.items())
    grown = "\n".join(f"- {line}" for line in growth(seen))
    return f"{engines}.\n\n{_table(rows)}\n\n{grown}\n\n![Quality, time and memory over the number of records]({FIGURE})"


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _put(path: Path, text: str) -> None:
    """Replace what stands between the marks; ValueError where they are missing."""
    whole = path.read_text()
    begin, end = "<!-- resolution: written by benchmarks/resolution.py -->", "<!-- /resolution -->"
    before, mark, rest = whole.partition(begin)
    _, closed, after = rest.partition(end)
    if not mark or not closed:
        raise ValueError(f"{path}: the marks {begin} and {end} are missing")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def _over_people(seen: Sequence[Run]) -> Mapping[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in sorted(seen, key=lambda run: run.records):
        if run.file.startswith("people"):
            found.setdefault(run.engine, []).append(run)
    return {engine: found[engine] for engine in dict.fromkeys(run.engine for run in seen) if engine in found}


def _words(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
