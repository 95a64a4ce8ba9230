"""NetSuite's tables in SuiteQL, and the queries for them.

Which columns and tables there are differs by the account's features, by release and by role: a query that names one too many is refused
whole, with the name. So each stream's query is tried on no rows, without what was refused, until it is taken. Times are written by format,
since without one they come in the form that the user prefers.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import PermanentError
from connectors.http.messages import Answer, Request

PATH = "/services/rest/query/v1/suiteql"
UNKNOWN = "unknown:"

CURRENCY = ("LEFT JOIN currency ON currency.id = transaction.currency",)


def time(column: str) -> str:
    return f"TO_CHAR({column}, 'YYYY-MM-DD HH24:MI:SS')"


def day(column: str) -> str:
    return f"TO_CHAR({column}, 'YYYY-MM-DD')"


@dataclass(frozen=True, slots=True)
class Table:
    """record: how REST, and in lower case a deletion, names the type. columns: those that are read as they are; told: name -> expression.
    joins: by which an expression reaches another table. part: which rows belong to the stream. archives: a row may be inactive."""

    name: str
    record: str
    columns: tuple[str, ...]
    told: Mapping[str, str] = field(default_factory=dict)
    joins: tuple[str, ...] = ()
    part: str = ""
    archives: bool = False


def transactions(kind: str, record: str) -> Table:
    columns = ("id", "tranid", "entity", "status", "foreigntotal", "memo", "otherrefnum", "foreignamountunpaid")
    told = {name: day(f"transaction.{name}") for name in ("trandate", "duedate")} | {"currency": "currency.symbol"}
    return Table("transaction", record, columns, told, CURRENCY, f"transaction.type = '{kind}'")


ADDRESS = {name: f"entityaddress.{name}" for name in ("addr1", "addr2", "city", "state", "zip", "country")}
PERSON = ("id", "entityid", "firstname", "lastname", "email", "altemail", "phone", "mobilephone", "isinactive")

TABLES = {
    "customers": Table(
        "customer",
        "customer",
        (*PERSON, "companyname", "altname", "isperson", "altphone", "url", "vatregnumber", "parent", "searchstage"),
        {**ADDRESS, "industry": "BUILTIN.DF(customer.category)"},
        ("LEFT JOIN entityaddress ON entityaddress.nkey = customer.defaultbillingaddress",),
        archives=True,
    ),
    "contacts": Table("contact", "contact", (*PERSON, "title", "company", "officephone"), archives=True),
    "orders": transactions("SalesOrd", "salesOrder"),
    "invoices": transactions("CustInvc", "invoice"),
    "credit_notes": transactions("CustCred", "creditMemo"),
    "payments": transactions("CustPymt", "customerPayment"),
    "cases": Table(
        "supportcase",
        "supportCase",
        ("id", "casenumber", "title", "company", "contact", "email", "incomingmessage"),
        {"priority": "BUILTIN.DF(supportcase.priority)", "stage": "supportcasestatus.stage", "startdate": day("supportcase.startdate")},
        ("LEFT JOIN supportcasestatus ON supportcasestatus.id = supportcase.status",),
    ),
}


class Queries:
    """own: stream -> the columns that the user's own fields name. ask: sends a query and gives its answer."""

    def __init__(self, ask: Callable[[Request], Answer], own: Mapping[str, frozenset[str]]) -> None:
        self.ask, self.own = ask, own
        self._lacking: dict[str, frozenset[str]] = {}

    def rows(self, stream: str, *conditions: str) -> str:
        """The query for a stream's rows, which ends with its conditions."""
        table, lacking = TABLES[stream], self.lacking(stream)
        return self._rows(stream, lacking, (table.part, *conditions))

    def living(self, stream: str, what: str, *conditions: str) -> str:
        """A query for one expression over the rows that are not archived."""
        table = TABLES[stream]
        archived = f"{table.name}.isinactive = 'F'" if table.archives and "isinactive" not in self.lacking(stream) else ""
        return f"SELECT {what} FROM {table.name} WHERE {_all(table.part, archived, *conditions)}"

    def deleted(self, stream: str, *conditions: str) -> str:
        """Asks which records of the stream were deleted."""
        kind = f"LOWER(type) = '{TABLES[stream].record.lower()}'"
        when = f"{time('deleteddate')} AS lastmodifieddate"
        return f"SELECT recordid AS id, 'T' AS gone, {when} FROM deletedrecord WHERE {_all(kind, *conditions)}"

    def lacking(self, stream: str) -> frozenset[str]:
        """The names of columns and tables that the account does not know; `deletedrecord` among them where deletions are not told."""
        if stream not in self._lacking:
            without = self._tried(lambda found: self._rows(stream, found, (TABLES[stream].part, "1 = 0")), frozenset())
            tells = self._tried(lambda found: "" if "deletedrecord" in found else f"{self.deleted(stream)} AND 1 = 0", frozenset())
            self._lacking[stream] = without | tells
        return self._lacking[stream]

    def _tried(self, query: Callable[[frozenset[str]], str], without: frozenset[str]) -> frozenset[str]:
        while asked := query(without):
            try:
                self.ask(suiteql(asked, 1))
            except PermanentError as error:
                name = error.code.removeprefix(UNKNOWN)
                if name in without or name == error.code:
                    raise
                without |= {name}
            else:
                break
        return without

    def _rows(self, stream: str, lacking: frozenset[str], conditions: tuple[str, ...]) -> str:
        table = TABLES[stream]
        own = sorted(self.own.get(stream, frozenset()) - {*table.columns, *table.told})
        named = {name: f"{table.name}.{name}" for name in (*table.columns, *own)} | dict(table.told)
        created = "datecreated" if table.archives else "createddate"
        named |= {name: time(f"{table.name}.{name}") for name in (created, "lastmodifieddate")}
        known = {
            name: said for name, said in named.items() if name not in lacking and not any(re.search(rf"\b{one}\b", said) for one in lacking)
        }
        if table.archives and "isinactive" in known:
            known["gone"] = f"CASE WHEN {table.name}.isinactive = 'T' THEN 'T' END"
        joins = [one for one in table.joins if one.split()[2] not in lacking]
        columns = ", ".join(said if said == f"{table.name}.{name}" else f"{said} AS {name}" for name, said in known.items())
        return " ".join([f"SELECT {columns} FROM {table.name}", *joins, f"WHERE {_all(*conditions)}"])


def suiteql(query: str, limit: int) -> Request:
    return Request(PATH, "POST", params={"limit": limit}, body={"q": query}, headers={"Prefer": "transient"})


def since(column: str, earliest: datetime) -> str:
    return f"{column} >= TO_DATE('{earliest:%Y-%m-%d %H:%M:%S}', 'YYYY-MM-DD HH24:MI:SS')"


def _all(*conditions: str) -> str:
    return " AND ".join(one for one in conditions if one) or "1 = 1"
