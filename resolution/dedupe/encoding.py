"""In which encoding a file of text is: by its mark, by what its bytes can be, and last by what they would spell."""

import codecs
import gzip
from collections.abc import Iterator
from io import BufferedIOBase
from itertools import chain
from pathlib import Path
from typing import IO

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 1 << 18
#: Guesses that are believed; another guess of a Western alphabet is more often cp1252, what spreadsheets write.
_BELIEVED = ("cp932", "shift_jis", "euc_jp", "gb", "big5", "euc_kr", "cp949", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "johab")


def opened(source: Path) -> BufferedIOBase:
    """The file's bytes; of a .gz what is in it."""
    return gzip.open(source, "rb") if source.suffix.lower() == ".gz" else source.open("rb")


def opened_text(source: Path, encoding: str) -> IO[str]:
    """The file's text, its line ends as they are; a byte that the encoding does not have becomes a question mark."""
    if source.suffix.lower() == ".gz":
        return gzip.open(source, "rt", encoding=encoding, errors="replace", newline="")
    return source.open(encoding=encoding, errors="replace", newline="")


def encoding_of(source: Path) -> str:
    """utf-8, -16 or -32 where marked or plain from its bytes; else an Asian, Cyrillic, Greek, Hebrew or Arabic encoding where the letters
    would be such, else cp1252, in which every byte but five is a letter."""
    with opened(source) as file:
        start = file.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if start[1::2].count(0) > 0.4 * len(start[1::2]) or start[::2].count(0) > 0.4 * len(start[::2]):
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    return next(encoding for encoding in chain(("utf-8",), _guessed(start), ("latin-1",)) if _decodes(source, encoding))


def _decodes(source: Path, encoding: str) -> bool:
    """Whether the whole file can be of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with opened(source) as file:
            while block := file.read(1 << 22):
                decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(start: bytes) -> Iterator[str]:
    from charset_normalizer import from_bytes  # here: few files need it

    best = from_bytes(start).best()
    if best is not None and best.encoding.startswith(_BELIEVED):
        yield best.encoding
    yield "cp1252"
