"""What the ERP says: Odoo partners (customers and their contacts), sales orders, invoices and payments.

A record holds every field that the stub serves; an empty one is `false`, a many-to-one is `[id, display name]`, a time is UTC
`YYYY-MM-DD HH:MM:SS`. As in Odoo, a company's VAT number is copied onto the contacts under it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from crosswalk.sandbox.crm import Crm
from crosswalk.sandbox.distortion import typo
from crosswalk.sandbox.identifiers import write_phone
from crosswalk.sandbox.parties import Organization, Person, World
from crosswalk.sandbox.trade import Invoice, Order, Trade, present
from crosswalk.sandbox.truth import Truth
from crosswalk.sandbox.vocabulary import COUNTRIES

Record = dict[str, Any]
COUNTRY_IDS = {country.code: [place * 7 + 13, country.name] for place, country in enumerate(COUNTRIES)}
CURRENCY_IDS = {"EUR": [125, "EUR"], "GBP": [143, "GBP"], "USD": [1, "USD"]}
LANGUAGES = {"de": "de_DE", "fr": "fr_FR", "en": "en_US", "nl": "nl_NL", "es": "es_ES", "it": "it_IT"}


@dataclass(slots=True)
class Erp:
    """Records by model and id, in order of id."""

    models: dict[str, dict[int, Record]] = field(
        default_factory=lambda: {"res.partner": {}, "sale.order": {}, "account.move": {}, "account.payment": {}}
    )


@dataclass(slots=True)
class Bookkeeping:
    """The state of writing the ERP."""

    world: World
    truth: Truth
    rng: Random
    erp: Erp = field(default_factory=Erp)
    partners: dict[str, list[int]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def put(self, model: str, record: Record, created: date) -> int:
        """Adds a record under the next id, ids having gaps where records were deleted, and returns the id."""
        key = self.last.get(model, 6) + self.rng.choice((1, 1, 1, 1, 2, 3))
        self.last[model] = key
        made = datetime.combine(created, time(6)) + timedelta(seconds=self.rng.randrange(43_000))
        left = max(0, (self.world.today - created).days - 1)
        changed = made + timedelta(days=int(left * self.rng.random() ** 0.5), seconds=self.rng.randrange(9000))
        record = {"id": key, **record, "create_date": f"{made:%Y-%m-%d %H:%M:%S}", "write_date": f"{changed:%Y-%m-%d %H:%M:%S}"}
        self.erp.models[model][key] = record
        return key


def make_erp(world: World, trade: Trade, truth: Truth, crm: Crm) -> Erp:
    """The ERP's records of the world, its truth noted. It reads the CRM only to leave each customer something in common with it."""
    books = Bookkeeping(world, truth, Random(f"{world.seed}/{len(world.organizations)}/erp"))
    for organization in world.organizations:
        if organization.customer:
            _customer(books, organization, crm)
    for order in trade.orders:
        _order(books, order)
    orders = {order.number: key for order, key in zip(trade.orders, books.erp.models["sale.order"], strict=True)}
    for invoice in trade.invoices:
        _invoice(books, invoice, orders[invoice.order.number])
    for partner in list(books.erp.models["res.partner"].values())[60::41]:
        if not partner["ref"]:
            world.hardness["archived"] += 1
            partner["active"] = False
    return books.erp


def _customer(books: Bookkeeping, organization: Organization, crm: Crm) -> None:
    rng, hardness = books.rng, books.world.hardness
    crm_reference = books.truth.proofs.get(("company", int(organization.id[4:])))
    known = crm.companies[crm_reference.rsplit("/", 1)[1]]["properties"] if crm_reference else {}
    only_vat = "vat_number" in known and "erp_customer_number" not in known and not organization.parent and rng.random() < 0.25
    record = _vat_only(books, organization) if only_vat else _company(books, organization, known)
    key = books.put("res.partner", record, organization.since)
    books.partners[organization.id] = [key]
    books.truth.proves("customer", int(organization.id[4:]), books.truth.says("erp", "customers", str(key), organization.id))
    if rng.random() < 0.05 and not organization.parent:
        hardness["duplicates_in_erp"] += 1
        double = record | {"name": organization.legal_name.upper(), "ref": f"ALT-{rng.randrange(1000, 9999)}", "email": False}
        double |= _place(organization, stale=False)
        books.partners[organization.id].append(other := books.put("res.partner", double, organization.since))
        books.truth.says("erp", "customers", str(other), organization.id)
    for person in present(books.world, organization)[: rng.choice((1, 2, 3, 3, 4))]:
        if rng.random() < 0.85:
            child = books.put("res.partner", _contact(books, person, organization, key), max(organization.since, person.now.start))
            books.truth.says("erp", "customers", str(child), person.id)
    if len(organization.mailboxes) > 1 and rng.random() < 0.25:
        hardness["function_contacts_in_erp"] += 1
        child_record = _blank(organization) | {
            "name": rng.choice(("Accounts Payable", "Invoices", "Buchhaltung")), "type": "invoice", "parent_id": [key, record["name"]],
            "email": organization.mailboxes[-1], "vat": record["vat"],
        }  # fmt: skip
        child = books.put("res.partner", child_record, organization.since)
        books.truth.says("erp", "customers", str(child), organization.id)


def _blank(organization: Organization) -> Record:
    language = LANGUAGES[organization.country.language]
    return {"name": False, "is_company": False, "type": "contact", "parent_id": False, "ref": False, "vat": False, "email": False,
            "phone": False, "website": False, "street": False, "street2": False, "zip": False, "city": False, "state_id": False,
            "country_id": list(COUNTRY_IDS[organization.country.code]), "country_code": organization.country.code, "function": False,
            "lang": language, "company_registry": False, "comment": False, "customer_rank": 1, "active": True}  # fmt: skip


def _place(organization: Organization, *, stale: bool) -> Record:
    address = organization.former_address if stale and organization.former_address else organization.address
    return {"street": address.street, "zip": address.postcode, "city": address.city}


def _company(books: Bookkeeping, organization: Organization, known: dict[str, str]) -> Record:
    rng, hardness = books.rng, books.world.hardness
    chance = rng.random()
    name = organization.legal_name if chance < 0.82 else organization.legal_name.upper() if chance < 0.9 else organization.trading_name
    renamed = bool(organization.former_name and known) and rng.random() < 0.3
    if renamed:
        hardness["names_former"] += 1
        name = organization.former_name
    record = _blank(organization) | {"name": name, "is_company": True, "ref": organization.customer_number}
    stale = bool(organization.former_address) and "domain" in known and rng.random() < 0.35
    record |= _place(organization, stale=stale)
    hardness["stale_addresses"] += stale
    if rng.random() < 0.8 or organization.relation == "subsidiary":
        record["vat"] = organization.vat or False
    if organization.relation == "branch":
        parents = books.partners.get(organization.parent)
        if parents:
            record["parent_id"] = [parents[0], books.erp.models["res.partner"][parents[0]]["name"]]
        if parents and (rng.random() < 0.05 or not hardness["branches_with_their_heads_vat"]):
            hardness["branches_with_their_heads_vat"] += 1
            record["vat"] = books.world.organization(organization.parent).vat
    if rng.random() < 0.6:
        record["phone"] = write_phone(organization.switchboard, organization.country, rng.randrange(5))
        if known.get("phone") and rng.random() < 0.08:
            hardness["conflicting_phones"] += 1
            record["phone"] = write_phone(organization.switchboard[:-2] + "99", organization.country, 1)
    if organization.mailboxes and rng.random() < 0.5:
        record["email"] = rng.choice(organization.mailboxes)
    shared = (record["vat"] and "vat_number" in known) or "erp_customer_number" in known or known.get("zip") == record["zip"]
    if rng.random() < 0.35 or not shared or renamed or "domain" not in known:
        record["website"] = f"https://www.{organization.domain}"
    return record


def _vat_only(books: Bookkeeping, organization: Organization) -> Record:
    """Billed through a service centre: another name, another place, and only the VAT number as in the CRM."""
    books.world.hardness["only_a_vat_number_in_common"] += 1
    city = books.rng.choice([city for city in organization.country.cities if city.name != organization.address.city])
    postcode = city.postcode.replace("#", "1").replace("@", "A")
    centre = f"{organization.trading_name.split()[0][0]}{organization.abbreviation[-2:]} Shared Services"
    return _blank(organization) | {
        "name": centre, "is_company": True, "ref": organization.customer_number, "vat": organization.vat,
        "street": f"P.O. Box {books.rng.randrange(1000, 9999)}", "zip": postcode, "city": city.name,
    }  # fmt: skip


def _contact(books: Bookkeeping, person: Person, organization: Organization, parent: int) -> Record:
    rng, job, chance = books.rng, person.now, books.rng.random()
    sure = "twin" in person.hard or chance > 0.88
    name = person.name if chance < 0.82 else f"{person.family}, {person.given}"
    if chance > 0.92:
        name = f"{person.given[0]}. {person.family}"
    elif chance > 0.88 and "twin" not in person.hard:
        books.world.hardness["typos"] += 1
        name = f"{person.given} {typo(person.family, rng)}"
    parent_record = books.erp.models["res.partner"][parent]
    record = _blank(organization) | {"name": name, "parent_id": [parent, parent_record["name"]], "vat": parent_record["vat"]}
    if sure or rng.random() < 0.78:
        record["email"] = job.email
    if not record["email"] or rng.random() < 0.5:
        record["phone"] = write_phone(job.phone or person.mobile, organization.country, rng.randrange(5))
    record["function"] = job.title if rng.random() < 0.6 else False
    return record


def _order(books: Bookkeeping, order: Order) -> None:
    ids = books.partners[order.organization.id]
    partner = books.erp.models["res.partner"][ids[-1] if len(ids) > 1 and order.number % 3 == 0 else ids[0]]
    lines = "; ".join(f"{quantity} x {text} ({code}) at {price:.2f}" for code, text, quantity, price in order.lines)
    record = {
        "name": order.name, "partner_id": [partner["id"], partner["name"]], "date_order": f"{order.day} 09:30:00", "state": order.state,
        "amount_untaxed": order.net, "amount_tax": round(order.gross - order.net, 2), "amount_total": order.gross,
        "currency_id": CURRENCY_IDS[order.organization.country.currency], "x_lines_summary": lines,
        "client_order_ref": f"PO-{order.day:%y%m}-{order.number % 997:03d}" if order.number % 3 else False,
    }  # fmt: skip
    books.truth.proves("order", order.number, f"erp/orders/{books.put('sale.order', record, order.day)}")


def _invoice(books: Bookkeeping, invoice: Invoice, order_key: int) -> None:
    order = books.erp.models["sale.order"][order_key]
    state = "paid" if invoice.residual == 0 else "partial" if invoice.paid else "not_paid"
    record = {
        "name": invoice.name, "move_type": "out_invoice", "partner_id": order["partner_id"], "invoice_date": str(invoice.day),
        "invoice_date_due": str(invoice.due), "amount_untaxed": order["amount_untaxed"], "amount_total": order["amount_total"],
        "amount_residual": invoice.residual, "currency_id": order["currency_id"], "state": "posted", "payment_state": state,
        "invoice_origin": order["name"], "ref": order["client_order_ref"],
    }  # fmt: skip
    key = books.put("account.move", record, invoice.day)
    books.truth.proves("invoice", invoice.number, f"erp/invoices/{key}")
    if invoice.paid_on:
        payment = {
            "name": f"PBNK1/{invoice.paid_on.year}/{invoice.number:05d}", "partner_id": order["partner_id"], "amount": invoice.paid,
            "currency_id": order["currency_id"], "date": str(invoice.paid_on), "state": "paid", "payment_type": "inbound",
            "memo": invoice.name, "reconciled_invoice_ids": [key],
        }  # fmt: skip
        books.truth.proves("payment", invoice.number, f"erp/payments/{books.put('account.payment', payment, invoice.paid_on)}")
