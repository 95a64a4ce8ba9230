"""Bombs at the size that the limits of time and memory stop, and what the reading of them costs this process and its own."""

import resource
import time
from collections.abc import Callable

import pytest

from connectors.texts import reading
from tests import bombs

SLOW = {
    "empty rows.xlsx": lambda: bombs.xlsx([b"<row/>" * 170_000] * 250),
    "empty texts.xlsx": lambda: bombs.xlsx([], [b"<si><t/></si>" * 80_000] * 250),
    "one text.docx": lambda: bombs.docx(bombs.words(250)),
    "deep.docx": lambda: bombs.nested(5_000_000),
    "deep.pptx": lambda: bombs.pptx([b"<a:p>" * 2_000_000, b"</a:p>" * 2_000_000]),
    "wide.xlsx": lambda: bombs.xlsx(b"<row>" + b'<c r="XFD1"><v>1</v></c>' * 1_500_000 + b"</row>"),
    "attributes.html": lambda: b"<a " * 20_000_000,
    "deep.html": lambda: b"<div>" * 10_000_000,
    "flat.pdf": lambda: bombs.pdf(49, said=5),
    "many.eml": lambda: bombs.mail(1_500_000),
    "zeros.pdf": lambda: b"\x00" * 64 * 1024 * 1024,
}


def read(readers: reading.Readers, how: str, content: bytes) -> str:
    """The text, or why there is none."""
    try:
        return readers.read(how, content)[0]
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_bomb_ends_within_the_limits(name: str) -> None:
    made: Callable[[], bytes] = SLOW[name]
    content, readers = made(), reading.Readers()
    readers.read("html", b"<p>warm</p>")
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, time.monotonic()
    said = read(readers, reading.KINDS[reading.suffix_of(name)], content)
    readers.close()
    assert 0 <= len(said) <= reading.LONGEST_TEXT
    assert time.monotonic() - began < reading.SECONDS + 5
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, reading.MEMORY / 1024)
