"""Who may see what: one policy, `Access.may_see`, for REST, MCP, search, counts, summaries and the console.

Scopes of a service account:
    read                 ask for context, golden records, timelines
    steward              decide reviews, split, override (implies read)
    admin                keys, grants, erasure (implies steward)
    source:<name>        see what came from that source; source:* for all
    class:<data class>   see that class of data: public, internal, personal, financial, sensitive; class:* for all
"""

from dataclasses import dataclass

DATA_CLASSES = ("public", "internal", "personal", "financial", "sensitive")

#: Attributes that are personal of whoever is not an organisation; all others are internal, save those of FINANCIAL.
PERSONAL = frozenset({"email", "phone", "address", "birth_date"})
FINANCIAL = frozenset({"bank_account", "credit_limit", "payment_terms"})


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may see and do."""

    account: str
    scopes: frozenset[str]
    purpose: str | None = None
    request_id: str = "-"

    def may(self, action: str) -> bool:
        """Whether the caller may `read`, `steward` or `admin`."""
        order = ("read", "steward", "admin")
        return any(scope in self.scopes for scope in order[order.index(action) :])

    @property
    def sees_everything(self) -> bool:
        """Whether nothing is withheld, of any source and class."""
        return {"source:*", "class:*"} <= self.scopes

    def may_see(self, source: str, data_class: str) -> bool:
        return self.withheld_for(source, data_class) is None

    def withheld_for(self, source: str, data_class: str) -> str | None:
        """The scope that is missing, or None where the caller may see it."""
        for kind, name in (("source", source), ("class", data_class)):
            if f"{kind}:{name}" not in self.scopes and f"{kind}:*" not in self.scopes:
                return f"{kind}:{name}"
        return None


def attribute_class(kind: str, attribute: str) -> str:
    """The data class of an attribute of a party of that kind; of one that may be a person, as of a person."""
    if attribute in FINANCIAL:
        return "financial"
    return "internal" if kind == "organization" or attribute not in PERSONAL else "personal"
