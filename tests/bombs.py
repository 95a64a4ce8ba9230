"""Files that are made to exhaust whoever reads them."""

import io
import struct
import zipfile

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MEGABYTE = b"A" * 1024 * 1024


def package(parts: dict[str, bytes | list[bytes]], main: str, inner: dict[str, tuple[str, str]] | None = None) -> bytes:
    """An office file: name -> content, whole or in pieces; inner: id -> (type, target) of what the main part refers to."""
    raw = io.BytesIO()
    folder, _, name = main.rpartition("/")
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations({"rId1": ("officeDocument", main)}))
        archive.writestr(f"{folder}/_rels/{name}.rels", relations(inner or {}))
        for part, content in parts.items():
            with archive.open(part, "w") as stream:
                for piece in [content] if isinstance(content, bytes) else content:
                    stream.write(piece)
    return raw.getvalue()


def relations(listed: dict[str, tuple[str, str]]) -> bytes:
    said = "".join(f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>' for key, (kind, target) in listed.items())
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{said}</Relationships>'.encode()


def docx(body: bytes | list[bytes], before: bytes = b"") -> bytes:
    pieces = [body] if isinstance(body, bytes) else body
    opened, closed = f'<w:document xmlns:w="{WORD}"><w:body>'.encode(), b"</w:body></w:document>"
    return package({"word/document.xml": [before, opened, *pieces, closed]}, "word/document.xml")


def xlsx(sheet: bytes | list[bytes], strings: bytes | list[bytes] = b"") -> bytes:
    pieces, texts = ([one] if isinstance(one, bytes) else one for one in (sheet, strings))
    book = f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="One" r:id="rId1"/></sheets></workbook>'.encode()
    parts: dict[str, bytes | list[bytes]] = {
        "xl/workbook.xml": book,
        "xl/sheet.xml": [f'<worksheet xmlns="{SHEET}"><sheetData>'.encode(), *pieces, b"</sheetData></worksheet>"],
        "xl/strings.xml": [f'<sst xmlns="{SHEET}">'.encode(), *texts, b"</sst>"],
    }
    return package(parts, "xl/workbook.xml", {"rId1": ("worksheet", "sheet.xml"), "rId2": ("sharedStrings", "strings.xml")})


def pptx(slide: bytes | list[bytes]) -> bytes:
    pieces = [slide] if isinstance(slide, bytes) else slide
    shown = (
        f'<p:presentation xmlns:p="{SLIDE}" xmlns:r="{OFFICE}"><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst></p:presentation>'
    )
    parts: dict[str, bytes | list[bytes]] = {
        "ppt/presentation.xml": shown.encode(),
        "ppt/slide.xml": [f'<p:sld xmlns:p="{SLIDE}" xmlns:a="urn:a">'.encode(), *pieces, b"</p:sld>"],
    }
    return package(parts, "ppt/presentation.xml", {"rId1": ("slide", "slide.xml")})


def words(megabytes: int) -> list[bytes]:
    """One paragraph with a text so long."""
    return [b"<w:p><w:r><w:t>", *[MEGABYTE] * megabytes, b"</w:t></w:r></w:p>"]


def belittled(raw: bytes, part: str) -> bytes:
    """The same zip, with the part said to unpack to a hundred bytes, in its directory and in front of it."""
    changed = bytearray(raw)
    for mark, at_size, at_name in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        place = raw.find(mark)
        while place >= 0:
            if raw[place + at_name : place + at_name + len(part)] == part.encode():
                struct.pack_into("<I", changed, place + at_size, 100)
            place = raw.find(mark, place + 4)
    return bytes(changed)


def nested(depth: int) -> bytes:
    return docx([b"<w:p>" * depth, b"</w:p>" * depth])


def entities() -> bytes:
    """A billion laughs (CVE-2003-1564)."""
    lines = [f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12)]
    return docx(b"<w:p><w:r><w:t>&a11;</w:t></w:r></w:p>", f'<!DOCTYPE x [<!ENTITY a0 "ha">{"".join(lines)}]>'.encode())


def pdf(thousands: int, said: int | None = None) -> bytes:
    """A PDF whose tree names one page so many thousand times, and says that it has `said` pages."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {thousands * 1000 if said is None else said}/Kids[{'3 0 R ' * thousands}]>>".encode(),
        f"<</Type/Pages/Parent 2 0 R/Count 1000/Kids[{'4 0 R ' * 1000}]>>".encode(),
        b"<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]>>",
    ]
    return pdf_of(objects)


def pdf_in_circles() -> bytes:
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 2/Kids[2 0 R 2 0 R]>>"])


def pdf_of(objects: list[bytes]) -> bytes:
    raw, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(raw))
        raw += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    start = len(raw)
    raw += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{one:010} 00000 n \n".encode() for one in places)
    return bytes(raw + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())


def mail(parts: int) -> bytes:
    part = b"--b\nContent-Type: text/plain\n\nhello\n"
    return b"Subject: many\nContent-Type: multipart/mixed; boundary=b\n\n" + part * parts + b"--b--\n"
