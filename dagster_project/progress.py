"""Turns Dagster's events into steps that a listener can show, as they happen."""

import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import dagster as dg


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one asset: its counts, or what went wrong."""

    asset: str
    status: Literal["started", "done", "failed"]
    counts: dict[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """A check that did not pass, with a line for each thing that it found."""

    asset: str
    check: str
    found: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every asset's end, and the checks that did not pass."""

    steps: list[Step]
    warnings: list[Warned]

    @property
    def failed(self) -> list[Step]:
        return [step for step in self.steps if step.status == "failed"]


#: What Dagster makes of Ctrl-C.
INTERRUPTED = "DagsterExecutionInterruptedError"

#: The name of an error whose message stands for itself, as Dagster puts it before the message.
OURS = re.compile(r"^(?:dagster_project|context_api|resolution|connectors|sql)\.[\w.]+: ")

Listener = Callable[[Step], None]


def follow(assets: Collection[str], outcome: Outcome, listen: Listener) -> dg.LoggerDefinition:
    """A Dagster logger that fills the outcome with what became of the assets, and tells the listener."""

    @dg.logger
    def progress(context: dg.InitLoggerContext) -> logging.Logger:
        del context
        logger = logging.Logger("crosswalk.progress")
        logger.addHandler(EventHandler(assets, outcome, listen))
        return logger

    return progress


class EventHandler(logging.Handler):
    """Reads the event from the record's `dagster_meta`, which Dagster does not promise to keep: tests/integration/test_run.py holds it."""

    def __init__(self, assets: Collection[str], outcome: Outcome, listen: Listener) -> None:
        super().__init__()
        self.assets, self.outcome, self.listen = assets, outcome, listen

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is not None:
            self.take(event)

    def take(self, event: dg.DagsterEvent) -> None:
        name = (event.step_key or "").replace("__", "/")
        match event.event_type:
            case dg.DagsterEventType.STEP_START if name in self.assets:  # a check is a step too
                self.listen(Step(name, "started"))
            case dg.DagsterEventType.ASSET_MATERIALIZATION:
                metadata = event.step_materialization_data.materialization.metadata
                self.finish(Step(name, "done", {key: value.value for key, value in metadata.items()}))
            case dg.DagsterEventType.STEP_FAILURE:
                self.finish(Step(name, "failed", error=cause(event.step_failure_data)))
            case dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                self.check(event.asset_check_evaluation_data)

    def finish(self, step: Step) -> None:
        self.outcome.steps.append(step)
        self.listen(step)

    def check(self, evaluation: Any) -> None:
        if not evaluation.passed:
            found = evaluation.metadata.get("found")
            lines = [str(line) for line in found.value] if found else []
            self.outcome.warnings.append(Warned(evaluation.asset_key.to_user_string(), evaluation.check_name, lines))


def cause(failure: Any) -> str:
    """Why a step failed, in one line: what the step itself says, else its innermost error, which is named unless it is one of ours."""
    error, said = failure.error, getattr(failure, "user_failure_data", None)
    if error is not None and error.cls_name == INTERRUPTED:
        return "stopped"
    if said is not None and said.description:
        return str(said.description)
    while error is not None and error.cause is not None:
        error = error.cause
    return OURS.sub("", " ".join(str(error.message).split())) if error else "failed"
