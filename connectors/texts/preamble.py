"""Who a contract is between, and its dates: out of its opening, by rules.

A contract names its parties in one sentence, each by a name, then a description (`a Delaware corporation, with offices at ...`), then
what it is called from here on (`("Supplier")`). Nothing is guessed beyond that sentence: where it has not that shape, no parties are
found.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

OPENING = 8000
LONGEST = 2500

_FORMS = (
    r"Inc|Incorporated|Corp|Corporation|Co|Company|Ltd|Limited|LLC|L\.L\.C|LLP|L\.L\.P|LP|L\.P|PLC|P\.L\.C|N\.A|"
    r"GmbH(?: & Co\. ?KG(?:aA)?)?|"
    r"AG|KG|KGaA|OHG|UG|SE|mbH|Ges\.m\.b\.H|SAS|S\.A\.S|SARL|S\.A\.R\.L|SA|S\.A|SL|S\.L|S\.r\.l|Srl|S\.p\.A|SpA|BV|B\.V|NV|N\.V|A/S|ApS|AB|Oy|"
    r"Oyj|Pty Ltd|Trust|Bank|University|Foundation|Association|Press|GMBH|GMBH & CO\. KG|LIMITED|S\.R\.L|S\.P\.A|INC|CORP|LTD|GES\.M\.B\.H|"
    r"INCORPORATED|CORPORATION|COMPANY"
)
_HAS_FORM = re.compile(rf"(?:\b|[\s,])(?:{_FORMS})\.?(?=[\s,.;:()\"]|$)")
_COMMA_FORM = re.compile(rf"\s*(?:{_FORMS})\.?(?=[\s,.;:()\"]|$)")
_ORGANIZATION = re.compile(
    r"\b(corporation|company|compan|organi[sz]ed|partnership|limited|liability|subsidiary|registered office)\b", re.IGNORECASE
)

_ANCHOR = re.compile(r"\b(?:by and between|by and among|by and amongst|between|among|zwischen)\b:?\s+", re.IGNORECASE)
_END = re.compile(
    r"\b(?:WHEREAS|RECITALS?|WITNESSETH|W I T N E S S E T H|NOW,? THEREFORE|BACKGROUND|PREAMBLE)\b|"
    r"\b(?:agrees? (?:as|to|that)|is made (?:with|and)|sets? forth|shall set|whereby|wherein|in consideration|effective term)\b|"
    r"(?<=[\)\"\w])\. (?=[A-Z0-9])",
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Inc|INC|Corp|CORP|Ltd|LTD|Co|CO|Blvd|St|Ave|No|Dr|Mr|Ms|Mrs|Mt|Ft|Ste|Rd|Jr|Sr|vs|Nr|Dec|Nov|Oct|Sept|Aug|Jan|Feb|Mar|Apr|str|Str|[A-Z])|"
    r"(?:[A-Za-z]\.)+[A-Za-z])$"
)
_TERM = re.compile(r"\([^()\"]{0,60}\"([^\"]{1,60})\"[^()]{0,120}\)|\((?:herein\w*|collectively)[^()]{0,30}?\"?([A-Z][\w .&-]{1,40})\"?\)")
_STOPS_NAME = re.compile(
    r"\s*\(|\s+(?:a|an) (?=[A-Z]?\w)|,\s+(?:a|an|with|having|located|whose|organi|acting|on behalf|duly|being|of)\b|"
    r"\s+(?:having|located|whose|through its|on behalf|organi[sz]ed|represented|herein\w*|acting|and (?:its|his|her|their)|"
    r"incorporated under|"
    r"with (?:its|an|a|offices|principal|registered)|of the (?:first|second))\b"
)
_CONTRACT = re.compile(r"agreement|contract|amendment|vertrag|vereinbarung", re.IGNORECASE)
_NOT_TERMS = re.compile(
    r"agreement|amendment|contract|exhibit|addendum|date|^(?:the )?part(?:y|ies)$|effective|term$|execution|trust$", re.IGNORECASE
)
_CAPITAL = r"(?:(?:the|den|de|der|van|von|la|le|los|el|del|di|da|du|ten|ter|d'|l'|'t) ?){0,3}[\"']?[^\W_a-zß-öø-ÿ]"
_LABELLED = re.compile(
    rf"\bParty (?:[A-D]|[1-4]|One|Two)\s*: ?((?:(?! Party ).){{2,100}}?(?:{_FORMS})\.?(?:,? ?(?:{_FORMS})\.?)*)(?=[\s,;(]|$)"
)
_NOT_NAMES = re.compile(
    r"^(?:the )?(?:part(?:y|ies)|agreement|undersigned|following|each|both|you|us|them|it|its|this|that|him|her)\b|\bagreement\b|[:#]|---",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Party:
    """A party as the opening names it. kind: person, organization; called: its defined term; vat and address where they are said."""

    name: str
    kind: str
    called: str = ""
    vat: str = ""
    address: tuple[tuple[str, str], ...] = ()


def normal(text: str) -> str:
    """The opening on one line, with straight quotes."""
    line = re.sub(r"\s+", " ", text[: OPENING * 2])[:OPENING]
    return line.translate({0x201C: '"', 0x201D: '"', 0x201E: '"', 0x2018: "'", 0x2019: "'"}).replace("''", '"').replace("``", '"')


def parties(text: str) -> list[Party]:
    """The parties, in order of naming; empty where the opening has no sentence that names at least two."""
    opening = normal(text)
    if len(labelled := list(dict.fromkeys(match.group(1) for match in _LABELLED.finditer(opening)))) > 1:
        return [Party(name, "organization") for name in labelled]
    for region in _regions(opening):
        found: dict[str, Party] = {}
        for chunk in _chunks(region):
            if party := _party(chunk):
                found.setdefault(party.name.lower(), party)
        if len(found) >= 2:
            return list(found.values())
    return []


def _regions(opening: str) -> Iterator[str]:
    """Where parties may be named: after each `between`, those with a defined term first; else the sentences that hold defined terms."""
    anchors = list(_ANCHOR.finditer(opening[: OPENING // 2]))
    regions = [(anchor, _until_end(opening[anchor.end() : anchor.end() + LONGEST])) for anchor in anchors]
    yield from (region for _, region in regions if _term(region))
    for term in (one for one in _TERM.finditer(opening[:3000]) if _called(one)):
        start = _sentence_start(opening, term.start())
        yield _until_end(opening[start : start + LONGEST])
    for anchor, region in regions:
        if not _term(region) and _CONTRACT.search(opening[max(0, anchor.start() - 120) : anchor.start()]):
            yield region


def _term(text: str) -> str:
    """The first defined term that can be a party's, or ''."""
    return next((called for match in _TERM.finditer(text) if (called := _called(match))), "")


def _called(match: re.Match[str]) -> str:
    called = (match.group(1) or match.group(2) or "").strip(" ,.")
    return "" if _NOT_TERMS.search(called) else called


def _sentence_start(text: str, place: int) -> int:
    starts = [match.end() for match in re.finditer(r"[.:] (?=[A-Z])|\b(?:AGREEMENT|Agreement|Year|EXHIBIT [\d.]+) ", text[:place])]
    kept = [start for start in starts if not _ABBREVIATION.search(text[: start - 2])]
    return max(kept, default=0)


def _until_end(region: str) -> str:
    for end in _END.finditer(region):
        if end.group() == ". " and _ABBREVIATION.search(region[: end.start()]):
            continue
        if _depth(region[: end.start()]) == 0:
            return region[: end.start()]
    return region[:LONGEST]


def _depth(text: str) -> int:
    return text.count("(") - text.count(")")


def _chunks(region: str) -> list[str]:
    """One chunk for each party."""
    breaks, loose = [], []
    for match in re.finditer(rf"[,;]?\s+(?:and|und)\s+(?=[\"']?\w)|;\s+|\),\s+(?={_CAPITAL})", region):
        if _depth(region[: match.start()]) - (match.group()[0] == ")") != 0:
            continue
        before, after = region[: match.end()].rstrip(), region[match.end() :]
        if match.group().startswith(")") or _begins_party(region[: match.start()], match.group(), after):
            breaks.append((match.start() + match.group().startswith(")"), match.end()))
        elif " and " in match.group() and before:
            loose.append((match.start(), match.end()))
    chunks, start = [], 0
    for left, right in breaks or loose[:1]:
        chunks.append(region[start:left])
        start = right
    return [*chunks, region[start:]]


def _begins_party(before: str, joint: str, after: str) -> bool:
    """Whether a new party begins after `and`: it has a legal form, or the one before was brought to its end by a defined term or comma."""
    if not re.match(_CAPITAL, after):
        return False
    name = _name(after)
    if not name or len(name) > 100:
        return False
    if _HAS_FORM.search(name):
        return bool(_HAS_FORM.search(before)) or bool(_term(before)) or "," in before
    return bool(before.endswith(")") or joint.startswith((",", ";")))


def _name(chunk: str) -> str:
    """The name that a chunk begins with: up to its description; a comma before a legal form is part of it."""
    stop = _STOPS_NAME.search(chunk)
    head = chunk[: stop.start()] if stop else chunk
    for comma in re.finditer(",", head):
        if not _COMMA_FORM.match(head[comma.end() :]):
            head = head[: comma.start()]
            break
    return head.strip(" ,;:\"'*_-")


def _party(chunk: str) -> Party | None:
    name = _name(chunk.strip())
    if not 2 <= len(name) <= 120 or not re.search(r"[^\W\d_]{2}", name) or _NOT_NAMES.search(name) or _depth(name) != 0:
        return None
    called = _term(chunk)
    vat = re.search(
        r"\b(?:VAT|USt-?Id)[ -]?(?:(?:Reg(?:istration)?\.? )?(?:No|Nr|Number|ID)\.?)?:? ?"
        r"((?:[A-Z]{2}|CHE)[- ]?[\dA-Z][\dA-Z .-]{5,15}[\dA-Z])\b",
        chunk,
    )
    return Party(name, _kind(name, chunk), called, vat.group(1) if vat else "", _address(chunk))


def _kind(name: str, chunk: str) -> str:
    described = chunk[len(name) :]
    words = name.split()
    looks_human = 2 <= len(words) <= 4 and all(re.fullmatch(r"[^\W\d_][^\W\d_.'-]*\.?(?:[-'][^\W\d_]+)*", word) for word in words)
    if _HAS_FORM.search(name) or _ORGANIZATION.search(described) or not looks_human or words[0].lower() == "the":
        return "organization"
    return "person" if all(word[0].isupper() for word in words) else "organization"


def _address(chunk: str) -> tuple[tuple[str, str], ...]:
    """`registered office at Lindenweg 4, 20099 Hamburg, Germany` in its parts; empty where it has another shape."""
    match = re.search(
        r"(?:registered office|place of business|offices?|address)\s+(?:located\s+)?(?:at|in)\s+(.{5,160}?)(?=\s*\(|, VAT|;|$)", chunk
    )
    parts = [part.strip() for part in match.group(1).split(",")] if match else []
    if len(parts) != 3:
        return ()
    town = re.fullmatch(r"([A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2}|\d{4} ?[A-Z]{2}|[A-Z]{0,2}-?\d{4,5})\s+(.+)", parts[1])
    if not town:
        return ()
    return (("street", parts[0]), ("postcode", town.group(1)), ("city", town.group(2)), ("country", parts[2].rstrip(". ")))


_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan januar", "february feb februar", "march mar märz", "april apr", "may mai", "june jun juni", "july jul juli",
         "august aug", "september sep sept", "october oct oktober", "november nov", "december dec dezember"), 1
    )
    for name in names.split()
}  # fmt: skip
_DATE = (
    r"(?:(?P<month>[A-Z][a-zä]{2,8})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? ?(?P<year>\d{4})|"
    r"(?P<day2>\d{1,2})(?:st|nd|rd|th|\.)?(?: day of)? (?P<month2>[A-Z][a-zä]{2,8}),? (?P<year2>\d{4})|(?P<iso>\d{4}-\d{2}-\d{2}))"
)


def dates(text: str) -> dict[str, date]:
    """dated_on, effective_on, expires_on and renews_on, those that the text says."""
    opening = normal(text)
    forms = {
        "dated_on": rf"(?:as of|dated|entered into (?:on|this)|made (?:on|this)|made and entered into|date:?)[ _]*(?:the )?{_DATE}",
        "effective_on": rf"(?:effective (?:as of|on|date:?)|beginning(?: on)?|commence (?:as of|on))[ _]*(?:the )?{_DATE}|"
        rf"{_twice(_DATE)}\s*\(?,?\s*\(?[^()]{{0,20}}\"Effective Date\"",
        "expires_on": rf"(?:until|ending(?: on)?|expires? (?:on|upon)|terminates? (?:on|upon)|expiration date:?)[ _]*(?:the )?{_DATE}",
        "renews_on": rf"(?:renewal date is|renews? on)[ _]*(?:the )?{_DATE}",
    }
    return {name: day for name, form in forms.items() if (match := re.search(form, opening)) and (day := _day(match))}


def _twice(form: str) -> str:
    """The date's form again, under names of its own: a regular expression holds a name once."""
    return re.sub(r"\(\?P<(\w+)>", r"(?P<\g<1>_>", form)


def _day(match: re.Match[str]) -> date | None:
    held = {name.rstrip("_"): value for name, value in match.groupdict().items() if value}
    try:
        if "iso" in held:
            return date.fromisoformat(held["iso"])
        month = _MONTHS[(held.get("month") or held["month2"]).lower()]
        return date(int(held.get("year") or held["year2"]), month, int(held.get("day") or held["day2"]))
    except (KeyError, ValueError):
        return None
