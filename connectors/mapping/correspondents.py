"""The party records of mail addresses: no record of the source holds them, they are made from who takes part in the mails.

An address's record is a function of all its mails, whatever order they came in: made anew for each address that a batch touched. Addresses
of our own domains have none.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.mapping.staged import Party
from connectors.mapping.transforms import spoken

#: Local parts that name a function and not a person, in the languages of Europe's commerce: such an address is the organisation's.
ROLES = frozenset((
    "abuse", "accounting", "accounts", "accountspayable", "achats", "acquisti", "admin", "administracion", "administratie",
    "administration", "administrativo", "amministrazione", "anfrage", "ap", "ar", "auftrag", "bestellung", "bestellungen", "billing",
    "boekhouding", "buchhaltung", "buero", "bureau", "business", "career", "careers", "clientes", "commercial", "commerciale",
    "compras", "compta", "comptabilite", "contabilidad", "contabilita", "contact", "contacto", "customerservice", "donotreply",
    "einkauf", "empfang", "enquiries", "export", "facturacion", "facturas", "facturatie", "facturation", "factuur", "finance",
    "hello", "helpdesk", "help", "hr", "import", "info", "infos", "information", "inkoop", "invoice", "invoices", "invoicing", "it",
    "jobs", "kontakt", "kundenservice", "legal", "logistics", "logistik", "mail", "mailer-daemon", "marketing", "newsletter",
    "no-reply", "noreply", "office", "order", "orders", "post", "postmaster", "praxis", "presse", "press", "privacy", "procurement",
    "purchase", "purchasing", "rechnung", "rechnungen", "reception", "root", "sales", "secretariat", "security", "sekretariat",
    "service", "servicio", "sklep", "support", "team", "technik", "ufficio", "vendite", "ventas", "ventes", "verkauf", "verkoop",
    "versand", "vertrieb", "webmaster", "zentrale",
))  # fmt: skip

#: Domains where anybody may have an address: they say nothing of an employer or website.
PUBLIC_DOMAINS = frozenset((
    "aol.com", "bluewin.ch", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.de", "gmx.net", "googlemail.com",
    "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr", "icloud.com", "laposte.net", "libero.it", "live.com", "mac.com",
    "mail.com", "mail.ru", "me.com", "msn.com", "online.de", "orange.fr", "outlook.com", "outlook.de", "outlook.fr", "pm.me",
    "proton.me", "protonmail.com", "qq.com", "sfr.fr", "t-online.de", "tiscali.it", "ukr.net", "virgilio.it", "wanadoo.fr", "web.de",
    "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.ru", "zoho.com",
))  # fmt: skip

MOST_NAMES = 3


def correspondent(stream: str, address: str, names: Sequence[str], signature: Mapping[str, str], last_at: datetime) -> Party:
    """The party record of an address: `names` as mails showed it, latest first; `signature` the latest one's parts."""
    local, _, domain = address.partition("@")
    shown = [(name, employer) for one in names for name, employer in [split_name(one, address)] if name]
    company = [signature["company"]] if signature.get("company") else []
    if is_role(local):
        named = [*company, *(without_role(name, local) for name, _ in shown)]
        website = [] if domain in PUBLIC_DOMAINS else [domain]
        return _party(stream, address, "organization", {"name": named[:MOST_NAMES], "website": website}, last_at)
    given = [name for name, _ in shown] or name_of_local(local)
    attributes = {
        "name": given[:MOST_NAMES],
        "phone": [signature[part] for part in ("phone", "mobile") if signature.get(part)],
        "title": [signature["title"]] if signature.get("title") else [],
        "employer": [*company, *(employer for _, employer in shown if employer)][:1],
    }
    return _party(stream, address, "person", attributes, last_at)


def _party(stream: str, address: str, kind: str, attributes: Mapping[str, Sequence[str]], last_at: datetime) -> Party:
    kept = {name: list(dict.fromkeys(values)) for name, values in attributes.items() if values}
    return Party(stream, address, kind, {**kept, "email": [address]}, observed_at=last_at)


def is_own(address: str, own_domains: Sequence[str]) -> bool:
    """Whether the address is of one of the domains, or of one below it."""
    domain = address.rpartition("@")[2].lower()
    return any(domain == own or domain.endswith(f".{own}") for own in own_domains)


def is_role(local: str) -> bool:
    """Whether the part before the @ names a function: `info`, `buchhaltung`, `sales.uk`, `orders+de`."""
    first = re.split(r"[.+_\d]", local, maxsplit=1)[0]
    return local in ROLES or first in ROLES or local.replace("-", "").replace(".", "") in ROLES


def split_name(shown: str, address: str) -> tuple[str, str]:
    """(name, employer or '') out of a display name: `Berg, Anna`, `Anna Berg | Krämer GmbH`, `Anna Berg via List`."""
    name = re.sub(r"\s+", " ", shown).strip(" '\"\t")
    name = re.sub(r"\s+via\s+.*$", "", name)
    employer = ""
    if match := re.fullmatch(r"(.+?)\s+(?:\||–|—|@|/)\s+(.+)", name) or re.fullmatch(r"(.+?)\s*\(([^()]+)\)", name):
        name, employer = match.group(1), match.group(2)
    if "@" in name or name.lower() == address.partition("@")[0]:
        return "", employer
    return spoken(name), employer.strip()


def without_role(name: str, local: str) -> str:
    """`Krämer Pumpen Einkauf` at einkauf@ is `Krämer Pumpen`."""
    words = name.split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1].lower() in {local, *ROLES} else name


def name_of_local(local: str) -> list[str]:
    """`anna.berg` is `Anna Berg`; a local part that does not look like given and family name gives none."""
    parts = [re.sub(r"\d+$", "", part) for part in re.split(r"[._]", local)]
    if len(parts) == 2 and all(re.fullmatch(r"[^\W\d_]{2,}(-[^\W\d_]+)?", part) for part in parts):
        return [" ".join("-".join(piece.capitalize() for piece in part.split("-")) for part in parts)]
    return []
