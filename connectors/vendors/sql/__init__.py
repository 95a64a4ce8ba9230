"""Tables and queries of any SQL database."""
