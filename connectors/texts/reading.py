"""The text of files: PDF, DOCX, XLSX, PPTX, HTML, mail, Markdown and plain text.

All but plain text are read in a process of their own, with limits on memory and time, for a file may be made to exhaust both: then the
process is killed and another started, and the file is refused with the reason. Other types have no text here, which is no error.
"""

import atexit
import hashlib
import io
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from posixpath import splitext
from typing import IO, Any

from connectors.texts import headers, mime, office, pages

#: Part of the fingerprint of every mapping of mails and files: raise it when anything else comes of their bytes, here, in mapping/mails.py
#: or in mapping/correspondents.py.
VERSION = 2

SECONDS = 20.0
MEMORY = 1024 * 1024 * 1024
MOST_PAGES = 1000
SMALL_PAGE = 50_000
LONGEST_TEXT = office.LONGEST_TEXT

#: A file that says it has more is not looked into: to count them takes longer than it may.
MOST_PAGES_SAID = 50_000

#: Texts longer than this are not kept to be read again.
LONGEST_KEPT = 200_000

#: File suffix -> how it is read.
KINDS = {
    ".pdf": "pdf", ".docx": "docx", ".docm": "docx", ".xlsx": "xlsx", ".xlsm": "xlsx", ".pptx": "pptx", ".pptm": "pptx", ".ppsx": "pptx",
    ".htm": "html", ".html": "html", ".eml": "eml", ".md": "text", ".markdown": "text", ".txt": "text", ".text": "text", ".ics": "text",
}  # fmt: skip
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".eml": "message/rfc822",
    ".htm": "text/html", ".html": "text/html", ".md": "text/markdown", ".markdown": "text/markdown", ".txt": "text/plain",
    ".text": "text/plain",
}  # fmt: skip
_BY_MEDIA_TYPE = {kind: suffix for suffix, kind in MEDIA_TYPES.items()}


def suffix_of(name: str) -> str:
    """`.pdf` of `A/b.PDF`."""
    return splitext(name)[1].lower()


def media_type(name: str) -> str:
    """By the file's name."""
    return MEDIA_TYPES.get(suffix_of(name), "application/octet-stream")


def is_readable(name: str) -> bool:
    """Whether a file of this name has a text here."""
    return suffix_of(name) in KINDS


def read(content: bytes, kind: str, name: str) -> tuple[str, int | None]:
    """(text, pages) of a file; the text is empty for a type that has none. ValueError says why a file can't be read."""
    suffix = suffix_of(name)
    how = KINDS.get(suffix) or KINDS.get(_BY_MEDIA_TYPE.get(kind, ""), "text" if kind.startswith(("text/", "message/")) else "")
    if how == "text":
        plain = headers.decode_bytes(content.removeprefix(b"\xef\xbb\xbf")[: 4 * LONGEST_TEXT])
        return plain[:LONGEST_TEXT].replace("\r\n", "\n").replace("\x00", "\ufffd"), None
    return _READERS.read(how, content) if how else ("", None)


def visible(page: str) -> str:
    """What a person sees of a mail in HTML; a short one is read here, for it takes no time whatever it holds. ValueError as with `read`."""
    return mime.visible_text(page) if len(page) <= SMALL_PAGE else _READERS.read("mail", page.encode("utf-8", "replace"))[0]


class Readers:
    """The process that reads, started when first needed, and what it read last (one price list goes out with a thousand mails)."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._read: OrderedDict[bytes, tuple[str, int | None]] = OrderedDict()

    def read(self, how: str, content: bytes) -> tuple[str, int | None]:
        key = hashlib.sha256(how.encode() + content).digest()
        with self._lock:
            if key in self._read:
                return self._read[key]
            text, count = self._ask(how, content)
            if len(text) <= LONGEST_KEPT:
                self._read[key] = text, count
                while len(self._read) > 64:
                    self._read.popitem(last=False)
            return text, count

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdout, self._process.stdin):
                with suppress(OSError):  # closing its input sends what is left, to a process that is gone
                    if stream:
                        stream.close()
            self._process = None

    def _ask(self, how: str, content: bytes) -> tuple[str, int | None]:
        process = self._process = self._process or _start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps([how, len(content)]).encode() + b"\n" + content)
            process.stdin.flush()
            answer = json.loads(_line(process.stdout, time.monotonic() + SECONDS))
        except (OSError, ValueError) as error:
            self.close()
            said = str(error) if isinstance(error, TimeoutError) else "reading it takes more memory than it may, or crashes"
            raise ValueError(said) from error
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["text"], answer["pages"]


def _start() -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "PYTHONPATH", "LANG", "SYSTEMROOT")}
    command = [sys.executable, "-m", "connectors.texts.reading"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)


def _line(stream: IO[bytes], until: float) -> bytes:
    """One line of the process's answer. TimeoutError where it takes too long."""
    parts: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not parts or not parts[-1].endswith(b"\n"):
            if not selector.select(max(0.0, until - time.monotonic())):
                raise TimeoutError(f"reading it takes longer than {SECONDS:.0f} seconds")
            part = os.read(stream.fileno(), 1 << 20)
            if not part:
                raise ConnectionResetError("the reading process ended")
            parts.append(part)
    return b"".join(parts)


_READERS = Readers()
atexit.register(_READERS.close)


def read_pdf(content: bytes) -> tuple[str, int | None]:
    """Pages apart by a form feed."""
    import pypdf

    document = pypdf.PdfReader(io.BytesIO(content))
    if document.is_encrypted and not document.decrypt(""):
        raise ValueError("it is encrypted")
    said = _pages_said(document)
    if said > MOST_PAGES_SAID:
        raise ValueError(f"it says it has {said} pages, which is more than are looked into")
    texts: list[str] = []
    size = 0
    for page in document.pages[:MOST_PAGES]:
        texts.append(page.extract_text())
        size += len(texts[-1])
        if size > LONGEST_TEXT:
            break
    return "\f".join(texts)[:LONGEST_TEXT], len(document.pages)


def _pages_said(document: Any) -> int:
    """What the root of the pages says, which need not be true; 0 where it says nothing."""
    try:
        return int(document.root_object["/Pages"]["/Count"])
    except (KeyError, TypeError, ValueError):
        return 0


def read_html(content: bytes) -> tuple[str, int | None]:
    return pages.text_of_html(headers.decode_bytes(content)), None


def read_eml(content: bytes) -> tuple[str, int | None]:
    """Subject, date and people, a line each, what the mail says, and the names of what is attached."""
    mail = mime.parse(content)
    people = [("From", [mail.sender] if mail.sender else []), ("To", mail.to), ("Cc", mail.cc)]
    lines = [f"Subject: {mail.subject}"] * bool(mail.subject) + ([f"Date: {mail.sent_at:%Y-%m-%d %H:%M}"] if mail.sent_at else [])
    lines += [f"{role}: {', '.join(f'{name} <{address}>'.strip() for name, address in listed)}" for role, listed in people if listed]
    lines += ["", mail.text, *(f"Attached: {one.name}" for one in mail.attachments)]
    return "\n".join(lines)[:LONGEST_TEXT], None


def read_mail_page(content: bytes) -> tuple[str, int | None]:
    return mime.visible_text(content.decode("utf-8")), None


READERS: dict[str, Callable[[bytes], tuple[str, int | None]]] = {
    "pdf": read_pdf,
    "docx": office.read_docx,
    "xlsx": office.read_xlsx,
    "pptx": office.read_pptx,
    "html": read_html,
    "eml": read_eml,
    "mail": read_mail_page,
}


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the other side closes: a line `[how, size]` and so many bytes, answered by a line of JSON."""
    while line := requests.readline():
        how, size = json.loads(line)
        content = requests.read(size)
        answer: dict[str, Any]
        try:
            text, count = READERS[how](content)
            answer = {"text": text.replace("\x00", "\ufffd"), "pages": count}
        except Exception as error:  # noqa: BLE001  whatever a broken file makes a parser raise is the file's fault
            named = "" if type(error) is ValueError else f"{type(error).__name__}: "
            answer = {"error": f"{named}{str(error)[:300]}"}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    import logging

    logging.disable(logging.CRITICAL)
    _limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
