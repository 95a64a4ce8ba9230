"""How well packs answer: the sandbox's questions with known proofs, the same reworded and in German, and questions about something else.

    python benchmarks/answers.py [SEED ...]

Each seed is a made company of 60 organisations, synced and resolved by the real pipeline on a server of its own. A question counts as
proved where the records that prove its answer are among the pack's items or are the refs of its facts and relationships; as said where
every word of the known answer stands in the pack (numbers and dates compared by value).
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from made.timing import quantile
from sqlalchemy import text

from connectors.embeddings import Embeddings
from context_api.access import Access
from context_api.context import assemble
from context_api.context.pack import ContextPack, ContextRequest, Subject
from crosswalk.demo import declare
from crosswalk.sandbox import Question, build, serve
from dagster_project.resources import Rooms
from dagster_project.run import run
from sql import embedded
from sql.database import Database
from sql.migrate import migrate

ORGANIZATIONS = 60
SEEDS = (21, 22, 23)
BUDGETS = (700, 2000)
ALL = Access("benchmark", frozenset({"read", "source:*", "class:*"}))

#: Have nothing to do with any customer of the made company.
UNRELATED = (
    "Which football club won the cup final in 1998?",
    "How do I bake a sourdough bread with rye flour?",
    "What is the capital of Mongolia?",
    "Who painted the ceiling of the Sistine Chapel?",
    "How many moons does Jupiter have?",
    "What is the boiling point of ethanol?",
    "Which actor played the villain in the film?",
    "How tall is the tallest giraffe ever seen?",
    "What is the best month to see whales off Iceland?",
    "Who wrote the opera about a barber?",
    "Which mushrooms are poisonous?",
    "How do you say good morning in Swahili?",
    "What is the recipe for a Thai green curry?",
    "Does their chief executive own a sailing yacht?",
    "Which marathon did their finance director run?",
    "What is the name of the receptionist's dog?",
    "Which political party does the mayor support?",
    "How many goals did the striker score this season?",
    "What colour are the curtains in the lobby?",
    "Which guitar chords does the song have?",
)
#: What a known answer says around its values.
PHRASING = frozenset({"", "yes", "since", "raised", "by", "on", "due", "x"})
#: A kind of the sandbox's questions, by how they begin -> the same in other words and in German; {x} is what the question quotes.
REWORDED = {
    "What is the notice period in the (.+?) with": (
        "How far ahead must the {x} be cancelled?",
        "Welche Kündigungsfrist hat der Vertrag {x}?",
    ),
    "When does the (.+?) with": ("On which date is the {x} extended?", "Wann verlängert sich der Vertrag {x}?"),
    "To what amount is liability limited in the (.+?) with": (
        "How high is the liability cap in the {x}?",
        "Wie hoch ist die Haftung im Vertrag {x} begrenzt?",
    ),
    "Which invoices of": ("What is past due?", "Welche Rechnungen sind überfällig?"),
    "Who at": ("Has anybody been unhappy with us, and why?", "Wer hat sich worüber beschwert?"),
    "What is the deal '(.+?)'": ("How much is '{x}' worth?", "Wie hoch ist der Wert des Geschäfts '{x}'?"),
    "Which competitor has made an offer to .+? for '(.+?)'": (
        "Against whom are we bidding on '{x}'?",
        "Welcher Wettbewerber hat für '{x}' angeboten?",
    ),
    "What did": ("What was their most recent purchase?", "Was wurde zuletzt bestellt?"),
    "To which company does": ("Who is the parent company?", "Zu welchem Unternehmen gehört die Firma?"),
    "Is any ticket of": ("Do they have an unresolved support case?", "Gibt es noch offene Tickets?"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one question."""

    question: str
    proofs: int
    proved: int
    said: bool
    status: str
    tokens: int
    milliseconds: float
    pack: ContextPack


@contextmanager
def company(folder: Path, seed: int) -> Iterator[tuple[Database, list[Question]]]:
    """A company of this seed, synced and resolved in a database of its own; with the questions about it."""
    home = folder / "server"
    server = Database(embedded.start(home))
    name = f"answers_{seed}"
    sandbox = build(folder / f"sandbox-{seed}", seed=seed, organizations=ORGANIZATIONS)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        known = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if not known:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    database = Database(server.url.set(database=name))
    if not known:
        migrate(database)
        with serve(sandbox) as served:
            rooms = Rooms(declare(folder, sandbox, served), database)
            outcome = run(rooms, [declaration.name for declaration in rooms.declarations])
        assert not outcome.failed, outcome.failed
    yield database, sandbox.questions
    database.close()
    server.close()


async def ask(database: Database, asked: Sequence[tuple[Question, str]], budget: int, embedder: Embeddings) -> list[Asked]:
    """Each question in the words beside it, one after the other."""
    opened = Database(database.url)
    found = []
    async with opened.async_engine.connect() as connection:
        for question, words in asked:
            request = ContextRequest(subject=Subject(ref=question.subject), question=words, purpose=question.purpose, budget=budget)
            began = time.perf_counter()
            async with connection.begin():
                pack = await assemble.context(connection, request, ALL, embedder)
            found.append(_judge(question, words, pack, 1000 * (time.perf_counter() - began)))
    await opened.aclose()
    return found


def _judge(question: Question, words: str, pack: ContextPack, milliseconds: float) -> Asked:
    cited = pack.cited()
    shown = {item.ref for item in pack.items}
    shown |= {cited[mark] for fact in pack.facts for mark in fact.marks} | {ref for link in pack.relationships for ref in link.refs}
    proofs = set(question.evidence)
    said = _values(question.answer) <= _values(pack.render())
    return Asked(words, len(proofs), len(proofs & shown), said, pack.status, pack.tokens, milliseconds, pack)


def _values(said: str) -> set[str]:
    """The words of a text that say something; 1,200.00 is 1200, and 3 May 2026 is 2026-05-03."""
    said = re.sub(r"\b(\d{1,2} [A-Z][a-z]+ \d{4})\b", lambda found: _date(found[1]), said)
    said = re.sub(r"(?<=\d),(?=\d{3})", "", said)
    said = re.sub(r"(\d\.\d*?)0+\b", r"\1", said)
    return {word.strip(".-") for word in re.findall(r"[\w.@-]+", said.lower())} - PHRASING


def _date(said: str) -> str:
    try:
        found: date = datetime.strptime(said, "%d %B %Y").date()  # noqa: DTZ007
    except ValueError:
        return said
    return found.isoformat()


def reworded(questions: Sequence[Question], place: int) -> list[tuple[Question, str]]:
    """The questions in other words (0) or in German (1), where that is known."""
    found = []
    for question in questions:
        for pattern, words in REWORDED.items():
            if match := re.match(pattern, question.question):
                found.append((question, words[place].replace("{x}", match[1] if match.groups() else "")))
    return found


def row(name: str, budget: int, asked: Sequence[Asked]) -> str:
    """A line of the table."""
    share: Callable[[int], str] = lambda count: f"{100 * count / len(asked):5.0f}%"  # noqa: E731
    return (
        f"  {name:<22} {budget:>6} {len(asked):>5}   {share(sum(one.proved == one.proofs for one in asked))}"
        f"    {share(sum(one.proved > 0 for one in asked))}   {share(sum(one.said for one in asked))}"
        f"   {quantile([one.tokens for one in asked], 0.5):>6.0f}   {quantile([one.milliseconds for one in asked], 0.5):>6.1f}"
    )


def unrelated(database: Database, questions: Sequence[Question], embedder: Embeddings) -> str:
    """The share of unrelated questions that are told that nothing is relevant, each asked of three parties."""
    subjects = list({question.subject: question for question in questions}.values())
    pairs = [(subjects[(3 * place + turn) % len(subjects)], words) for place, words in enumerate(UNRELATED) for turn in range(3)]
    asked = asyncio.run(ask(database, pairs, BUDGETS[-1], embedder))
    nothing = sum(one.status == "no_relevant_context" for one in asked)
    return f"  unrelated questions: {nothing} of {len(asked)} told no_relevant_context ({100 * nothing / len(asked):.0f}%)"


def report(folder: Path, seed: int, embedder: Embeddings) -> None:
    """The table of one seed."""
    began = time.perf_counter()
    with company(folder, seed) as (database, questions):
        print(f"seed {seed}: {ORGANIZATIONS} organisations, built in {time.perf_counter() - began:.0f} s")
        print("  questions              budget count  all proofs  one proof  said   tokens   p50 ms")
        plain = [(question, question.question) for question in questions]
        asyncio.run(ask(database, plain[:5], BUDGETS[0], embedder))  # warm
        for budget in BUDGETS:
            print(row("as written", budget, asyncio.run(ask(database, plain, budget, embedder))))
        for place, name in enumerate(("reworded", "in German")):
            print(row(name, BUDGETS[-1], asyncio.run(ask(database, reworded(questions, place), BUDGETS[-1], embedder))))
        print(unrelated(database, questions, embedder))


def main(seeds: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="crosswalk-bench-") as folder:
        Path(folder).chmod(0o755)
        embedder = Embeddings()
        for seed in seeds:
            report(Path(folder), seed, embedder)


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or SEEDS)
