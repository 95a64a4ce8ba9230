"""The ground holds: migrations give the declared tables, and the audit chain tells what was changed."""

from alembic import command
from sqlalchemy import text, update

from sql import audit
from sql.database import Database
from sql.migrate import configuration, migrate
from sql.tables import governance


def test_migrations_give_exactly_the_declared_tables(database: Database) -> None:
    with database.begin() as connection:
        command.check(configuration(connection))


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate(database)
    with database.begin() as connection:
        assert connection.scalar(text("select count(*) from schema_version")) == 1


def test_an_audit_chain_is_whole_until_a_row_is_changed(database: Database) -> None:
    with database.begin() as connection:
        for number in range(5):
            audit.append(connection, audit.Entry("ann", "merge", f"party-{number}", {"records": [number]}))
        assert list(audit.verify(connection)) == []
    with database.begin() as connection:
        connection.execute(update(governance.audit).where(governance.audit.c.sequence == 3).values(actor="bob"))
        assert list(audit.verify(connection)) == ["audit row 3 was changed after it was written"]


def test_an_audit_chain_tells_of_a_removed_row(database: Database) -> None:
    with database.begin() as connection:
        for number in range(3):
            audit.append(connection, audit.Entry("ann", "merge", f"party-{number}", {}))
        connection.execute(text("delete from governance.audit where sequence = 2"))
        assert "audit row 2 is missing: the next one is 3" in list(audit.verify(connection))
