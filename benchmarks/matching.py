"""The resolver's increments against its whole.

    python benchmarks/matching.py [RECORDS]

RECORDS people in the embedded database are resolved whole, then after a hundredth of them changed, then a hundred times after one changed.
Each change is committed, and each resolve.
"""

import sys

from made import feed
from made.company import empty_database
from made.people import people
from made.timing import quantile, seconds

from resolution.identity.resolver import resolve

ONE_BY_ONE = 100


def increments(records: int) -> None:
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


if __name__ == "__main__":
    increments(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
