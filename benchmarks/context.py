"""The context API against two floors: the same server's GET /healthz over the same HTTP, and a bare point read of a golden record.

    python benchmarks/context.py [ORGANIZATIONS]

A made company is synced and resolved by the real pipeline, and the questions whose answers it knows are asked in turn with the floors, so
that whatever else the machine does falls on all three alike. Server and client share one process.
"""

import logging
import sys
from contextlib import ExitStack

import httpx
import psycopg
from made.company import Company, company
from made.timing import quantile, seconds
from sqlalchemy import text

from crosswalk import demo
from crosswalk.listening import listening
from dagster_project.run import run

REQUESTS = 300
WARM = 20


def measure(made: Company) -> tuple[dict[str, list[float]], int]:
    """(milliseconds of each request by what was asked, how many of the packs hold items)."""
    with made.database.begin() as connection:
        parties = [row[0] for row in connection.execute(text("select party_id from golden.record order by party_id"))]
    times: dict[str, list[float]] = {"POST /v1/context": [], "GET /healthz": [], "SQL point read": []}
    filled = 0
    url = made.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    headers = {"Authorization": f"Bearer {demo.demo_key(made.database)}"}
    with ExitStack() as stack:
        address = stack.enter_context(demo.serving(made.database, stack.enter_context(listening("127.0.0.1", 0))))
        client = stack.enter_context(httpx.Client(base_url=address, headers=headers, timeout=30))
        direct = stack.enter_context(psycopg.connect(url, autocommit=True))
        for number in range(REQUESTS + WARM):
            asked = made.sandbox.questions[number % len(made.sandbox.questions)]
            body = {"subject": {"ref": asked.subject}, "question": asked.question, "purpose": asked.purpose}
            party = (parties[number % len(parties)],)
            answers: list[httpx.Response] = []
            took = (
                seconds(lambda body=body, answers=answers: answers.append(client.post("/v1/context", json=body))),
                seconds(lambda: client.get("/healthz").raise_for_status()),
                seconds(lambda party=party: direct.execute("select document from golden.record where party_id = %s", party).fetchone()),
            )
            pack = answers[0].raise_for_status().json()
            if number >= WARM:
                filled += bool(pack.get("items"))
                for name, one in zip(times, took, strict=True):
                    times[name].append(1000 * one)
    return times, filled


def main(organizations: int) -> None:
    logging.disable(logging.WARNING)
    with company(organizations) as made:
        took = seconds(lambda: run(made.rooms, [one.name for one in made.rooms.declarations]))
        times, filled = measure(made)
        asked = len(made.sandbox.questions)
    context = quantile(times["POST /v1/context"], 0.5)
    print(
        f"context: {organizations} organisations built in {took:.0f} s; {REQUESTS} requests, {asked} questions in turn, "
        f"{filled} packs with items; milliseconds"
    )
    for name, measured in times.items():
        half, most = quantile(measured, 0.5), quantile(measured, 0.95)
        print(f"  {name:<18} p50 {half:>7.2f}   p95 {most:>7.2f}   ratio of context to it {context / half:>6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
