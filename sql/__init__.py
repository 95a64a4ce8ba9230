"""The ground: the database, its tables, migrations, named queries and audit. Nothing here knows what the tables are for."""
