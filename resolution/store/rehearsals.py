"""What a rehearsal of another model looks at: who belongs to which party, what is asked, and what parties are called."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from sql.tables import golden, identity


def parties(connection: Connection) -> dict[int, str]:
    """The party of each record that has one, by record id."""
    table = identity.membership
    rows = connection.execute(select(table.c.record_id, table.c.party_id).where(table.c.valid_to_at.is_(None)))
    return {row.record_id: row.party_id for row in rows}


def open_reviews(connection: Connection) -> list[str]:
    """The subjects of the open questions about pairs, those whose answer is worth most first."""
    table = identity.review
    query = select(table.c.subject).where(table.c.status == "open", table.c.kind == "pair")
    return list(connection.scalars(query.order_by(table.c.priority.desc(), table.c.subject)))


def names(connection: Connection, party_ids: Iterable[str]) -> dict[str, str]:
    """What the parties are called, of those that have a golden record with a name."""
    table = golden.record
    rows = connection.execute(select(table.c.party_id, table.c.name).where(table.c.party_id.in_(sorted(party_ids))))
    return {row.party_id: row.name for row in rows if row.name}
