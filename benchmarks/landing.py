"""Landing against a floor: rows a second through `connectors.landing.pages`, and through a bare COPY of the same payloads.

    python benchmarks/landing.py [RECORDS]

Three loads each in turn, in one database: first load (all new) and a second pass over the same pages (nothing changed).
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from psycopg.types.json import Json
from sqlalchemy import text

from connectors.connector import Page, Raw
from connectors.landing.counts import Place
from connectors.landing.pages import land
from sql import embedded
from sql.database import Database, copy_rows
from sql.migrate import migrate

PAGE = 1000


def payload(number: int) -> dict[str, object]:
    """About the size of a CRM contact."""
    return {
        "id": str(number),
        "properties": {
            "firstname": f"First{number % 997}",
            "lastname": f"Last{number % 7919}",
            "email": f"person{number}@company{number % 401}.example",
            "phone": f"+49 40 {number:07d}",
            "jobtitle": "Head of purchasing",
            "city": "Hamburg",
            "lifecyclestage": "customer",
        },
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-06-01T00:00:00Z",
        "archived": False,
    }


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def land_all(database: Database, records: list[Raw]) -> None:
    place = Place("crm", "contacts", 0)
    for start in range(0, len(records), PAGE):
        with database.begin() as connection:
            land(connection, place, Page(records[start : start + PAGE], {"after": start}))


def copy_all(database: Database, records: list[Raw]) -> None:
    for start in range(0, len(records), PAGE):
        with database.begin() as connection:
            copy_rows(connection, "floor", ["key", "payload"], [(raw.key, Json(raw.payload)) for raw in records[start : start + PAGE]])


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="crosswalk-bench-") as folder:
        Path(folder).chmod(0o755)
        database = Database(embedded.start(Path(folder)))
        migrate(database)
        records = [Raw(str(number), payload(number)) for number in range(count)]
        times: dict[str, list[float]] = {"first load": [], "nothing changed": [], "bare COPY": []}
        for _ in range(3):
            with database.begin() as connection:
                connection.execute(
                    text(
                        "truncate landing.record, staging.pending; drop table if exists floor; create table floor (key text, payload json)"
                    )
                )
            times["bare COPY"].append(seconds(lambda: copy_all(database, records)))
            times["first load"].append(seconds(lambda: land_all(database, records)))
            times["nothing changed"].append(seconds(lambda: land_all(database, records)))
        database.close()
    floor = sorted(times["bare COPY"])[1]
    print(f"landing {count:,} records of {len(json.dumps(payload(1)))} bytes in pages of {PAGE:,}, median of 3")
    for name, measured in times.items():
        median = sorted(measured)[1]
        print(f"  {name:<16} {count / median:>10,.0f} rows/s   ratio to bare COPY {floor / median:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
