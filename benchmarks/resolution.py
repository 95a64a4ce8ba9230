"""`crosswalk dedupe` beside its peers: quality, time, memory, and how they grow.

    python benchmarks/resolution.py [RECORDS ...] [--runs N] [--publish]

Files: FEBRL 3 and 4, 10,000 made people in families, and made people who live alone, RECORDS of them (10,000 and 100,000). Engines:
crosswalk and GoldenMatch with nothing configured, Splink and recordlinkage configured by hand (benchmarks/peers). Each runs as a process
of its own, in turn, from the start of Python to the written file; the quickest of its runs counts. Every engine is measured in groups.
The first run installs the peers, if there is a network.

--publish writes what was seen to README.md, docs/benchmarks.md and docs/resolution.svg.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from made.labelled import Labelled, febrl, people, read_groups
from made.report import Run, growth, lines, machine, publish
from peers.engines import Engine, engines

from resolution.evaluate.quality import of_groups

FAMILIES = 10_000
WATCH = Path(__file__).parent / "peers" / "watch.py"


def run(engine: Engine, file: Labelled, folder: Path) -> Run | None:
    """One run of the whole process; None where a peer gives up, SystemExit where we do."""
    out = folder / "groups.csv"
    out.unlink(missing_ok=True)
    command = [sys.executable, "-I", "-S", str(WATCH), *engine.command(file.shape, file.path, out)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if told.returncode:
        print(f"{engine.name} gives no answer for {file.name}: {(told.stderr.strip().splitlines() or ['no word'])[-1][:300]}", flush=True)
        if engine.name == "crosswalk":
            raise SystemExit(told.stderr)
        return None
    seconds, busy, gigabytes = json.loads(told.stdout)
    return Run(file.name, len(file.truth), engine.name, seconds, busy, gigabytes, of_groups(read_groups(out, len(file.truth)), file.truth))


def measure(present: Sequence[Engine], sizes: Sequence[int], runs: int) -> list[Run]:
    """The quickest run of each engine on each file, printed as they come."""
    best: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="crosswalk-bench-") as name:
        folder = Path(name)
        files = [febrl(3, folder), febrl(4, folder), people(FAMILIES, folder, families=True)]
        for file in files + [people(size, folder) for size in sorted(sizes)]:
            able = [engine for engine in present if len(file.truth) <= engine.most]
            rounds = [run(engine, file, folder) for _ in range(runs) for engine in able]  # in turn
            seen = [[one for one in rounds if one and one.engine == engine.name] for engine in able]
            quickest = [min(of_engine, key=lambda one: one.seconds) for of_engine in seen if of_engine]
            print("\n".join(lines(quickest)), flush=True)
            best += quickest
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--publish", action="store_true")
    told = parser.parse_args()
    present = list(engines())
    hows = {engine.name: f"{engine.version}, {engine.how}" for engine in present}
    where = f"{machine()}; the quickest of {told.runs}"
    print(f"resolution of files; {where}\n{'; '.join(f'{name} {how}' for name, how in hows.items())}", flush=True)
    seen = measure(present, told.records, told.runs)
    print("\n".join(growth(seen)))
    if told.publish:
        publish(seen, hows, where)


if __name__ == "__main__":
    main()
