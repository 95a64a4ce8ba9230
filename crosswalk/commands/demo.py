"""The main job on a made company, from nothing to a served answer."""

import signal
import statistics
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import typer

from crosswalk.commands.ground import made, opened
from crosswalk.commands.output import console
from crosswalk.listening import listening

if TYPE_CHECKING:
    from crosswalk.demo import Score
    from crosswalk.sandbox import Question
    from dagster_project.resources import Rooms


#: How often the example is asked, for the median of its time.
ASKED = 11


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    organizations: Annotated[int, typer.Option(min=1, help="How many customers the made company has; about four contacts each.")] = 400,
    seed: Annotated[int, typer.Option(help="Another seed makes another company.")] = 7,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the API and the console are served.")] = 8000,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Go on serving until Ctrl-C.")] = True,
) -> None:
    """Make a company, sync its CRM, ERP, mail and documents, find who is who, and serve the result.

    [bold]Example:[/bold] crosswalk demo --organizations 1000 --seed 3 --no-serve
    """
    started = time.monotonic()
    from crosswalk import demo
    from crosswalk.sandbox import build
    from crosswalk.sandbox import serve as serve_sandbox
    from dagster_project.resources import Rooms
    from sql.settings import Settings

    folder = Settings().home.resolve() / f"demo-{organizations}-{seed}"
    made(folder)
    say(f"A made company with {organizations:,} customers (seed {seed}), in {folder}")
    sandbox = build(folder / "sandbox", seed=seed, organizations=organizations)
    with ExitStack() as stack:
        listener = stack.enter_context(listening("127.0.0.1", port if serve else 0))
        served = stack.enter_context(serve_sandbox(sandbox))
        database = stack.enter_context(opened(demo.own_home(Settings(), folder)))
        demo.refuse_other_data(database, sandbox)
        sync(Rooms(demo.declare(folder, sandbox, served), database))
        report(demo.score(demo.memberships(database), sandbox.truth), demo.open_reviews(database))
        key = demo.demo_key(database)
        url = stack.enter_context(demo.serving(database, listener))
        ask(url, key, sandbox.questions[0])
        say(f"Ready after {time.monotonic() - started:.0f} s.")
        if serve:
            addresses(url, key, folder)
            wait_for_interrupt()
            say("Stopping.")


def sync(rooms: "Rooms") -> None:
    """Run every asset, with a table of progress; ends the command where a source fails."""
    from crosswalk.commands.progress import RunTable, show_warnings
    from dagster_project.run import run

    say("Syncing its CRM (HubSpot), ERP (Odoo), mail (Maildir) and documents, and resolving")
    with RunTable() as live:
        outcome = run(rooms, [declaration.name for declaration in rooms.declarations], live.take)
    show_warnings(outcome.warnings)
    if outcome.failed:
        raise typer.Exit(1)


def say(line: str) -> None:
    console.print(f"[bold]▸[/bold] {line}", highlight=False)


def report(score: "Score", reviews: int) -> None:
    """How well it did against the known truth."""
    say(f"{score.records:,} party records of four systems are {score.parties:,} parties (in truth {score.true_parties:,})")
    console.print(
        f"    precision {score.precision:.4f}   recall {score.recall:.4f}   F1 {score.f1:.4f}   (of pairs of records)", highlight=False
    )
    console.print(
        f"    wrongly together {score.wrong:,} pairs, missed {score.missed:,}; {reviews:,} reviews wait for a steward", highlight=False
    )


def ask(url: str, key: str, question: "Question") -> None:
    """Ask the served API one question whose answer is known, and show its pack."""
    say(f"POST /v1/context  {question.question}")
    body = {"subject": {"ref": question.subject}, "question": question.question, "purpose": question.purpose, "budget": 1000}
    milliseconds = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        for _ in range(ASKED):
            began = time.perf_counter()
            answer = client.post("/v1/context", json=body).raise_for_status()
            milliseconds.append(1000 * (time.perf_counter() - began))
    pack: dict[str, Any] = answer.json()
    for item in pack.get("items", [])[:3]:
        line = " ".join(item["text"].split())
        console.print(f"    [{item['mark']}] {line[:240]}{'…' if len(line) > 240 else ''}", highlight=False, markup=False)
        console.print(f"        {item['ref']}, {item['occurred_at'][:10]}", style="dim", highlight=False, markup=False)
    proven = sorted(set(question.evidence) & {item["ref"] for item in pack.get("items", [])})
    told = f"proved by {', '.join(proven)}" if proven else "whose proof is not among the items"
    console.print(f"    The known answer: {question.answer}, {told}.", highlight=False, markup=False)
    console.print(f"    {statistics.median(milliseconds):.0f} ms (median of {ASKED}), {pack['tokens']} tokens.", highlight=False)


def addresses(url: str, key: str, folder: Path) -> None:
    console.print()
    console.print(f"  Console   {url}/console/login?key={key}", highlight=False, soft_wrap=True)
    console.print(f"  API       {url}/v1/…   (described at {url}/openapi.json)", highlight=False, soft_wrap=True)
    console.print(f"  MCP       {url}/mcp", highlight=False, soft_wrap=True)
    console.print(f"  Key       {key}", highlight=False, soft_wrap=True)
    console.print("  In another terminal:", highlight=False)
    console.print(
        f"      export CROSSWALK_HOME={quote(str(folder))} CROSSWALK_CONFIG={quote(str(folder / 'crosswalk.toml'))}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(f"      {typed()} status     (or: sync, review list, why …)", highlight=False, soft_wrap=True)
    console.print("  Ctrl-C stops everything.\n", highlight=False)


def typed() -> str:
    """The command that runs now, so that a terminal without its environment finds it."""
    return quote(str(Path(sys.argv[0]).absolute())) if Path(sys.argv[0]).name == "crosswalk" else "crosswalk"


def wait_for_interrupt() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
