"""A schedule that the scheduler would not take is told when the sources are read, not when all of Dagster's definitions fail by it."""

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import sources
from connectors.errors import ConfigurationError

NUMBERS = ("*", "0", "1", "6", "12", "29", "31", "59", "60", "*/5", "*/0", "1-5", "5-1", "0-7", "1,2", "1,,2", "5/15", "1-5/2")
FIELD = st.sampled_from(NUMBERS) | st.sampled_from(("*", "mon", "MON-FRI", "fri-mon", "jan", "jan-mar", "?", "L", "-1"))


def source(schedule: str) -> str:
    return f'[[source]]\nname = "docs"\nkind = "documents"\npath = "contracts"\nschedule = "{schedule}"\n'


@pytest.mark.filterwarnings("ignore:Found a cron schedule with an interval")  # a step beyond its field's range fires too often
@given(st.tuples(FIELD, FIELD, FIELD, FIELD, FIELD).map(" ".join))
def test_what_passes_the_scheduler_takes(expression: str) -> None:
    try:
        sources.parse(source(expression))
    except ConfigurationError:
        return
    dg.ScheduleDefinition(job_name="sync", cron_schedule=expression)


@pytest.mark.parametrize(
    "expression",
    ["*/15 * * * *", "0 6 * * MON-FRI", "0 0 1,15 jan-mar 0", "5/10 0-23/2 29 2 *", "@hourly", "@daily", "@weekly", "@monthly", "@yearly"],
)
def test_a_schedule_is_kept_as_it_is_written(expression: str) -> None:
    assert sources.parse(source(expression))[0].schedule == expression
    dg.ScheduleDefinition(job_name="sync", cron_schedule=expression)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("every day", "five fields"),
        ("", "five fields"),
        ("0 6 * *", "five fields"),
        ("0 0 0 6 * *", "five fields"),
        ("60 * * * *", "out of range"),
        ("* * jan * *", "not acceptable"),
        ("*/0 * * * *", "step '0'"),
        ("0 0 31 4 *", "can never occur"),
        ("0 0 30 2 mon", "can never occur"),
    ],
)
def test_any_other_is_refused_with_its_line_and_how_one_looks(expression: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        sources.parse(source(expression))
    assert str(caught.value).startswith(":5 (source 1): schedule: ")
    assert said in str(caught.value)
    assert '"0 6 * * *" is every day at six' in str(caught.value)
