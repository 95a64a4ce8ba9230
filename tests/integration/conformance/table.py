"""A pytest plugin: the table of connectors and behaviours that a run has seen, printed at its end; with CROSSWALK_WRITE_TABLE=1 it is
written into docs/connectors.md."""

import os
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs" / "connectors.md"
BEGIN, END = "<!-- conformance: begin -->", "<!-- conformance: end -->"

#: kind -> behaviour -> what the run saw: yes, no, or – with the reason.
SEEN: dict[str, dict[str, str]] = {}
REASONS: dict[tuple[str, str], str] = {}


_TEST = re.compile(r"conformance/test_conformance\.py::test_(?P<behaviour>\w+)\[(?P<kind>\w+)\]")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """One test's outcome, whichever process ran it."""
    match = _TEST.search(report.nodeid)
    if match and (report.when == "call" or report.outcome != "passed"):
        kind, behaviour = match["kind"], match["behaviour"]
        seen = SEEN.setdefault(kind, {})
        if seen.get(behaviour) != "no":
            seen[behaviour] = {"passed": "yes", "skipped": "–"}.get(report.outcome, "no")
        if report.skipped and isinstance(report.longrepr, tuple):
            REASONS[kind, behaviour] = report.longrepr[2].removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SEEN:
        terminalreporter.section("connector × behaviour")
        terminalreporter.write_line(written())
        if os.environ.get("CROSSWALK_WRITE_TABLE"):
            write()


def written() -> str:
    """As Markdown, the reasons of what does not apply below."""
    behaviours = max((list(seen) for seen in SEEN.values()), key=len)
    lines = ["| connector | " + " | ".join(one.replace("_", " ") for one in behaviours) + " |", "|---|" + "---|" * len(behaviours)]
    lines += [f"| {kind} | " + " | ".join(SEEN[kind].get(one, "") for one in behaviours) + " |" for kind in sorted(SEEN)]
    lines += ["", *(f"- {kind}, {behaviour.replace('_', ' ')}: {reason}" for (kind, behaviour), reason in sorted(REASONS.items()))]
    return "\n".join(lines)


def write() -> None:
    """Put the table between its marks in the docs."""
    page = DOCS.read_text("utf-8")
    before, rest = page.split(BEGIN)
    DOCS.write_text(f"{before}{BEGIN}\n\n{written()}\n\n{END}{rest.split(END)[1]}", "utf-8")
