"""What the CRM says: HubSpot companies, contacts, deals and tickets, entered by hand over years.

A record is what the vendor returns: `{"id", "properties", "createdAt", "updatedAt", "archived"}`, every property a string.
Every record of a party keeps enough to tell whose it is: a company its domain, its VAT number, our customer number or its full
address beside a name; a person a name and a company, and mostly an address or a number.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from crosswalk.sandbox.distortion import company_name, person_name
from crosswalk.sandbox.identifiers import write_phone
from crosswalk.sandbox.parties import Employment, Organization, Person, World
from crosswalk.sandbox.trade import Trade, tenant_salesman
from crosswalk.sandbox.truth import Truth

Record = dict[str, Any]
STAGES = {True: ("customer", "customer", "customer", "opportunity"), False: ("lead", "opportunity", "salesqualifiedlead")}


@dataclass(slots=True)
class Crm:
    """Records by type and id, in order of id; associations by (from type, to type) and id."""

    companies: dict[str, Record] = field(default_factory=dict)
    contacts: dict[str, Record] = field(default_factory=dict)
    deals: dict[str, Record] = field(default_factory=dict)
    tickets: dict[str, Record] = field(default_factory=dict)
    associations: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def associate(self, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        """Associates two records, both ways."""
        for one, other, key, value in ((from_type, to_type, from_id, to_id), (to_type, from_type, to_id, from_id)):
            known = self.associations.setdefault(f"{one}/{other}", {}).setdefault(key, [])
            if value not in known:
                known.append(value)


@dataclass(slots=True)
class Entry:
    """The state of somebody entering data: where they are, what is true, what chance brings."""

    world: World
    truth: Truth
    rng: Random
    crm: Crm = field(default_factory=Crm)
    numbers: dict[str, int] = field(default_factory=dict)
    company_ids: dict[str, list[str]] = field(default_factory=dict)
    contact_ids: dict[str, str] = field(default_factory=dict)
    emails: set[str] = field(default_factory=set)

    def put(self, kind: str, properties: dict[str, str], created: date) -> str:
        """Adds a record of a type under the next id, ids having gaps where records were deleted, and returns the id."""
        first = {"companies": 18_204_500_000, "contacts": 71_350_000, "deals": 22_811_000_000, "tickets": 3_460_200_000}[kind]
        number = self.numbers.get(kind, first) + self.rng.randrange(1, 40)
        self.numbers[kind] = number
        made, changed = self._times(created)
        modified = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        held = {key: value for key, value in properties.items() if value}
        held |= {"hs_object_id": str(number), "createdate": made, modified: changed}
        record = {"id": str(number), "properties": held, "createdAt": made, "updatedAt": changed, "archived": False}
        getattr(self.crm, kind)[str(number)] = record
        return str(number)

    def _times(self, created: date) -> tuple[str, str]:
        last = (self.world.today - created).days
        made = datetime.combine(created, time(7)) + timedelta(seconds=self.rng.randrange(36_000), milliseconds=self.rng.randrange(1000))
        changed = made + timedelta(days=int(max(0, last - 1) * self.rng.random() ** 0.5), milliseconds=self.rng.randrange(1, 3_600_000))
        return written(made), written(changed)


def written(moment: datetime) -> str:
    """A time as the vendor writes it, in UTC with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def make_crm(world: World, trade: Trade, truth: Truth) -> Crm:
    """The CRM's records of the world, its truth noted."""
    entry = Entry(world, truth, Random(f"{world.seed}/{len(world.organizations)}/crm"))
    for organization in world.organizations:
        if entry.rng.random() < 0.94:
            _company(entry, organization)
    for organization in world.organizations:
        _link_parent(entry, organization)
    for person in world.people:
        _contact(entry, person)
    _business(entry, trade)
    _archive(entry)
    return entry.crm


def _company(entry: Entry, organization: Organization) -> None:
    rng, hardness = entry.rng, entry.world.hardness
    name, kind = company_name(organization, rng)
    record = _company_properties(entry, organization, name, kind)
    key = entry.put("companies", record, max(organization.since, date(2015, 3, 1)))
    entry.company_ids[organization.id] = [key]
    truth = entry.truth.says("crm", "companies", key, organization.id)
    entry.truth.proves("company", int(organization.id[4:]), truth)
    hardness["names_" + kind] += 1
    if rng.random() < 0.07 and organization.relation != "branch":
        hardness["duplicates_in_crm"] += 1
        other = {"name": organization.trading_name if name != organization.trading_name else organization.legal_name.upper(),
                 "domain": organization.domain, "country": organization.country.name, "lifecyclestage": "lead"}  # fmt: skip
        if rng.random() < 0.4 and not organization.parent:
            del other["domain"]
            other |= _place(organization, stale=False) | {"phone": write_phone(organization.switchboard, organization.country, 1)}
        double = entry.put("companies", other, organization.since + timedelta(days=90))
        entry.company_ids[organization.id].append(double)
        entry.truth.says("crm", "companies", double, organization.id)


def _company_properties(entry: Entry, organization: Organization, name: str, kind: str) -> dict[str, str]:
    rng, hardness = entry.rng, entry.world.hardness
    sure = kind in ("abbreviated", "former", "typo") or bool(organization.parent)
    stale = bool(organization.former_address) and rng.random() < 0.4
    hardness["stale_addresses"] += stale
    record = {
        "name": name, "country": organization.country.name, "city": organization.address.city, "industry": organization.trade,
        "lifecyclestage": rng.choice(STAGES[organization.customer]), "hubspot_owner_id": str(9100 + tenant_salesman(organization)),
        "numberofemployees": str(rng.choice((12, 35, 80, 140, 320, 900))) if rng.random() < 0.6 else "",
    }  # fmt: skip
    if sure or rng.random() < 0.82:
        record["domain"] = organization.domain
        record["website"] = rng.choice((f"https://www.{organization.domain}", f"http://{organization.domain}/", organization.domain))
    if rng.random() < 0.68:
        record["phone"] = write_phone(organization.switchboard, organization.country, rng.randrange(5))
    if "domain" not in record or organization.parent or rng.random() < 0.75:
        record |= _place(organization, stale=stale and "domain" in record)
    if organization.vat and (organization.relation == "subsidiary" or rng.random() < 0.4):
        vat = organization.vat
        record["vat_number"] = vat if rng.random() < 0.7 else f"{vat[:2]} {vat[2:5]} {vat[5:]}"
    if organization.number and rng.random() < 0.35:
        hardness["erp_keys_in_crm"] += 1
        record["erp_customer_number"] = organization.customer_number
    elif not organization.number and rng.random() < 0.03:
        hardness["keys_of_deleted_customers"] += 1
        record["erp_customer_number"] = f"OLD-{rng.randrange(100, 999)}"
    hardness["missing_keys"] += not ({"domain", "vat_number", "erp_customer_number"} & record.keys())
    return record


def _place(organization: Organization, *, stale: bool) -> dict[str, str]:
    address = organization.former_address if stale and organization.former_address else organization.address
    return {"address": address.street, "zip": address.postcode, "city": address.city, "state": address.region}


def _link_parent(entry: Entry, organization: Organization) -> None:
    own, parent = entry.company_ids.get(organization.id), entry.company_ids.get(organization.parent)
    if own and parent and (organization.relation == "branch" or entry.rng.random() < 0.7):
        entry.crm.companies[own[0]]["properties"]["hs_parent_company_id"] = parent[0]


def _contact(entry: Entry, person: Person) -> None:
    rng, hardness = entry.rng, entry.world.hardness
    moved = len(person.employments) > 1
    if not moved and rng.random() < 0.05:
        return
    stale = moved and rng.random() < 0.6
    if stale:
        hardness["stale_employers"] += 1
        _enter(entry, person, person.employments[0], sure=True)
        if rng.random() < 0.25:
            return  # nobody told the CRM of the new one
    entry.contact_ids[person.id] = key = _enter(entry, person, person.now, sure=moved)
    if moved and not stale:
        entry.crm.contacts[key]["properties"]["hs_additional_emails"] = person.employments[0].email
        entry.emails.add(person.employments[0].email)
    if rng.random() < 0.06 and "twin" not in person.hard:
        hardness["duplicates_in_crm"] += 1
        _enter(entry, person, person.now, sure=True)


def _enter(entry: Entry, person: Person, job: Employment, *, sure: bool) -> str:
    """One contact record; a sure one holds the mobile number, by which it can be told."""
    rng, hardness, organization = entry.rng, entry.world.hardness, job.organization
    given, family, kind = person_name(person, rng)
    hardness["nicknames"] += kind == "nickname"
    hardness["typos"] += kind == "typo"
    record = {"firstname": given, "lastname": family, "email": job.email if rng.random() < 0.9 or "twin" in person.hard else "",
              "jobtitle": job.title if rng.random() < 0.75 else "", "lifecyclestage": rng.choice(STAGES[organization.customer]),
              "company": company_name(organization, rng)[0] if rng.random() < 0.7 else ""}  # fmt: skip
    if person.private_email and rng.random() < 0.5:
        hardness["people_with_several_addresses"] += 1
        if record["email"] and rng.random() < 0.6:
            record["hs_additional_emails"] = person.private_email
        else:
            record["email"], sure = person.private_email, True
    elif organization.mailboxes and rng.random() < 0.025:
        hardness["contacts_behind_shared_mailboxes"] += 1
        record["email"], sure = organization.mailboxes[-1], True
    sure = _keep_emails_unique(entry, record) or sure or bool(person.private_email)
    hardness["missing_keys"] += not record["email"]
    if job.phone:
        record["phone"] = write_phone(job.phone, organization.country, rng.randrange(5))
    elif rng.random() < 0.5:
        hardness["contacts_on_switchboards"] += 1
        record["phone"] = write_phone(organization.switchboard, organization.country, rng.randrange(5))
    if sure or not record["email"] or rng.random() < 0.45:
        record["mobilephone"] = write_phone(person.mobile, organization.country, rng.randrange(5))
    companies = entry.company_ids.get(organization.id, [])
    if not companies:
        record["company"] = organization.trading_name
    elif rng.random() < 0.92 or not record["company"]:
        record["associatedcompanyid"] = rng.choice(companies) if rng.random() < 0.2 else companies[0]
    if "associatedcompanyid" not in record or rng.random() < 0.5:
        record["country"] = organization.country.name
    key = entry.put("contacts", record, min(max(job.start, date(2015, 3, 1)), entry.world.today - timedelta(days=20)))
    if "associatedcompanyid" in record:
        entry.crm.associate("contacts", key, "companies", record["associatedcompanyid"])
    entry.truth.says("crm", "contacts", key, person.id)
    return key


def _keep_emails_unique(entry: Entry, record: dict[str, str]) -> bool:
    """The vendor lets no two contacts have one address: the later of them has none. True where one was taken away."""
    taken = [name for name in ("email", "hs_additional_emails") if record.get(name) in entry.emails]
    for name in taken:
        record[name] = ""
    entry.emails.update(record.get(name, "") for name in ("email", "hs_additional_emails"))
    entry.emails.discard("")
    return bool(taken)


def _business(entry: Entry, trade: Trade) -> None:
    for deal in trade.deals:
        properties = {"dealname": deal.name, "amount": f"{deal.amount:.2f}", "dealstage": deal.stage, "pipeline": "default",
                      "deal_currency_code": deal.organization.country.currency, "closedate": f"{deal.close}T00:00:00.000Z",
                      "hubspot_owner_id": str(9100 + tenant_salesman(deal.organization))}  # fmt: skip
        key = entry.put("deals", properties, deal.created)
        entry.truth.proves("deal", deal.number, f"crm/deals/{key}")
        _attach(entry, "deals", key, deal.person)
    for ticket in trade.tickets:
        said = f"{ticket.person.name} reports: {ticket.subject}." if ticket.complaint else f"{ticket.person.name} asks: {ticket.subject}."
        properties = {"subject": ticket.subject, "content": said, "hs_pipeline": "0", "hs_pipeline_stage": "4" if ticket.closed else "2",
                      "hs_ticket_category": ticket.category, "hs_ticket_priority": "HIGH" if ticket.complaint else "LOW",
                      "closed_date": f"{ticket.closed}T15:00:00.000Z" if ticket.closed else ""}  # fmt: skip
        key = entry.put("tickets", properties, ticket.created)
        entry.truth.proves("ticket", ticket.number, f"crm/tickets/{key}")
        _attach(entry, "tickets", key, ticket.person)


def _attach(entry: Entry, kind: str, key: str, person: Person) -> None:
    companies = entry.company_ids.get(person.now.organization.id)
    if companies:
        entry.crm.associate(kind, key, "companies", companies[0])
    if contact := entry.contact_ids.get(person.id):
        entry.crm.associate(kind, key, "contacts", contact)


def _archive(entry: Entry) -> None:
    """Some second records were archived when somebody tidied up; archiving leaves the time of the last change alone."""
    doubles = [keys[1] for keys in entry.company_ids.values() if len(keys) > 1]
    contacts = list(entry.crm.contacts)
    for kind, keys in (("companies", doubles[::3]), ("contacts", contacts[50::97])):
        for key in keys:
            entry.world.hardness["archived"] += 1
            record = getattr(entry.crm, kind)[key]
            record |= {"archived": True, "archivedAt": f"{entry.world.today - timedelta(days=9)}T08:30:00.000Z"}
