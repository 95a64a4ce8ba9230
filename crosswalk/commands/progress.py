"""A table on standard error that fills as the assets run."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.live import Live
from rich.markup import escape
from rich.table import Table

from crosswalk.commands.output import progress
from dagster_project.progress import Step, Warned

MARKS = {"started": "[cyan]…[/cyan]", "done": "[green]✓[/green]", "failed": "[red]✗[/red]"}


class RunTable:
    """Shows each step as it starts and ends. On something that is no terminal, a line when each ends."""

    def __init__(self, *, visible: bool = True) -> None:
        self.visible = visible
        self.steps: dict[str, tuple[Step, float]] = {}
        self.started: dict[str, float] = {}
        self.live = Live(console=progress, refresh_per_second=8, transient=False) if visible and progress.is_terminal else None

    def __enter__(self) -> Self:
        if self.live:
            self.live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.live:
            self.live.stop()

    def take(self, step: Step) -> None:
        if step.status == "started":
            self.started[step.asset] = time.monotonic()
        seconds = time.monotonic() - self.started.get(step.asset, time.monotonic())
        self.steps[step.asset] = (step, seconds)
        if self.live:
            self.live.update(self.render())
        elif self.visible and step.status != "started":
            progress.print(f"{MARKS[step.status]} {step.asset:<18} {seconds:5.1f} s  {counts(step)}", highlight=False)

    def render(self) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False)
        for broken in (False, False, False, True):
            table.add_column(no_wrap=not broken, overflow="fold")
        for name, (step, seconds) in self.steps.items():
            ended = ("", "") if step.status == "started" else (f"{seconds:.1f} s", counts(step))
            table.add_row(MARKS[step.status], name, *ended)
        return table


def counts(step: Step) -> str:
    """The counts that are not zero, in words."""
    if step.error:
        return f"[red]{escape(step.error)}[/red]"
    named = [f"{value:,} {name.replace('_', ' ')}" for name, value in step.counts.items() if isinstance(value, int) and value]
    return ", ".join(named) or "nothing new"


def show_warnings(warnings: Sequence[Warned], most: int = 5) -> None:
    """What the checks found, a few lines for each."""
    for warned in warnings:
        progress.print(f"[yellow]![/yellow] {warned.asset}: {warned.check.replace('_', ' ')}", highlight=False)
        for line in warned.found[:most]:
            progress.print(f"    {line}", highlight=False, markup=False)
        if len(warned.found) > most:
            progress.print(f"    and {len(warned.found) - most} more", highlight=False)
