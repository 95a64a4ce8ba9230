"""The text of office files (ECMA-376): documents, workbooks and slides, out of the XML in their zip.

A part is unpacked and parsed as a stream, and counted as it comes, whatever size it claims. Document types and entities are refused. Only
what a person sees is read: no deleted text, no hidden sheet or slide.
"""

import io
import itertools
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import IO
from xml.etree.ElementTree import Element

import defusedxml
import defusedxml.ElementTree

LARGEST_UNZIPPED = 256 * 1024 * 1024
LONGEST_TEXT = 2_000_000
WIDEST_GAP = 50

#: Number formats that are dates, of those that every workbook has (ECMA-376 part 1, 18.8.30).
_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')

_OLD = b"\xd0\xcf\x11\xe0"


class Package:
    """An office file's parts. ValueError where it is none, or unpacks to more than it may."""

    def __init__(self, content: bytes) -> None:
        if content.startswith(_OLD):
            raise ValueError("it is encrypted, or of the format before 2007")
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        self.left = LARGEST_UNZIPPED

    def events(self, part: str, starts: bool = False) -> Iterator[tuple[str, str, Element]]:
        """(start or end, name without namespace, element); an element is empty once its end was told."""
        names = ("start", "end") if starts else ("end",)
        with self._open(part) as stream:
            told = iter(defusedxml.ElementTree.iterparse(stream, names, forbid_dtd=True))
            while (following := _next(told)) is not None:
                event, element = following
                yield event, str(element.tag).rpartition("}")[2], element
                if event == "end":
                    element.clear()

    def holds(self, part: str) -> bool:
        return part in self._archive.NameToInfo

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Id -> (the last word of its type, part) of what the part refers to; '' for the file itself."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.holds(listed):
            return {}
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/"),
            )
            for _, tag, one in self.events(listed)
            if tag == "Relationship" and one.get("TargetMode") != "External"
        }

    def main(self) -> str:
        """The part that all starts from."""
        found = [part for kind, part in self.related("").values() if kind == "officeDocument"]
        if not found or not self.holds(found[0]):
            raise ValueError("it is no office file")
        return found[0]

    def _open(self, part: str) -> "_Counted":
        info = self._archive.getinfo(part)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("it is packed in a way that no office program packs")
        if info.file_size > self.left:
            raise ValueError("it unpacks to more than it may")
        return _Counted(self._archive.open(info), self)


def _next(told: Iterator[tuple[str, Element]]) -> tuple[str, Element] | None:
    try:
        return next(told, None)
    except defusedxml.DefusedXmlException as error:
        raise ValueError("it declares a document type or entities, which no office program does") from error


class _Counted(io.RawIOBase):
    """A part as it is unpacked."""

    def __init__(self, stream: IO[bytes], package: Package) -> None:
        self._stream, self._package = stream, package

    def read(self, size: int = -1) -> bytes:
        part = self._stream.read(size)
        self._package.left -= len(part)
        if self._package.left < 0:
            raise ValueError("it unpacks to more than it may")
        return part


def read_docx(content: bytes) -> tuple[str, int | None]:
    """Paragraphs and rows of tables in their order, a line each."""
    package = Package(content)
    return _limited(_lines(package, package.main()), "\n"), None


def read_pptx(content: bytes) -> tuple[str, int | None]:
    """Slides apart by a form feed, each with a line for a paragraph, and how many there are."""
    package = Package(content)
    main = package.main()
    parts = package.related(main)
    order = [one.get(_ID, "") for _, tag, one in package.events(main) if tag == "sldId"]
    slides = [parts[one][1] for one in order if one in parts]
    return _limited(("\n".join(_lines(package, one)) for one in slides), "\f"), len(slides)


def read_xlsx(content: bytes) -> tuple[str, int | None]:
    """Sheets apart by a form feed, each with its name and a line for a row, and how many there are."""
    package = Package(content)
    main = package.main()
    parts = package.related(main)
    sheets, epoch = [], datetime(1899, 12, 30)  # noqa: DTZ001  a workbook knows no zone
    for _, tag, one in package.events(main):
        if tag == "sheet" and one.get("state", "visible") == "visible" and one.get(_ID, "") in parts:
            sheets.append((one.get("name", ""), parts[one.get(_ID, "")][1]))
        elif tag == "workbookPr" and one.get("date1904") in ("1", "true"):
            epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    by_kind = dict(parts.values())
    book = Workbook(package, by_kind.get("sharedStrings", ""), by_kind.get("styles", ""), epoch)
    lines = itertools.chain.from_iterable(itertools.chain([f"\f{name}"], book.rows(part)) for name, part in sheets)
    return _limited(lines, "\n").removeprefix("\f"), len(sheets)


_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _limited(pieces: Iterator[str], between: str) -> str:
    """As much as a text may be long; what comes after is not unpacked."""
    kept, size = [], 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece) + 1
        if size > LONGEST_TEXT:
            break
    return between.join(kept)[:LONGEST_TEXT]


def _lines(package: Package, part: str) -> Iterator[str]:
    """The paragraphs of a document or slide; a table's cells apart by tabs. What stands in a cell, a table too, is part of its row."""
    said: list[str] = []
    cells: list[list[str]] = []
    held: list[list[str]] = []
    skipped = 0
    for event, tag, element in package.events(part, starts=True):
        if event == "start" and tag == "sld" and element.get("show") in ("0", "false"):
            return
        skipped += (tag == "Fallback") * (1 if event == "start" else -1)
        if skipped:
            continue
        if event == "start":
            if tag == "tr":
                cells.append([])
            elif tag == "tc":
                held.append([])
            continue
        line = None
        if tag == "p":
            line = "".join(said)
            said.clear()
        elif tag == "tc" and cells and held:
            cells[-1].append("\n".join(held.pop()))
        elif tag == "tr" and cells:
            line = "\t".join(cells.pop())
        else:
            said.append(_said(tag, element))
        if line is not None and held:
            held[-1].append(line)
        elif line is not None:
            yield line


def _said(tag: str, element: Element) -> str:
    if tag == "t":
        return element.text or ""
    if tag == "tab" and not element.attrib:  # one with attributes says where tabs stop
        return "\t"
    return "\n" if tag in ("br", "cr") else ""


class Workbook:
    """What the cells of all sheets refer to: texts, and which styles are dates."""

    def __init__(self, package: Package, strings: str, styles: str, epoch: datetime) -> None:
        self._package, self._epoch = package, epoch
        self._texts = list(_shared(package, strings)) if package.holds(strings) else []
        self._dates = _date_styles(package, styles) if package.holds(styles) else []

    def rows(self, part: str) -> Iterator[str]:
        """A line for each row that holds anything, cells apart by tabs."""
        cells: list[str] = []
        value, inline = "", []
        for _, tag, element in self._package.events(part):
            if tag == "v":
                value = element.text or ""
            elif tag == "t":
                inline.append(element.text or "")
            elif tag == "c":
                gap = _column(element.get("r", "")) - len(cells)
                cells += [""] * min(max(0, gap), WIDEST_GAP)
                cells.append("".join(inline) or self._value(element.attrib, value))
                value, inline = "", []
            elif tag == "row":
                if any(cells):
                    yield "\t".join(cells).rstrip("\t")
                cells = []

    def _value(self, said: Mapping[str, str], value: str) -> str:
        kind, style = said.get("t", "n"), said.get("s", "")
        if kind == "s":
            return self._texts[int(value)] if value.isdigit() and int(value) < len(self._texts) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind != "n" or not value:
            return value
        number = float(value)
        if style.isdigit() and int(style) < len(self._dates) and self._dates[int(style)] and 0 <= number < 2_958_466:
            at = self._epoch + timedelta(days=number)
            return at.date().isoformat() if number.is_integer() else at.isoformat(" ", "seconds")
        return f"{number:.15g}"


def _column(reference: str) -> int:
    """The column of a cell such as `AB7`, from 0 on; -1 where none is said."""
    number = 0
    for letter in reference[:3]:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number - 1


def _shared(package: Package, part: str) -> Iterator[str]:
    said: list[str] = []
    for _, tag, element in package.events(part):
        if tag == "t":
            said.append(element.text or "")
        elif tag == "rPh":  # how it is pronounced
            del said[-1:]
        elif tag == "si":
            yield "".join(said)
            said.clear()


def _date_styles(package: Package, part: str) -> Sequence[bool]:
    """For each style of a cell whether it is a date."""
    own: dict[int, bool] = {}
    found: list[bool] = []
    formats: list[int] = []
    for _, tag, element in package.events(part):
        if tag == "numFmt" and element.get("numFmtId", "").isdigit():
            own[int(element.get("numFmtId", "0"))] = bool(re.search("[dyhs]", _QUOTED.sub("", element.get("formatCode", "")).lower()))
        elif tag == "xf":
            formats.append(int(element.get("numFmtId", "0")))
        elif tag == "cellXfs":
            found = [own.get(one, one in _DATES) for one in formats]
        if tag in ("cellStyleXfs", "cellXfs"):
            formats = []
    return found
