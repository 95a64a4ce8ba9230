"""Landing against a floor, and a second sync against the first.

    python benchmarks/landing.py [RECORDS]

The payloads are those of the made company, multiplied under new ids to so many records (1,190,000 are about a hundred times the company of
the demo: 40,000 organisations, 150,000 contacts, 1,000,000 activities). They go through a whole sync of each stream (`landing.run`), from a
source that makes them as they are read, in pages of 100; and by one bare COPY, of key and payload, into a table without an index. What it
takes to make the payloads alone is measured and taken off both.

Then about one record in a hundred is changed in a made CRM, and its second sync is measured over HTTP: the part of the records that it
reads.
"""

import logging
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from made.company import Company, company, empty_database
from made.timing import seconds
from psycopg.types.json import Json
from sqlalchemy import func, select, text

from connectors.connector import Connector, Stream
from connectors.landing.run import Run
from connectors.landing.sync import open_connector, streams_of, sync_stream
from connectors.mapping.staged import Mapped
from connectors.records import Landed, Page, Position, Raw
from connectors.sources import SourceDeclaration
from sql.database import Database, copy_rows
from sql.tables import landing

ORGANIZATIONS, CRM_ORGANIZATIONS, PAGE, SAMPLES = 60, 1000, 100, 200

#: What the made company has, of each thousand records: (source, stream) -> how many.
PARTS = {
    ("crm", "companies"): 17, ("erp", "customers"): 17, ("crm", "contacts"): 126, ("crm", "deals"): 210, ("crm", "tickets"): 210,
    ("erp", "orders"): 210, ("erp", "invoices"): 210,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Streams:
    """Payloads to multiply, by stream, and how many of each are wanted."""

    samples: Mapping[str, Sequence[Any]]
    wanted: Mapping[str, int]

    def records(self, stream: str) -> Iterator[Raw]:
        samples = self.samples[stream]
        for number in range(self.wanted[stream]):
            payload = samples[number % len(samples)]
            fresh = {**payload, "id": number}
            if "properties" in payload:
                fresh["properties"] = {**payload["properties"], "hs_object_id": number}
            yield Raw(str(number), fresh)


class Multiplied(Connector):
    """A source that makes its records as they are read."""

    kind = "multiplied"

    def __init__(self, declaration: SourceDeclaration, made: Streams) -> None:
        super().__init__(declaration)
        self.made = made

    def check(self) -> str:
        return "fine"

    def streams(self) -> Sequence[Stream]:
        return [Stream(name) for name in self.made.wanted]

    def map(self, record: Landed) -> Mapped:
        raise NotImplementedError

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        del position
        page: list[Raw] = []
        for raw in self.made.records(stream):
            page.append(raw)
            if len(page) == PAGE:
                yield Page(page, {"after": raw.key})
                page = []
        yield Page(page, {})


def sampled(made: Company, records: int) -> Streams:
    samples: dict[str, Sequence[Any]] = {}
    for (source, stream), _ in PARTS.items():
        connector = open_connector(made.rooms.declaration(source))
        pulled = (raw.payload for page in connector.pull(stream, None) for raw in page.records)
        samples[stream] = [payload for payload, _ in zip(pulled, range(SAMPLES), strict=False)]
        connector.close()
    return Streams(samples, {stream: records * part // 1000 for (_, stream), part in PARTS.items()})


def land(database: Database, made: Streams, stream: str) -> None:
    declaration = SourceDeclaration("made", "multiplied")
    Run(database, declaration, stream, Multiplied(declaration, made)).go(lambda _: None)


def copy(database: Database, made: Streams, stream: str) -> None:
    with database.begin() as connection:
        copy_rows(connection, "floor", ["key", "payload"], ((raw.key, Json(raw.payload)) for raw in made.records(stream)))


def first_loads(database: Database, streams: Streams) -> None:
    with database.begin() as connection:
        connection.execute(text("create table floor (key text, payload json)"))
    took = dict.fromkeys(("made", "copied", "landed", "again"), 0.0)
    for stream in streams.wanted:
        took["made"] += seconds(lambda stream=stream: sum(1 for _ in streams.records(stream)))
        took["copied"] += seconds(lambda stream=stream: copy(database, streams, stream))
        took["landed"] += seconds(lambda stream=stream: land(database, streams, stream))
        took["again"] += seconds(lambda stream=stream: land(database, streams, stream))
    with database.begin() as connection:
        count, size = connection.execute(
            select(func.count(), func.avg(func.octet_length(landing.record.c.payload.op("::")(text("text"))))).where(
                landing.record.c.source == "made"
            )
        ).one()
    floor = took["copied"] - took["made"]
    print(f"landing {count:,} records of {size:,.0f} bytes on average, in pages of {PAGE}")
    for name, said in (("copied", "bare COPY"), ("landed", "first sync"), ("again", "nothing changed")):
        net = took[name] - took["made"]
        print(f"  {said:<16} {count / net:>10,.0f} rows/s   ratio to bare COPY {floor / net:.2f}")
    print(f"  this process held {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB at most")


def second_sync(made: Company) -> None:
    crm = made.rooms.declaration("crm")
    streams = streams_of(crm)
    first = sum(sync_stream(made.database, crm, stream).counts.fetched for stream in streams)
    changed = [ref for ref in made.sandbox.change(first // 60, seed=3) if ref.startswith("crm/")]  # the others are the ERP's
    again = [sync_stream(made.database, crm, stream).counts for stream in streams]
    read, written = sum(one.fetched for one in again), sum(one.written for one in again)
    print(f"second sync of a CRM of {first:,} records, {len(changed)} of them ({len(changed) / first:.1%}) changed")
    print(f"  {read:,} rows read, {written:,} written   ratio of rows read {read / first:.3f}")


def main(records: int) -> None:
    logging.disable(logging.WARNING)
    with company(ORGANIZATIONS) as made:
        streams = sampled(made, records)
    with empty_database() as database:
        first_loads(database, streams)
    with company(CRM_ORGANIZATIONS) as made:
        second_sync(made)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000)
