"""A second sync against the first: with nothing changed, and with one record in a hundred changed at its source.

    python benchmarks/sync.py [ORGANIZATIONS]

A sync is everything that `crosswalk sync` does, from the sources' HTTP to the summaries. Rows read are the records that the sources were
made to send; rows written are counted by row version (xmin) over all tables but the journals of runs and requests, so a row that was
written again with the same content would count.
"""

import logging
import sys
from dataclasses import dataclass

from made.company import Company, company
from made.timing import seconds
from sqlalchemy import text

from dagster_project.run import run
from sql.tables import metadata

JOURNALS = {"sync_run", "access_log"}
SCHEMAS = {"landing", "staging", "identity", "golden", "context"}

RUNS = """select coalesce(sum(fetched), 0), coalesce(max(id), 0) from landing.sync_run where id > :after"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one sync cost."""

    seconds: float
    read: int
    written: int


def versions(made: Company) -> set[str]:
    """Every row of every table with the version it has."""
    tables = [table for table in metadata.sorted_tables if table.schema in SCHEMAS and table.name not in JOURNALS]
    found: set[str] = set()
    with made.database.begin() as connection:
        for table in tables:
            name = f"{table.schema}.{table.name}"
            found.update(f"{name} {row[0]}" for row in connection.execute(text(f"select xmin::text || ' ' || ctid::text from {name}")))
    return found


def sync(made: Company) -> Cost:
    before, last = versions(made), _runs(made, 0)[1]
    took = seconds(lambda: run(made.rooms, [one.name for one in made.rooms.declarations]))
    return Cost(took, _runs(made, last)[0], len(versions(made) - before))


def _runs(made: Company, after: int) -> tuple[int, int]:
    """(records fetched by the runs after this one, the last run's id)."""
    with made.database.begin() as connection:
        fetched, last = connection.execute(text(RUNS), {"after": after}).one()
    return int(fetched), int(last)


def main(organizations: int) -> None:
    logging.disable(logging.WARNING)
    with company(organizations) as made:
        first = sync(made)
        costs = {"first": first, "nothing changed": sync(made)}
        made.sandbox.change(max(first.read // 100, 1), seed=3)
        costs["1% changed"] = sync(made)
    print(f"sync: {organizations} organisations, from the sources to the summaries")
    for name, cost in costs.items():
        print(
            f"  {name:<16} {cost.seconds:>6.1f} s   {cost.read:>7,} rows read   {cost.written:>8,} rows written   "
            f"ratio of time to the first {cost.seconds / first.seconds:.2f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
