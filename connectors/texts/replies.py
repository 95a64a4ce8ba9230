"""What is new in a mail: without the text quoted from earlier ones, and with the signature told apart.

By lines, each looked at once and only so far: a regular expression over the whole text is a hostage to whoever writes the mail (the usual
parsers take minutes for some twenty thousand characters).
"""

import re
from dataclasses import dataclass

_LONGEST_LINE = 400

_WROTE = re.compile(
    r"^(On|Am|Le|Op|El|Il|Den|Em|W dniu|Dne|Pada|El día)\b.*\b"
    r"(wrote|schrieb|a écrit|schreef|escribió|ha scritto|skrev|escreveu|napisał|napsal)\b.{0,200}$",
    re.IGNORECASE,
)
_OPENS = re.compile(r"^(On|Am|Le|Op|El|Il|Den|Em|W dniu|Dne)\b", re.IGNORECASE)
_RULE = re.compile(
    r"^[-_*\s]{2,}\s*(original message|original appointment|ursprüngliche nachricht|originalnachricht|message d'origine|message original|"
    r"oorspronkelijk bericht|mensaje original|messaggio originale|forwarded message|weitergeleitete nachricht|"
    r"begin forwarded message)\s*[-_*:\s]*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^[*\s]*(from|von|de|van|da|från|od)\s*:[*\s]*\S", re.IGNORECASE)
_FIELD = re.compile(
    r"^[*\s]*(sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|verzonden|aan|onderwerp|enviado|para|asunto|inviato|a|oggetto)\s*:",
    re.I,
)
_CLOSING = re.compile(
    r"^(with )?(best|kind|warm|many thanks|thanks|thank you|cheers|regards|yours|sincerely|mit freundlich|freundliche|"
    r"viele grüße|beste grüße|herzliche|liebe grüße|schöne grüße|mfg\b|cordialement|bien à vous|"
    r"meilleures salutations|met vriendelijke|vriendelijke|"
    r"groeten|saludos|atentamente|un saludo|cordiali saluti|distinti saluti|saluti)[^.?!]{0,40}$",
    re.IGNORECASE,
)
_DEVICE = re.compile(r"^(sent from my|von meinem .* gesendet|gesendet von|envoyé de mon|get outlook for|inviato da)\b", re.IGNORECASE)

_PHONE = re.compile(r"\+?\(?\d[\d\s()/.\-–]{5,24}\d")
_LABEL = re.compile(
    r"^(t|tel|telefon|telephone|téléphone|phone|p|direct|office|d|m|mob|mobil|mobile|cell|handy|gsm|f|fax|telefax)\b[.:)\s]*(?=[+(\d])",
    re.I,
)
_MOBILE = ("m", "mob", "mobil", "mobile", "cell", "handy", "gsm")
_FAX = ("f", "fax", "telefax")
_LEGAL = re.compile(
    r"\b(gmbh|ag|kg|ohg|ug|e\.?k\.?|ges\.?m\.?b\.?h\.?|ltd|limited|plc|llp|llc|inc|corp|corporation|company|sas|sarl|s\.?a\.?|b\.?v\.?|n\.?v\.?|"
    r"s\.?l\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|a/s|aps|ab|oy|se)\.?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """text: what is new, signature and quoted text taken off; signature: its lines."""

    text: str
    signature: tuple[str, ...] = ()


def split(text: str) -> Reply:
    """The new part of a mail's text. Where nothing is new (a mail that only forwards), the whole text."""
    lines = [line.rstrip() for line in text.replace("\u200b", "").split("\n")]
    end = next((place for place in range(len(lines)) if _quote_begins(lines, place)), len(lines))
    fresh = [line for line in lines[:end] if not line.startswith(">")]
    body, signature = _apart(fresh)
    said = re.sub(r"\n{3,}", "\n\n", "\n".join(body)).strip()
    return Reply(said, tuple(signature)) if said else Reply(text.strip())


def _quote_begins(lines: list[str], place: int) -> bool:
    line = lines[place].lstrip("> ")[:_LONGEST_LINE]
    if _RULE.match(line):
        return True
    if _OPENS.match(line):
        joined = ""
        for following in lines[place : place + 3]:
            joined = f"{joined} {following.lstrip('> ')[:_LONGEST_LINE]}".strip()
            if _WROTE.match(joined):
                return joined.endswith(":") or len(joined) < 250
    return bool(_FROM.match(line)) and sum(bool(_FIELD.match(one[:_LONGEST_LINE])) for one in lines[place + 1 : place + 6]) >= 2


def _apart(lines: list[str]) -> tuple[list[str], list[str]]:
    """(body, signature's lines). A signature stands under `--`, or under a closing with at least two lines after it."""
    for place, line in enumerate(lines):
        if line.strip() in ("--", "—", "–") or _DEVICE.match(line.strip()[:_LONGEST_LINE]):
            signature = [one.strip() for one in lines[place + 1 :] if one.strip()]
            return lines[:place], signature if line.strip() in ("--", "—", "–") else []
    for place in range(len(lines) - 1, max(-1, len(lines) - 15), -1):
        after = [one.strip() for one in lines[place + 1 :] if one.strip()]
        if _CLOSING.match(lines[place].strip().rstrip(",")[:_LONGEST_LINE]) and 2 <= len(after) <= 10:
            return [*lines[: place + 1], after[0]], after
    return lines, []


def signature_parts(lines: tuple[str, ...], name: str, domain: str) -> dict[str, str]:
    """title, company, phone and mobile out of a signature's lines; `name` and `domain` are the sender's, to know them by."""
    parts: dict[str, str] = {}
    words: list[str] = []
    for line in (one[:_LONGEST_LINE] for one in lines[:10]):
        label = (match.group(1).lower() if (match := _LABEL.match(line)) else "").rstrip(".")
        if (phone := _PHONE.search(line)) and (label or len(phone.group()) > len(line) * 0.6):
            if label not in _FAX:
                parts.setdefault("mobile" if label in _MOBILE else "phone", phone.group().strip())
        elif re.search(r"[^\W\d_]{2}", line) and not re.search(r"\d|@|www\.|https?:", line) and len(line) <= 80:
            words.append(line)
    if len(words) > 1 and not _is_company(words[0], domain) and not any(_alike(line, name) for line in words):
        words = words[1:]
    company = next((line for line in words if _is_company(line, domain)), "")
    title = next((line for line in words if line != company and not _alike(line, name) and line[-1] not in ".!?:;,"), "")
    return {**parts, **({"company": company} if company else {}), **({"title": title} if title else {})}


def _is_company(line: str, domain: str) -> bool:
    label = domain.split(".")[0].replace("-", "")
    first = next((word for word in re.findall(r"[^\W_]+", _plain(line)) if len(word) > 2), "")
    return bool(_LEGAL.search(line)) or (bool(first) and label.startswith(first))


def _alike(line: str, name: str) -> bool:
    return bool({_plain(one) for one in line.split()} & {_plain(one.strip(",")) for one in name.split() if len(one) > 2})


def _plain(word: str) -> str:
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("é", "e"), ("è", "e"), ("ó", "o"), ("í", "i"), ("á", "a")):
        word = word.lower().replace(letter, plain)
    return word
