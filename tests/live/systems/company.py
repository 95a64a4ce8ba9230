"""The made company whose customers every system is seeded with: the same people and companies, each system's under its own spellings.

What its CRM holds goes into BottleCRM, what its ERP holds into Tryton, its mail into Dovecot, its documents onto the file servers. The
truth is known by the references of the sandbox, such as `crm/contacts/71350021`; a system keeps which of its keys each became.
"""

from functools import cache

from crosswalk.sandbox import Sandbox, build
from tests.live.systems.environment import HOME

ORGANIZATIONS = 300


@cache
def company() -> Sandbox:
    """Built once, then read."""
    return build(HOME / "company", organizations=ORGANIZATIONS)
