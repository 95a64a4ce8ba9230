"""The text of files: PDF, DOCX, HTML, Markdown and plain text.

PDF, DOCX and HTML are read in a process of their own, with limits on memory and time, for a file may be made to exhaust both: then the
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
import zipfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import PurePosixPath
from typing import IO, Any

from connectors.texts import headers, pages

SECONDS = 20.0
MEMORY = 1024 * 1024 * 1024
MOST_PAGES = 1000
LONGEST_TEXT = 2_000_000
LARGEST_UNZIPPED = 256 * 1024 * 1024

#: File suffix -> how it is read.
KINDS = {
    ".pdf": "pdf", ".docx": "docx", ".htm": "html", ".html": "html", ".md": "text", ".markdown": "text", ".txt": "text", ".text": "text",
    ".eml": "text", ".ics": "text",
}  # fmt: skip
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".htm": "text/html", ".html": "text/html", ".md": "text/markdown", ".markdown": "text/markdown", ".txt": "text/plain",
    ".text": "text/plain",
}  # fmt: skip
_BY_MEDIA_TYPE = {kind: suffix for suffix, kind in MEDIA_TYPES.items()}


def media_type(name: str) -> str:
    """By the file's name."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def read(content: bytes, kind: str, name: str) -> tuple[str, int | None]:
    """(text, pages) of a file; the text is empty for a type that has none. ValueError says why a file can't be read."""
    suffix = PurePosixPath(name).suffix.lower()
    how = KINDS.get(suffix) or KINDS.get(_BY_MEDIA_TYPE.get(kind, ""), "text" if kind.startswith(("text/", "message/")) else "")
    if how == "text":
        return headers.decode_bytes(content.removeprefix(b"\xef\xbb\xbf"))[:LONGEST_TEXT].replace("\r\n", "\n").replace(
            "\x00", "\ufffd"
        ), None
    return _READERS.read(how, content) if how else ("", None)


class Readers:
    """The process that reads, started when first needed, and what it read last (one price list goes out with a thousand mails)."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._read: OrderedDict[bytes, tuple[str, int | None]] = OrderedDict()

    def read(self, how: str, content: bytes) -> tuple[str, int | None]:
        key = hashlib.sha256(how.encode() + content).digest()
        with self._lock:
            if key not in self._read:
                self._read[key] = self._ask(how, content)
                while len(self._read) > 64:
                    self._read.popitem(last=False)
            return self._read[key]

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
    texts: list[str] = []
    size = 0
    for page in document.pages[:MOST_PAGES]:
        texts.append(page.extract_text())
        size += len(texts[-1])
        if size > LONGEST_TEXT:
            break
    return "\f".join(texts)[:LONGEST_TEXT], len(document.pages)


def read_docx(content: bytes) -> tuple[str, int | None]:
    """Paragraphs and tables in their order, a line each."""
    import docx
    from docx.table import Table

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(one.file_size for one in archive.infolist()) > LARGEST_UNZIPPED:
            raise ValueError("it unpacks to more than it may")
    lines: list[str] = []
    for block in docx.Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Table):
            lines += ["\t".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            lines.append(block.text)
    return "\n".join(lines)[:LONGEST_TEXT], None


def read_html(content: bytes) -> tuple[str, int | None]:
    return pages.text_of_html(headers.decode_bytes(content)), None


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the other side closes: a line `[how, size]` and so many bytes, answered by a line of JSON."""
    readers = {"pdf": read_pdf, "docx": read_docx, "html": read_html}
    while line := requests.readline():
        how, size = json.loads(line)
        content = requests.read(size)
        answer: dict[str, Any]
        try:
            text, count = readers[how](content)
            answer = {"text": text.replace("\x00", "\ufffd"), "pages": count}
        except Exception as error:  # noqa: BLE001  whatever a broken file makes a parser raise is the file's fault
            answer = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
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
