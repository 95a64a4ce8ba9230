"""The evaluation as one page that stands by itself: no scripts, nothing fetched, light or dark, and fit to print."""

from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from resolution.dedupe.errors import DedupeError
from resolution.evaluate import plots
from resolution.evaluate.evaluation import Evaluation


def write_page(found: Evaluation, subject: str, out: Path) -> None:
    """Write the page about `subject`, the name of what was evaluated. DedupeError where it can't be written."""
    page = render(found, subject)
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_text(page, "utf-8", newline="\n")
        partial.replace(out)
    except OSError as error:
        raise DedupeError(f"{out}: the page can't be written: {error}") from error


def render(found: Evaluation, subject: str) -> str:
    return _template().render(
        found=found,
        subject=subject,
        curve=plots.of_curve(found.curve) if found.curve else None,
        calibrations=[
            (name, calibration, plots.of_calibration(calibration))
            for name, calibration in (("pairs", found.pairs), ("records", found.records))
            if calibration
        ],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = lambda value: f"{100 * value:.1f}%"
    environment.filters["bits"] = lambda value: f"{value:+.1f}".replace("-", "−") if round(value, 1) else "0"
    return environment.get_template("page.html")


def _read(name: str) -> str:
    return resources.files("resolution.evaluate").joinpath(name).read_text("utf-8")
