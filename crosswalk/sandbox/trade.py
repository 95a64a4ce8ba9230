"""What truly happened between us and the customers: orders, invoices, payments, deals, tickets and contracts.

Every source tells of these same events, so that a mail, an invoice and a ticket agree where they should.
Amounts are in the customer's currency, net unless they say otherwise; numbers count from 1 and are unique within their kind.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from crosswalk.sandbox.parties import Organization, Person, World
from crosswalk.sandbox.vocabulary import PRODUCTS, TENANT

TAX = {"DE": 0.19, "US": 0.0}  # within the Union and the United Kingdom the customer owes the tax

COMPLAINTS = (
    ("display stays dark after power-up", "Device fault"), ("drifts by more than two percent after a week", "Device fault"),
    ("arrived with a cracked housing", "Transport damage"), ("seal kit missing from the delivery", "Delivery"),
    ("calibration certificate not enclosed", "Documents"), ("loses its settings when the power fails", "Device fault"),
    ("delivered two weeks after the confirmed date", "Delivery"), ("invoice shows the old billing address", "Billing"),
)  # fmt: skip
DEAL_STAGES = ("appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "closedwon", "closedlost")
REQUESTS = (
    ("Request for an offer on spare seals", "General inquiry"), ("How to reset the access code", "How-to"),
    ("Firmware 4.2 release notes", "How-to"), ("Change of delivery address", "Master data"),
)  # fmt: skip


@dataclass(slots=True)
class Order:
    """A sales order; `lines` are (article, description, quantity, unit price)."""

    number: int
    organization: Organization
    person: Person | None
    day: date
    lines: list[tuple[str, str, int, float]]
    state: str  # draft, sent, sale, cancel

    @property
    def net(self) -> float:
        """The sum of the lines."""
        return round(sum(quantity * price for _, _, quantity, price in self.lines), 2)

    @property
    def gross(self) -> float:
        """The sum with tax."""
        return round(self.net * (1 + TAX.get(self.organization.country.code, 0.0)), 2)

    @property
    def name(self) -> str:
        """The number people quote."""
        return f"S{self.number:05d}"


@dataclass(slots=True)
class Invoice:
    """A posted invoice for an order; `paid` is the gross amount paid so far, on `paid_on`."""

    number: int
    order: Order
    day: date
    due: date
    paid: float
    paid_on: date | None

    @property
    def name(self) -> str:
        """The number people quote."""
        return f"INV/{self.day.year}/{self.number:05d}"

    @property
    def residual(self) -> float:
        """What is still owed, gross."""
        return round(self.order.gross - self.paid, 2)


@dataclass(slots=True)
class Deal:
    """A sales opportunity in the CRM's stages."""

    number: int
    organization: Organization
    person: Person
    name: str
    amount: float
    stage: str
    created: date
    close: date


@dataclass(slots=True)
class Ticket:
    """A service ticket; a complaint has a product and an order behind it."""

    number: int
    organization: Organization
    person: Person
    subject: str
    category: str
    complaint: bool
    created: date
    closed: date | None


@dataclass(slots=True)
class Contract:
    """An agreement in force or run out. `guarantor` is the parent company that signs too, where there is one."""

    number: int
    organization: Organization
    kind: str
    day: date
    notice_months: int
    term_months: int
    cap: int
    renews: date
    signatory: Person
    guarantor: Organization | None


@dataclass(slots=True)
class Trade:
    """All events, each list in order of its numbers."""

    orders: list[Order] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)


def make_trade(world: World) -> Trade:
    """The events of a world, up to its today."""
    rng, trade = Random(f"{world.seed}/{len(world.organizations)}/trade"), Trade()
    for organization in world.organizations:
        people = present(world, organization)
        if not people:
            continue
        if organization.customer:
            for _ in range(min(9, int(rng.expovariate(0.45)))):
                _order(world, trade, rng, (organization, people))
            _agree(world, trade, rng, (organization, people))
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            _deal(world, trade, rng, (organization, people))
        for _ in range(rng.choice((0, 0, 0, 1, 1, 2)) if organization.customer else 0):
            _ticket(world, trade, rng, (organization, people))
    return trade


def present(world: World, organization: Organization) -> list[Person]:
    """The people who work there today."""
    return [person for person in world.by_organization[organization.id] if person.now.organization is organization]


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on, never past the 28th."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, min(day.day, 28))


def _order(world: World, trade: Trade, rng: Random, who: tuple[Organization, list[Person]]) -> None:
    day = world.today - timedelta(days=rng.randrange(5, 900))
    lines = [(code, text, rng.choice((1, 1, 2, 2, 4, 6, 10)), round(price * rng.choice((1, 1, 0.95, 0.9)), 2))
             for code, text, price in rng.sample(PRODUCTS, rng.choice((1, 1, 2, 2, 3)))]  # fmt: skip
    state = rng.choices(("sale", "sent", "draft", "cancel"), (82, 8, 5, 5))[0]
    order = Order(len(trade.orders) + 1, who[0], rng.choice(who[1]), day, lines, state)
    trade.orders.append(order)
    if state != "sale":
        return
    issued = min(day + timedelta(days=rng.randrange(3, 25)), world.today)
    due = issued + timedelta(days=rng.choice((14, 30, 30, 45)))
    late = due + timedelta(days=rng.randrange(-12, 40))
    paid, paid_on = (order.gross, late) if late <= world.today and rng.random() < 0.93 else (0.0, None)
    if paid and rng.random() < 0.04:
        paid = round(order.gross * 0.5, 2)
    trade.invoices.append(Invoice(len(trade.invoices) + 1, order, issued, due, paid, paid_on))


def _deal(world: World, trade: Trade, rng: Random, who: tuple[Organization, list[Person]]) -> None:
    created = world.today - timedelta(days=rng.randrange(3, 500))
    stage = rng.choice(DEAL_STAGES)
    wanted = rng.choice(PRODUCTS)
    name = f"{who[0].trading_name} - {rng.choice(('retrofit', 'new line', 'framework order', 'expansion', 'pilot'))} {wanted[0]}"
    close = created + timedelta(days=rng.randrange(20, 200))
    amount = round(wanted[2] * rng.choice((4, 8, 12, 20, 30)), 2)
    trade.deals.append(Deal(len(trade.deals) + 1, who[0], rng.choice(who[1]), name, amount, stage, created, close))


def _ticket(world: World, trade: Trade, rng: Random, who: tuple[Organization, list[Person]]) -> None:
    created = world.today - timedelta(days=rng.randrange(2, 400))
    complaint = rng.random() < 0.65
    subject, category = rng.choice(COMPLAINTS if complaint else REQUESTS)
    if complaint:
        subject = subject if subject.startswith(("seal", "calib", "invoice", "deliv")) else f"{rng.choice(PRODUCTS[:6])[1]} {subject}"
        subject = subject[0].upper() + subject[1:]
    closed = created + timedelta(days=rng.randrange(1, 30))
    ticket = Ticket(len(trade.tickets) + 1, who[0], rng.choice(who[1]), subject, category, complaint, created,
                    closed if closed < world.today and rng.random() < 0.8 else None)  # fmt: skip
    trade.tickets.append(ticket)


def _agree(world: World, trade: Trade, rng: Random, who: tuple[Organization, list[Person]]) -> None:
    for kind in ("Framework Supply Agreement", "Service and Maintenance Agreement", "Mutual Non-Disclosure Agreement"):
        if who[0].relation == "branch" or rng.random() > (0.5 if kind.startswith("Frame") else 0.2):
            continue
        day = max(who[0].since, world.today - timedelta(days=rng.randrange(40, 1500)))
        term = rng.choice((12, 24, 24, 36))
        renews = add_months(day, term)
        while renews <= world.today:
            renews = add_months(renews, 12)
        guarantor = world.organization(who[0].parent) if who[0].relation == "subsidiary" and rng.random() < 0.7 else None
        notice, cap = rng.choice((1, 2, 3, 3, 6)), rng.choice((50, 100, 250, 500)) * 1000
        number = len(trade.contracts) + 1
        directors = [person for person in who[1] if person.now.title in ("Managing Director", "Operations Director", "Head of Purchasing")]
        signatory = rng.choice(directors or who[1])
        trade.contracts.append(Contract(number, who[0], kind, day, notice, term, cap, renews, signatory, guarantor))


def tenant_salesman(organization: Organization) -> int:
    """The place, among our staff, of who looks after the organisation."""
    if organization.country.code in ("GB", "US"):
        return 7
    return 6 if organization.country.code in ("FR", "ES", "IT") else int(organization.id[-1]) % 3


def tenant_reference(contract: Contract) -> str:
    """The number that stands on the contract: `NI-2024-0012`."""
    return f"{''.join(word[0] for word in TENANT.split())}-{contract.day.year}-{contract.number:04d}"


def months(count: int) -> str:
    """`1 month`, `3 months`."""
    return f"{count} month{'s' if count > 1 else ''}"
