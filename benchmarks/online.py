"""The resolver through the database: the whole, a hundredth of it changed, and one new record after another.

    python benchmarks/online.py [RECORDS]

RECORDS made people (100,000 if not said) in the embedded database are resolved whole. Then 300 new ones come one by one, each committed and
each resolved and committed; beside it stands the floor, a commit of one row. Then a hundredth of the records changes at once. A million
records take a quarter of an hour.
"""

import resource
import sys
import time
from pathlib import Path

from made import feed
from made.company import empty_database
from made.people import table
from made.timing import quantile, seconds
from sqlalchemy import text

from resolution.identity.resolver import resolve
from sql.database import Database

ONE_BY_ONE = 300
#: The first ones are not counted: they read the model and have their queries planned.
WARM = 20


def commits(database: Database) -> list[float]:
    """Seconds of each of many commits of one row."""
    with database.begin() as connection:
        connection.execute(text("create table if not exists staging.floor (id bigint primary key, words text)"))
    return [seconds(lambda number=number: _commit(database, number)) for number in range(ONE_BY_ONE)]


def _commit(database: Database, number: int) -> None:
    with database.begin() as connection:
        connection.execute(text("insert into staging.floor values (:id, 'one row')"), {"id": number})


def one_by_one(database: Database, rows: list[feed.Row]) -> list[float]:
    """Seconds that each new record takes to be resolved and committed."""
    took = []
    for row in rows:
        feed.add(database, [row])
        took.append(seconds(lambda: resolve(database)))
    return took[WARM:]


def server_megabytes() -> float:
    """The greatest memory that any one process of the server has had, what they share counted in; 0 where it cannot be seen."""
    found = [0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            said = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue  # it has ended meanwhile
        if said["Name"].strip() == "postgres" and "VmHWM" in said:
            found.append(int(said["VmHWM"].split()[0]))
    return max(found) / 1024


def main(records: int) -> None:
    made = table(records + ONE_BY_ONE + WARM, seed=2)
    with empty_database() as database:
        feed.load(database, made.slice(0, records))
        began = time.perf_counter()
        report = resolve(database)
        whole = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        server = server_megabytes()
        floor = commits(database)
        each = one_by_one(database, feed.rows(made.slice(records)))
        some = [row | {"phone": f"+1 415 555 {number % 10_000:04}"} for number, row in enumerate(feed.rows(made.slice(0, records // 100)))]
        feed.change(database, some)
        part = seconds(lambda: resolve(database))
    commit, half, most = quantile(floor, 0.5), quantile(each, 0.5), quantile(each, 0.99)
    print(f"resolution of {records:,} people in the database: {report.created:,} parties, {report.pairs:,} pairs compared")
    print(f"  all           {whole:>9.1f} s     process {memory:,.0f} MB, server {server:,.0f} MB   ratio to all 1.0000")
    print(f"  1% changed    {part:>9.1f} s     ratio to all {part / whole:.4f}")
    print(f"  one new       {1000 * half:>9.2f} ms    p99 {1000 * most:.2f} ms   ratio to all {half / whole:.7f}")
    print(f"  one commit    {1000 * commit:>9.2f} ms    ratio of one new record to it {half / commit:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
