"""Alembic's entry point; `sql.migrate` hands in the connection, so that a migration joins its transaction."""

from alembic import context

from sql.tables import SCHEMAS, metadata


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    return name in SCHEMAS if kind == "schema" else True


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    include_name=include_name,
    version_table="schema_version",
)
with context.begin_transaction():
    context.run_migrations()
