"""When a source is synced: a cron expression of five fields (minute, hour, day of month, month, day of week), or one of the @ names.

What passes here is what the scheduler takes: numbers, names of months and days, `*`, lists, ranges that rise, and steps.
"""

import re

#: Name of the field -> the least and the greatest number.
FIELDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
NAMES = {
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "weekday": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of each month, in a leap year
SHORT = frozenset({"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"})
_PART = re.compile(r"(?:\*|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:/([0-9]{1,2}))?")


def check(expression: str) -> str:
    """The expression without what stands around it; ValueError says what is wrong and how one looks."""
    told = expression.strip()
    if told in SHORT:
        return told
    fields = told.lower().split()
    if len(fields) != len(FIELDS):
        raise _wrong(expression, "it has five fields: minute, hour, day of month, month, day of week")
    found = {}
    for name, field in zip(FIELDS, fields, strict=True):
        if (numbers := _numbers(name, field)) is None:
            raise _wrong(expression, f"{field!r} is no {name}")
        found[name] = numbers
    if min(found["day"]) > max(LONGEST[month - 1] for month in found["month"]):
        raise _wrong(expression, "there is no such day in the year")
    return told


def _wrong(expression: str, why: str) -> ValueError:
    return ValueError(f'{expression!r} is no cron expression: {why}. "0 6 * * *" is every day at six, "*/15 * * * *" every 15 minutes.')


def _numbers(name: str, field: str) -> set[int] | None:
    """The numbers that a field stands for; None where it can't be read."""
    least, greatest = FIELDS[name]
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if not match:
            return None
        first = _number(name, match[1]) if match[1] else least
        last = _number(name, match[2]) if match[2] else first if match[1] and not match[3] else greatest
        step = int(match[3] or 1)
        if first is None or last is None or not least <= first <= last <= greatest or not 1 <= step <= greatest:
            return None
        found.update(range(first, last + 1, step))
    return found


def _number(name: str, word: str) -> int | None:
    if word.isdigit():
        return int(word)
    names = NAMES.get(name, ())
    return names.index(word) + FIELDS[name][0] if word in names else None
