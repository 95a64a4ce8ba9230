"""The table of connectors and behaviours, as the run has seen it, and as docs/connectors.md shows it."""

from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[3] / "docs" / "connectors.md"
BEGIN, END = "<!-- conformance: begin -->", "<!-- conformance: end -->"

#: kind -> behaviour -> what the run saw: yes, no, or – with the reason.
SEEN: dict[str, dict[str, str]] = {}
REASONS: dict[tuple[str, str], str] = {}


def note(item: Any, report: Any) -> None:
    """One test's outcome."""
    if not hasattr(item, "callspec") or "world" not in item.callspec.params:
        return
    kind, behaviour = item.callspec.params["world"].kind, item.originalname.removeprefix("test_")
    SEEN.setdefault(kind, {})[behaviour] = {"passed": "yes", "skipped": "–"}.get(report.outcome, "no")
    if report.skipped:
        REASONS[kind, behaviour] = str(report.longrepr[2]).removeprefix("Skipped: ")


def written() -> str:
    """As Markdown, the reasons of what does not apply below."""
    behaviours = list(dict.fromkeys(one for seen in SEEN.values() for one in seen))
    lines = ["| connector | " + " | ".join(one.replace("_", " ") for one in behaviours) + " |", "|---|" + "---|" * len(behaviours)]
    lines += [f"| {kind} | " + " | ".join(SEEN[kind].get(one, "") for one in behaviours) + " |" for kind in sorted(SEEN)]
    lines += ["", *(f"- {kind}, {behaviour.replace('_', ' ')}: {reason}" for (kind, behaviour), reason in sorted(REASONS.items()))]
    return "\n".join(lines)


def write() -> None:
    """Put the table between its marks in the docs."""
    page = DOCS.read_text("utf-8")
    before, rest = page.split(BEGIN)
    DOCS.write_text(f"{before}{BEGIN}\n\n{written()}\n\n{END}{rest.split(END)[1]}", "utf-8")
