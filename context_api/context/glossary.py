"""German words of business and their English ones: a question in either language finds what is written in the other.

A text is taken for German if at least two of its words are; then a word counts by what it begins with, so that compounds and endings
are understood ("Rechnungsbetrag", "offenen"). What is in no table keeps its own word.
"""

from collections.abc import Mapping, Sequence

#: Beginning of a German word -> what it asks for. The longest that fits counts.
WORDS: Mapping[str, tuple[str, ...]] = {
    "ablauf": ("expire",), "ablehn": ("reject",), "abschluss": ("closing",), "adress": ("address",), "änder": ("change",),
    "angebot": ("offer",), "anhang": ("attachment",), "anlage": ("attachment",), "anruf": ("call",), "anschrift": ("address",),
    "ansprechpartner": ("contacts",), "arbeite": ("work",), "auftr": ("order",), "bedingung": ("terms",), "beschwer": ("complaint",),
    "beschädig": ("damage",), "besprech": ("meeting",), "bestell": ("order",), "betrag": ("amount",), "bezahl": ("payment",),
    "bietet": ("offer",), "branche": ("industry",), "defekt": ("fault",), "entscheid": ("decision",), "ersatzteil": ("spare", "parts"),
    "fällig": ("due",), "filiale": ("branch",), "forder": ("claim",), "frist": ("period",), "garantie": ("warranty",), "gehör": ("belong",),
    "geliefert": ("delivered",), "geschäft": ("deal",), "geschrieben": ("wrote",), "gespräch": ("call",), "gutschrift": ("credit",),
    "haft": ("liability",), "hauptsitz": ("headquarters",), "jahr": ("year",), "kalibrier": ("calibration",), "kaputt": ("fault",),
    "konkurren": ("competitor",), "kontakt": ("contact",), "kosten": ("cost",), "kündig": ("termination", "notice"),
    "kündigungsfrist": ("termination", "notice", "period"), "laufzeit": ("term",), "letzt": ("last",), "liefer": ("delivery",),
    "lieferadress": ("delivery", "address"), "mangel": ("defect",), "menge": ("quantity",), "mitarbeiter": ("employees",),
    "mitbewerb": ("competitor",), "monat": ("month",), "mutter": ("parent",), "nachricht": ("message",), "niederlassung": ("branch",),
    "notiz": ("note",), "offen": ("open",), "preis": ("price",), "preisliste": ("price", "list"), "problem": ("issue",),
    "rabatt": ("discount",), "rechnung": ("invoice",), "reklam": ("complaint",), "schaden": ("damage",), "schuld": ("owe",),
    "sitz": ("located",), "steuer": ("tax",), "stunde": ("hour",), "telefon": ("phone",), "termin": ("meeting",),
    "tochter": ("subsidiary",), "überfällig": ("overdue",),
    "übernehm": ("take",), "umsatz": ("revenue",), "unbezahl": ("unpaid",), "ungelöst": ("unresolved",),
    "unterschr": ("signed",), "unzufrieden": ("complaint",), "verhandl": ("negotiation",), "verlänger": ("renewal",), "verspät": ("late",),
    "vertrag": ("contract",), "vertraulich": ("confidentiality",), "wartung": ("maintenance",), "website": ("website",),
    "wert": ("worth",), "wettbewerb": ("competitor",), "zahl": ("payment",), "zahlungsziel": ("payment", "terms"), "zuletzt": ("last",),
    "zweigstelle": ("branch",),
}  # fmt: skip
#: Words that ask, and tell nothing of what about.
ASKING = frozenset(
    {"alle", "am", "an", "auf", "aus", "bei", "bekommen", "bitte", "das", "dass", "dem", "den", "der", "des", "die", "dieser", "diese"}
    | {"ein", "eine", "einem", "einen", "einer", "er", "es", "firma", "für", "gab", "gibt", "haben", "hat", "hatte", "hoch", "ihr"}
    | {"ihre", "ihren", "im", "in", "ist", "jemals", "kann", "können", "man", "mit", "nach", "noch", "oder", "schon", "sich", "sie"}
    | {"sind", "uns", "unser", "unsere", "und", "unternehmen", "viel", "viele", "vom", "von", "vor", "wann", "war", "waren", "warum"}
    | {"was", "welche", "welchem", "welchen", "welcher", "welches", "wem", "wen", "wer", "werden", "wie", "wieviel", "wieviele", "wir"}
    | {"wird", "wo", "womit", "worüber", "wovon", "wurde", "wurden", "zu", "zum", "zur", "über", "begrenzt", "kunde", "kunden"}
)
#: Of these, the words that are English too: they make no text German.
ENGLISH = frozenset({"am", "an", "den", "die", "hat", "im", "in", "man", "war", "was", "website", "problem", "termin", "er", "des", "wo"})
#: English word -> beginnings of the German words that say the same.
GERMAN: Mapping[str, tuple[str, ...]] = {
    word: tuple(beginning for beginning, english in WORDS.items() if word in english)
    for word in sorted({word for english in WORDS.values() for word in english})
}
LONGEST = max(len(beginning) for beginning in WORDS)


def translate(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """German word -> its English words, () for one that only asks. Empty where the text is not German."""
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        if word in ASKING:
            found[word] = ()
        elif english := _of(word):
            found[word] = english
    return found if len(found.keys() - ENGLISH) >= 2 else {}


def german(word: str) -> tuple[str, ...]:
    """Beginnings of the German words for an English one; it may end in -s."""
    return GERMAN.get(word) or GERMAN.get(word.removesuffix("s"), ())


def _of(word: str) -> tuple[str, ...]:
    beginnings = (word[:length] for length in range(min(len(word), LONGEST), 3, -1))
    return next((WORDS[beginning] for beginning in beginnings if beginning in WORDS), ())
