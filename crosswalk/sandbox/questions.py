"""Questions with known answers, drawn evenly from what truly happened; each names the records that prove its answer."""

from collections.abc import Callable, Iterator
from itertools import islice, zip_longest

from crosswalk.sandbox.parties import Organization, World
from crosswalk.sandbox.trade import Contract, Ticket, Trade, months, tenant_reference
from crosswalk.sandbox.truth import Question, Truth

PER_KIND = 6


class Examiner:
    """Makes the questions. It asks only about organisations that the CRM knows, under a name that no other has."""

    def __init__(self, world: World, trade: Trade, truth: Truth) -> None:
        self.world, self.trade, self.truth = world, trade, truth
        names = [one.trading_name for one in world.organizations]
        shared = {name for name in names if names.count(name) > 1} if len(names) < 2000 else set(names[2000:])
        self.askable = {
            one.id: truth.proofs["company", int(one.id[4:])]
            for one in world.organizations[:2000]
            if ("company", int(one.id[4:])) in truth.proofs and one.trading_name not in shared
        }

    def ask(self) -> list[Question]:
        """Up to PER_KIND questions of each kind, the kinds taking turns."""
        kinds = (self._notice(), self._renewal(), self._liability(), self._overdue(), self._complaint(), self._deal(), self._rival(),
                 self._move(), self._last_order(), self._parent(), self._open_ticket())  # fmt: skip
        rounds = zip_longest(*(islice(kind, PER_KIND) for kind in kinds))
        return [question for one_round in rounds for question in one_round if question]

    def _about(self, organization: Organization, words: tuple[str, str], evidence: list[str | None], purpose: str) -> Iterator[Question]:
        subject = self.askable.get(organization.id)
        if subject and all(evidence):
            yield Question(subject, words[0], words[1], [one for one in evidence if one], purpose)

    def _on_contracts(self, template: str, purpose: str, answer: Callable[[Contract], str]) -> Iterator[Question]:
        for contract in self.trade.contracts:
            name = f"the {contract.kind} ({tenant_reference(contract)}) with {contract.organization.trading_name}"
            proof = self.truth.proofs.get(("contract", contract.number))
            yield from self._about(contract.organization, (template.format(name=name), answer(contract)), [proof], purpose)

    def _notice(self) -> Iterator[Question]:
        return self._on_contracts("What is the notice period in {name}?", "legal", lambda one: months(one.notice_months))

    def _renewal(self) -> Iterator[Question]:
        return self._on_contracts("When does {name} renew next?", "sales", lambda one: f"{one.renews:%d %B %Y}")

    def _liability(self) -> Iterator[Question]:
        question = "To what amount is liability limited in {name}?"
        return self._on_contracts(question, "legal", lambda one: f"EUR {one.cap:,} for each contract year")

    def _overdue(self) -> Iterator[Question]:
        late: dict[str, list[int]] = {}
        for place, invoice in enumerate(self.trade.invoices):
            if invoice.residual and invoice.due < self.world.today:
                late.setdefault(invoice.order.organization.id, []).append(place)
        for places in late.values():
            invoices = [self.trade.invoices[place] for place in places]
            organization = invoices[0].order.organization
            answer = "; ".join(f"{one.name}, {one.residual:,.2f} {organization.country.currency} due {one.due}" for one in invoices)
            proofs = [self.truth.proofs.get(("invoice", one.number)) for one in invoices]
            words = f"Which invoices of {organization.trading_name} are overdue?"
            yield from self._about(organization, (words, answer), list(proofs), "billing")

    def _complaint(self) -> Iterator[Question]:
        for ticket in self.trade.tickets:
            if ticket.complaint and self._alone(ticket):
                words = f"Who at {ticket.organization.trading_name} complained to us, about what, and when?"
                proofs = [self.truth.proofs.get(("ticket", ticket.number)), self.truth.proofs.get(("complaint", ticket.number))]
                answer = f"{ticket.person.name}, on {ticket.created}: {ticket.subject}"
                yield from self._about(ticket.organization, (words, answer), list(proofs), "support")

    def _alone(self, ticket: Ticket) -> bool:
        """Whether it is the organisation's only ticket, so that the question has one answer."""
        return sum(one.organization is ticket.organization for one in self.trade.tickets) == 1

    def _deal(self) -> Iterator[Question]:
        for deal in self.trade.deals:
            words = f"What is the deal '{deal.name.split(' - ')[1]}' with {deal.organization.trading_name} worth, and at which stage is it?"
            answer = f"{deal.amount:,.2f} {deal.organization.country.currency}, {deal.stage}"
            yield from self._about(deal.organization, (words, answer), [self.truth.proofs.get(("deal", deal.number))], "sales")

    def _rival(self) -> Iterator[Question]:
        for deal in self.trade.deals:
            rival = self.truth.answers.get(("rival", deal.number), "")
            words = f"Which competitor has made an offer to {deal.organization.trading_name} for '{deal.name.split(' - ')[1]}'?"
            yield from self._about(deal.organization, (words, rival), [self.truth.proofs.get(("note", deal.number))], "sales")

    def _move(self) -> Iterator[Question]:
        for person in self.world.people:
            proof = self.truth.proofs.get(("move", int(person.id[7:])))
            if len(person.employments) > 1 and proof:
                words = f"Where does {person.name}, formerly of {person.employments[0].organization.trading_name}, work now?"
                yield from self._about(person.now.organization, (words, person.now.organization.trading_name), [proof], "sales")

    def _last_order(self) -> Iterator[Question]:
        orders = [order for order in self.trade.orders if order.state == "sale"]
        latest = {order.organization.id: order for order in sorted(orders, key=lambda one: (one.day, one.number))}
        for order in latest.values():
            words = f"What did {order.organization.trading_name} order last, and when?"
            answer = f"{order.name} on {order.day}: " + "; ".join(f"{quantity} x {text}" for _, text, quantity, _ in order.lines)
            yield from self._about(order.organization, (words, answer), [self.truth.proofs.get(("order", order.number))], "sales")

    def _parent(self) -> Iterator[Question]:
        for organization in self.world.organizations[:2000]:
            if organization.relation == "branch":
                parent = self.world.organization(organization.parent)
                proof, above = self.askable.get(organization.id), self.askable.get(parent.id)
                words = f"To which company does {organization.trading_name} belong?"
                yield from self._about(organization, (words, parent.legal_name), [proof, above], "billing")

    def _open_ticket(self) -> Iterator[Question]:
        for ticket in self.trade.tickets:
            if not ticket.closed and self._alone(ticket):
                words = f"Is any ticket of {ticket.organization.trading_name} still open?"
                answer = f"Yes: {ticket.subject}, since {ticket.created}, raised by {ticket.person.name}"
                proof = self.truth.proofs.get(("ticket", ticket.number))
                yield from self._about(ticket.organization, (words, answer), [proof], "support")
