"""The threads of mail between the customers' people and ours, about true events. Writing them as RFC 5322 is `maildir`'s."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from crosswalk.sandbox import phrases
from crosswalk.sandbox.identifiers import write_phone
from crosswalk.sandbox.parties import Organization, Person, Staff, World
from crosswalk.sandbox.trade import Contract, Deal, Invoice, Order, Ticket, Trade, months, present, tenant_reference, tenant_salesman
from crosswalk.sandbox.truth import SELF, Truth
from crosswalk.sandbox.vocabulary import PRODUCTS, TENANT, TENANT_ADDRESS, TENANT_DOMAIN

Phrases = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Who writes or is written to: the name shown, the address, the signature's lines, and whose address it truly is."""

    name: str
    email: str
    first: str
    signature: tuple[str, ...]
    party: str


@dataclass(slots=True)
class Message:
    """One message; `id` is the Message-ID without brackets, `style` one of plain, alternative, html."""

    id: str
    sent: datetime
    sender: Correspondent
    to: list[Correspondent]
    subject: str
    text: str
    language: str
    style: str = "plain"
    cc: list[Correspondent] = field(default_factory=list)
    answers: "Message | None" = None
    attachments: tuple[str, ...] = ()


@dataclass(slots=True)
class Thread:
    """Messages on one subject; a turn is added as the answer to the one before."""

    rng: Random
    number: int
    language: str
    outside: Correspondent
    inside: Correspondent
    subject: str
    fields: dict[str, str]
    next: datetime
    messages: list[Message] = field(default_factory=list)

    def turn(self, *, inward: bool, words: Phrases, attachments: tuple[str, ...] = (), cc: Correspondent | None = None) -> Message:
        """Adds what the next one writes; `inward` is from the customer to us."""
        sender, receiver = (self.outside, self.inside) if inward else (self.inside, self.outside)
        said = self.rng.choice(words[self.language]).format(**self.fields)
        first = receiver.first or {"en": "all", "de": "zusammen"}[self.language]
        greeting = self.rng.choice(phrases.GREETINGS[self.language]).format(first=first)
        closing = self.rng.choice(phrases.CLOSINGS[self.language])
        body = said if self.language == "de" else said[0].upper() + said[1:]
        before = self.messages[-1] if self.messages else None
        key = f"{self.number:06d}.{len(self.messages) + 1}.{self.rng.randrange(16**8):08x}@{sender.email.split('@')[1]}"
        style = self.rng.choices(("plain", "alternative", "html"), (50, 38, 12))[0]
        message = Message(key, self.next, sender, [receiver], f"{'Re: ' if before else ''}{self.subject}",
                          f"{greeting}\n\n{body}\n\n{closing}\n{sender.first or sender.name}", self.language, style,
                          [cc] if cc else [], before, attachments)  # fmt: skip
        self.messages.append(message)
        self.next = office_hours(self.next + timedelta(minutes=self.rng.randrange(12, 3000)))
        return message


def office_hours(moment: datetime) -> datetime:
    """The moment, or the next at which somebody sits at a desk."""
    if moment.hour >= 18:
        moment += timedelta(hours=13)
    elif moment.hour < 6:
        moment += timedelta(hours=6)
    return moment + timedelta(days=7 - moment.weekday()) if moment.weekday() > 4 else moment


def _in_german(subject: str) -> str:
    for english, german in phrases.GERMAN.items():
        place = subject.lower().find(english)
        if place >= 0:
            text = subject[:place] + german
            return text[0].upper() + text[1:]
    return subject


class Correspondence:
    """All threads of a world. `addresses` are the correspondents' true parties, by address in lower case."""

    def __init__(self, world: World, trade: Trade, truth: Truth) -> None:
        self.world, self.trade, self.truth = world, trade, truth
        self.rng = Random(f"{world.seed}/{len(world.organizations)}/mail")
        self.messages: list[Message] = []
        self._threads = 0
        self._last_order = {order.organization.id: order for order in trade.orders if order.state == "sale"}
        for ticket in trade.tickets:
            self._complain(ticket)
        for order in trade.orders:
            self._order(order)
        for deal in trade.deals:
            self._bargain(deal)
        for contract in trade.contracts:
            self._renew(contract)
        for invoice in trade.invoices:
            self._remind(invoice)
        for person in world.people:
            self._personal(person)
        self.messages = [message for message in self.messages if message.sent.date() <= world.today]
        for message in self.messages:
            for one in (message.sender, *message.to, *message.cc):
                truth.says("mail", "addresses", one.email.lower(), one.party)

    def _open(self, occasion: str, person: Person, inside: Correspondent, day: date, fields: dict[str, str]) -> Thread:
        organization, language = person.now.organization, person.now.organization.country.language
        spoken = language if language == "de" and self.rng.random() < 0.6 else "en"
        colleagues = [one.name for one in present(self.world, organization) if one is not person]
        fields |= {"colleague": self.rng.choice(colleagues) if colleagues else "our purchasing", "city": organization.address.city,
                   "street": organization.address.street}  # fmt: skip
        self._threads += 1
        begun = datetime.combine(day, time(7)) + timedelta(minutes=self.rng.randrange(600), seconds=self.rng.randrange(60))
        begun = office_hours(begun)
        if spoken == "de" and "subject" in fields:
            fields["subject"] = _in_german(fields["subject"])
        subject = phrases.SUBJECTS[occasion][spoken].format(**fields)
        return Thread(self.rng, self._threads, spoken, self.outside(person, organization), inside, subject, fields, begun)

    def _close(self, thread: Thread) -> None:
        self.messages += thread.messages

    def outside(self, person: Person, organization: Organization) -> Correspondent:
        """How a customer's person appears in mail today: mostly under their own address and name, sometimes from a shared mailbox."""
        job, rng, hardness = person.now, self.rng, self.world.hardness
        signature = [person.name, job.title, organization.legal_name if rng.random() < 0.6 else organization.trading_name,
                     f"{organization.address.street}, {organization.address.postcode} {organization.address.city}"]  # fmt: skip
        if rng.random() < 0.75:
            signature.append("T " + write_phone(job.phone or organization.switchboard, organization.country, rng.randrange(5)))
        if rng.random() < 0.6:
            signature.append("M " + write_phone(person.mobile, organization.country, rng.randrange(5)))
        if len(organization.mailboxes) > 1 and rng.random() < 0.06:
            hardness["people_writing_from_shared_mailboxes"] += 1
            shown = f"{organization.trading_name} {organization.mailboxes[-1].split('@')[0].title()}"
            return Correspondent(shown, organization.mailboxes[-1], person.given, tuple(signature), organization.id)
        short = person.nickname if person.nickname and "twin" not in person.hard and rng.random() < 0.5 else person.given
        hardness["nicknames"] += short != person.given
        full = f"{short} {person.family}"
        shown = rng.choices((full, f"{person.family}, {short}", f"{full} | {organization.trading_name}"), (80, 12, 8))[0]
        return Correspondent(shown, job.email, short, tuple(signature), person.id)

    def inside(self, person: Staff) -> Correspondent:
        """One of ours."""
        lines = (person.name, person.title, "Northwind Instruments GmbH", TENANT_ADDRESS, "T " + person.phone)
        return Correspondent(person.name, person.email, person.name.split()[0], lines, person.id)

    def _sales(self, organization: Organization) -> Correspondent:
        return self.inside(self.world.staff[tenant_salesman(organization)])

    def _shared_inside(self, box: str) -> Correspondent:
        return Correspondent(f"{TENANT} {box.title()}", f"{box}@{TENANT_DOMAIN}", "", (TENANT, TENANT_ADDRESS), SELF)

    def _complain(self, ticket: Ticket) -> None:
        if not ticket.complaint:
            return
        order = self._last_order.get(ticket.organization.id)
        fields = {"subject": ticket.subject}
        inside = self.inside(self.world.staff[3]) if self.rng.random() < 0.7 else self._shared_inside("service")
        thread = self._open("complaint", ticket.person, inside, ticket.created, fields)
        known = order and order.day < ticket.created
        thread.fields["order"] = order.name if order and known else {"en": "from last month", "de": "vom Vormonat"}[thread.language]
        first = thread.turn(inward=True, words=phrases.COMPLAINT, cc=self._sales(ticket.organization) if self.rng.random() < 0.3 else None)
        self.truth.proves("complaint", ticket.number, f"mail/messages/{first.id}")
        thread.turn(inward=False, words=phrases.COMPLAINT_ANSWER)
        if self.rng.random() < 0.7:
            thread.turn(inward=True, words=phrases.THANKS)
        self._close(thread)

    def _order(self, order: Order) -> None:
        if not order.person or order.state != "sale" or self.rng.random() > 0.4:
            return
        lines = ", ".join(f"{quantity} {text}" for _, text, quantity, _ in order.lines)
        fields = {"reference": f"PO-{order.day:%y%m}-{order.number % 997:03d}", "lines": lines, "order": order.name,
                  "total": f"{order.net:,.2f} {order.organization.country.currency}",
                  "week": str(min(52, order.day.isocalendar().week + 2))}  # fmt: skip
        inside = self._sales(order.organization) if self.rng.random() < 0.7 else self._shared_inside("orders")
        thread = self._open("order", order.person, inside, order.day, fields)
        first = thread.turn(inward=True, words=phrases.ORDER)
        self.truth.proves("order mail", order.number, f"mail/messages/{first.id}")
        thread.turn(inward=False, words=phrases.ORDER_ANSWER)
        if self.rng.random() < 0.3:
            thread.turn(inward=True, words=phrases.THANKS)
        self._close(thread)

    def _bargain(self, deal: Deal) -> None:
        if self.rng.random() > 0.5:
            return
        fields = {"deal": deal.name.split(" - ")[1], "amount": f"{deal.amount:,.2f} {deal.organization.country.currency}"}
        thread = self._open("price", deal.person, self._sales(deal.organization), deal.created + timedelta(days=3), fields)
        first = thread.turn(inward=True, words=phrases.PRICE)
        self.truth.proves("price talk", deal.number, f"mail/messages/{first.id}")
        thread.turn(inward=False, words=phrases.PRICE_ANSWER, attachments=("price-list",) if self.rng.random() < 0.5 else ())
        for _ in range(self.rng.choice((0, 1, 1))):
            thread.turn(inward=True, words=phrases.THANKS)
        self._close(thread)

    def _renew(self, contract: Contract) -> None:
        day = self.world.today - timedelta(days=self.rng.randrange(3, 200))
        if self.rng.random() > 0.5 or day < contract.day:
            return
        fields = {"kind": contract.kind, "reference": tenant_reference(contract), "renews": str(contract.renews),
                  "notice": months(contract.notice_months)}  # fmt: skip
        thread = self._open("renewal", contract.signatory, self._sales(contract.organization), day, fields)
        attached = (f"contract:{contract.number}",) if self.rng.random() < 0.25 else ()
        thread.turn(inward=False, words=phrases.RENEWAL, attachments=attached)
        thread.turn(inward=True, words=phrases.RENEWAL_ANSWER)
        self._close(thread)

    def _remind(self, invoice: Invoice) -> None:
        organization = invoice.order.organization
        if invoice.residual == 0 or invoice.due > self.world.today or not invoice.order.person:
            return
        total = f"{invoice.residual:,.2f} {organization.country.currency}"
        fields = {"invoice": invoice.name, "total": total, "due": str(invoice.due)}
        day = min(self.world.today, invoice.due + timedelta(days=8))
        thread = self._open("reminder", invoice.order.person, self.inside(self.world.staff[5]), day, fields)
        if organization.mailboxes and self.rng.random() < 0.6:
            thread.outside = Correspondent(organization.trading_name, organization.mailboxes[-1], "",
                                           (organization.legal_name,), organization.id)  # fmt: skip
        first = thread.turn(inward=False, words=phrases.REMINDER)
        self.truth.proves("reminder", invoice.number, f"mail/messages/{first.id}")
        if self.rng.random() < 0.6:
            thread.turn(inward=True, words=phrases.REMINDER_ANSWER)
        self._close(thread)

    def _personal(self, person: Person) -> None:
        organization, mobile = person.now.organization, write_phone(person.mobile, person.now.organization.country, 1)
        fields = {"mobile": mobile, "product": self.rng.choice(PRODUCTS)[0]}
        if len(person.employments) > 1:
            old = person.employments[0]
            fields |= {"old": old.organization.trading_name, "new": organization.trading_name, "email": old.email}
            thread = self._open("moved", person, self._sales(organization), person.now.start + timedelta(days=7), fields)
            signature = (person.name, person.now.title, organization.legal_name, f"M {mobile}")
            thread.outside = replace(thread.outside, name=person.name, email=person.now.email, party=person.id, signature=signature)
            first = thread.turn(inward=True, words=phrases.MOVED)
            self.truth.proves("move", int(person.id[7:]), f"mail/messages/{first.id}")
            self._close(thread)
        if person.private_email and self.rng.random() < 0.7:
            self.world.hardness["people_with_several_addresses"] += 1
            day = self.world.today - timedelta(days=self.rng.randrange(5, 300))
            thread = self._open("private", person, self._sales(organization), day, fields)
            signature = (person.name, person.now.title, organization.trading_name, f"M {mobile}")
            thread.outside = Correspondent(person.name, person.private_email, person.given, signature, person.id)
            thread.turn(inward=True, words=phrases.PRIVATE)
            thread.turn(inward=False, words=phrases.DATA_SHEET, attachments=("price-list",))
            self._close(thread)
