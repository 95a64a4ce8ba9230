"""Set-based SQL in files, named by verb and object: `queries.candidate_pairs` is candidate_pairs.sql beside this file.

A query takes named parameters (`:name`). It is read once, when first asked for.
"""

from pathlib import Path

from sqlalchemy import TextClause, text

HERE = Path(__file__).parent


def __getattr__(name: str) -> TextClause:
    if name.startswith("_") or not (HERE / f"{name}.sql").is_file():
        raise AttributeError(f"there is no query {name!r} in sql/queries")
    globals()[name] = text((HERE / f"{name}.sql").read_text("utf-8"))
    found: TextClause = globals()[name]
    return found
