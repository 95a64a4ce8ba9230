"""The one MetaData, and the columns that many tables share."""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, func

SCHEMAS = ("landing", "staging", "identity", "golden", "context", "governance")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def identifier(name: str = "id") -> Column[int]:
    return Column(name, BigInteger, Identity(always=False), primary_key=True)


def moment(name: str, *, now: bool = False, nullable: bool = True) -> Column[Any]:
    """A timestamptz column; now=True fills it with the transaction's time and forbids null."""
    if now:
        return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())
    return Column(name, DateTime(timezone=True), nullable=nullable)
