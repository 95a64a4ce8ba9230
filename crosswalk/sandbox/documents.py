"""Contracts, call notes and price lists, as PDF, DOCX and Markdown, the same bytes for the same world.

At most DOCUMENT_LIMIT contracts and as many notes are written, however large the world: typesetting costs a hundredfold of a record.
"""

import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import docx
from fpdf import FPDF

from crosswalk.sandbox.parties import Organization, World, slug
from crosswalk.sandbox.trade import Contract, Deal, Trade, months, present, tenant_reference
from crosswalk.sandbox.truth import SELF, Truth
from crosswalk.sandbox.vocabulary import PRODUCTS, TENANT_ADDRESS, TENANT_LEGAL_NAME

DOCUMENT_LIMIT = 1500
COMPETITORS = ("Kestrel Metering", "Baltic Sensorik", "Omnigauge", "Fluvio Controls")
_LAW = {"DE": "Germany", "AT": "Austria", "FR": "France", "GB": "England and Wales", "NL": "the Netherlands", "ES": "Spain", "IT": "Italy",
        "US": "the State of Delaware"}  # fmt: skip
_ROLES = {"Framework": ("Supplier", "Customer"), "Service": ("Service Provider", "Customer"), "Mutual": ("First Party", "Second Party")}


@dataclass(frozen=True, slots=True)
class Document:
    """One file; `path` is relative to the folder of documents, with forward slashes."""

    path: str
    day: date
    content: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """A document before it is typeset: a title and sections of (heading, paragraphs); a heading may be empty."""

    title: str
    day: date
    sections: tuple[tuple[str, tuple[str, ...]], ...]


def make_documents(world: World, trade: Trade, truth: Truth) -> tuple[list[Document], dict[str, tuple[str, str, bytes]]]:
    """(all documents, those that mails attach: (file name, media type, content) by the name the mails use)."""
    rng = Random(f"{world.seed}/{len(world.organizations)}/documents")
    found, attachments = [], {}
    for contract in trade.contracts[:DOCUMENT_LIMIT]:
        document = _contract(world, contract, truth, rng)
        found.append(document)
        suffix = document.path.rsplit(".", 1)[1]
        attachments[f"contract:{contract.number}"] = (document.path.rsplit("/", 1)[1], MEDIA[suffix], document.content)
    for deal in trade.deals[: DOCUMENT_LIMIT * 3]:
        if rng.random() < 0.3:
            found.append(_note(world, deal, truth, rng))
    for year in (2024, 2025, 2026):
        for currency in ("EUR", "GBP", "USD"):
            found.append(_price_list(year, currency, rng))
    attachments["price-list"] = ("price-list-2026-EUR.pdf", MEDIA["pdf"], to_pdf(price_list_text(2026, "EUR")))
    return found, attachments


def write_documents(folder: Path, documents: list[Document]) -> None:
    """Writes each file with its day as its time of change."""
    for document in documents:
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.content)
        moment = datetime(document.day.year, document.day.month, document.day.day, 9, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))


def _contract(world: World, contract: Contract, truth: Truth, rng: Random) -> Document:
    suffix = rng.choices(("pdf", "docx", "md"), (45, 25, 30))[0]
    stem = slug(contract.organization.trading_name)[:30]
    path = f"contracts/{contract.day.year}/{tenant_reference(contract)}-{stem}-{slug(contract.kind.split()[0])}.{suffix}"
    named = [(SELF, TENANT_LEGAL_NAME), (contract.organization.id, _written_name(contract.organization, world, rng))]
    if rng.random() < 0.25:
        named.reverse()
    if contract.guarantor:
        named.append((contract.guarantor.id, contract.guarantor.legal_name))
    for place, (party, _) in enumerate(named, 1):
        truth.says("documents", "parties", f"{path}#{place}", party)
    truth.proves("contract", contract.number, f"documents/files/{path}")
    return Document(path, contract.day, TYPESET[suffix](_contract_text(contract, named, rng)))


def _written_name(organization: Organization, world: World, rng: Random) -> str:
    if rng.random() < 0.1:
        world.hardness["contracts_in_a_trading_name"] += 1
        return organization.trading_name
    return organization.legal_name.upper() if rng.random() < 0.1 else organization.legal_name


def _described(party: str, name: str, contract: Contract, rng: Random) -> str:
    if party == SELF:
        return f"{name}, a company organised under the laws of Germany with its registered office at {TENANT_ADDRESS}, Germany"
    organization = contract.guarantor if contract.guarantor and contract.guarantor.id == party else contract.organization
    place = organization.address
    vat = f", VAT No. {organization.vat}" if organization.vat and rng.random() < 0.5 else ""
    return (
        f"{name}, a company organised under the laws of {_LAW[organization.country.code]} with its registered office at "
        f"{place.street}, {place.postcode} {place.city}, {organization.country.name}{vat}"
    )


def _contract_text(contract: Contract, named: list[tuple[str, str]], rng: Random) -> Text:
    ours, theirs = _ROLES[contract.kind.split()[0]]
    parts = []
    for place, (party, name) in enumerate(named):
        role = ours if party == SELF else theirs if place < 2 else "Guarantor"
        parts.append(f'{_described(party, name, contract, rng)} ("{role}")')
    parties = f"{', '.join(parts[:-1])}, and {parts[-1]}"
    preamble = f'This {contract.kind} (the "Agreement") is entered into as of {contract.day:%d %B %Y} by and between {parties}.'
    law = _LAW[contract.organization.country.code] if rng.random() < 0.4 else "Germany"
    body = (
        ("", (f"Agreement No. {tenant_reference(contract)}", preamble)),
        ("1. Subject", (_subject(contract),)),
        ("2. Prices and payment", ("The prices of the price list in force on the day of the order apply. Invoices are payable within "
                                   f"{rng.choice((14, 30, 45))} days of their date, without deduction.",)),
        ("3. Term and renewal", (
            f"This Agreement begins on the date above and has a term of {contract.term_months} months. It renews by twelve months at a "
            f"time; the next renewal date is {contract.renews:%d %B %Y}.",
            f"Either party may terminate it by written notice of {months(contract.notice_months)} before a renewal date.")),
        ("4. Liability", (f"The total liability of either party is limited to EUR {contract.cap:,} for each contract year. This limit does "
                          "not apply to intent, gross negligence, or injury to life, body or health.",)),
        ("5. Confidentiality", ("The parties keep secret what they learn of each other's business, during the term and for three years "
                                "after it ends.",)),
        ("6. Law and venue", (f"This Agreement is governed by the laws of {law}.",)),
        ("Signatures", (f"For {TENANT_LEGAL_NAME}: Miriam Albers, Key Account Manager",
                        f"For {contract.organization.legal_name}: {contract.signatory.name}, {contract.signatory.now.title}")),
    )  # fmt: skip
    return Text(contract.kind, contract.day, body)


def _subject(contract: Contract) -> str:
    if contract.kind.startswith("Framework"):
        return "The Supplier delivers measuring instruments and spare parts on call orders; the Customer's own terms do not apply."
    if contract.kind.startswith("Service"):
        return (
            "The Service Provider inspects, calibrates and repairs the instruments listed in Annex 1 once a year, and on call within two "
            "working days."
        )
    return "The parties wish to talk about a joint project and will disclose confidential information to each other for that purpose only."


def _note(world: World, deal: Deal, truth: Truth, rng: Random) -> Document:
    organization, person = deal.organization, deal.person
    salesman = world.staff[rng.randrange(3)].name
    others = [one for one in present(world, organization) if one is not person][:1]
    named = rng.choice((organization.trading_name, organization.legal_name, organization.abbreviation or organization.trading_name))
    day = min(world.today, deal.created + timedelta(days=rng.randrange(1, 15)))
    rival, product = rng.choice(COMPETITORS), rng.choice(PRODUCTS)
    first = person.nickname if person.nickname and rng.random() < 0.4 else person.given
    met = f"{first} {person.family} ({person.now.title})" + "".join(f", {one.name}" for one in others)
    text = (
        f"# Call with {named}, {day}\n\n- **Company:** {organization.trading_name}, {organization.address.city}\n- **Spoke to:** {met}\n"
        f"- **By:** {salesman}\n- **About:** {deal.name}\n\n## What was said\n\n"
        f"{first} wants a decision on {product[1]} by {deal.close:%B %Y}. The budget is "
        f"{deal.amount:,.0f} {organization.country.currency}. They also have an offer from {rival}, which is cheaper but has no service in "
        f"{organization.address.city}.\n\n{rng.choice(_REMARKS)}\n\n## Next steps\n\n- Send the data sheet of {product[0]}\n"
        f"- Call again in calendar week {(day + timedelta(days=14)).isocalendar().week}\n"
    )
    path = f"notes/{day.year}/{day}-call-{slug(organization.trading_name)[:30]}-{deal.number}.md"
    truth.proves("note", deal.number, f"documents/files/{path}")
    truth.answers["rival", deal.number] = rival
    return Document(path, day, text.encode())


_REMARKS = (
    "The plant will be closed for three weeks in August; no deliveries then.",
    "They were pleased with the last calibration and asked for the same technician.",
    "Purchasing has been moved to the group; expect longer approvals.",
    "They complain about our lead times, and would pay for express delivery.",
    "A second line is planned for next year if the first one does well.",
)


def price_list_text(year: int, currency: str) -> Text:
    """The list prices of a year in a currency."""
    factor = {"EUR": 1.0, "GBP": 0.87, "USD": 1.09}[currency] * (1 + 0.03 * (year - 2026))
    rows = tuple(f"{code}   {text}   {price * factor:,.2f} {currency}" for code, text, price in PRODUCTS)
    return Text(f"Price list {year} ({currency})", date(year, 1, 2), (("Net prices, ex works Hamburg", rows), ("Terms", (
        "Payable within 30 days. From ten pieces of one article five percent discount.",))))  # fmt: skip


def _price_list(year: int, currency: str, rng: Random) -> Document:
    suffix = rng.choice(("pdf", "docx", "md"))
    content = TYPESET[suffix](price_list_text(year, currency))
    return Document(f"price-lists/price-list-{year}-{currency}.{suffix}", date(year, 1, 2), content)


def to_pdf(text: Text) -> bytes:
    """A4 pages with page numbers, set in a base font."""
    pdf = FPDF()
    pdf.set_creation_date(datetime(text.day.year, text.day.month, text.day.day, 9, tzinfo=UTC))
    pdf.set_title(text.title)
    pdf.set_margins(25, 25)
    pdf.set_auto_page_break(True, 22)
    pdf.add_page()
    _set_paragraph(pdf, text.title, ("B", 16, 9))
    for heading, paragraphs in text.sections:
        if heading:
            pdf.ln(3)
            _set_paragraph(pdf, heading, ("B", 11, 6))
        for paragraph in paragraphs:
            _set_paragraph(pdf, paragraph, ("", 10, 5))
            pdf.ln(1.5)
    return bytes(pdf.output())


def _set_paragraph(pdf: FPDF, paragraph: str, style: tuple[str, int, int]) -> None:
    """Breaks the lines between words, by the words' widths: fpdf's own way adds up every letter of a line for each letter."""
    weight, size, height = style
    pdf.set_font("Helvetica", weight, size)
    space, left, line = _width(pdf, " ", style), pdf.epw - 2, ""
    for word in paragraph.split(" "):
        width = _width(pdf, word, style)
        if line and left < width + space:
            pdf.cell(0, height, line, new_x="LMARGIN", new_y="NEXT")
            line, left = "", pdf.epw - 2
        line, left = f"{line} {word}" if line else word, left - width - space
    pdf.cell(0, height, line, new_x="LMARGIN", new_y="NEXT")


_widths: dict[tuple[str, tuple[str, int, int]], float] = {}


def _width(pdf: FPDF, word: str, style: tuple[str, int, int]) -> float:
    if (word, style) not in _widths:
        _widths[word, style] = pdf.get_string_width(word)
    return _widths[word, style]


def to_docx(text: Text) -> bytes:
    """A Word document with heading styles; its zip carries the document's day, not the clock's."""
    document = docx.Document()
    document.core_properties.title = text.title
    document.core_properties.author = TENANT_LEGAL_NAME
    moment = datetime(text.day.year, text.day.month, text.day.day, 9)  # noqa: DTZ001
    document.core_properties.created = document.core_properties.modified = moment
    document.add_heading(text.title, 0)
    for heading, paragraphs in text.sections:
        if heading:
            document.add_heading(heading, 1)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
    raw, fixed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (text.day.year, text.day.month, text.day.day, 9, 0, 0))
            new.writestr(entry, old.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def to_markdown(text: Text) -> bytes:
    """Markdown with one heading a section."""
    parts = [f"# {text.title}"]
    for heading, paragraphs in text.sections:
        parts += [f"## {heading}"] * bool(heading) + list(paragraphs)
    return ("\n\n".join(parts) + "\n").encode()


TYPESET: dict[str, Callable[[Text], bytes]] = {"pdf": to_pdf, "docx": to_docx, "md": to_markdown}
MEDIA = {
    "pdf": "application/pdf", "md": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
