"""All the SQL of the context: `derived` for what the steps build, `reading` for packs and search, `parties` for pages of one party.

What the API and the console call is named here.
"""

from context_api.context.store.parties import (
    Browse,
    Page,
    Party,
    PartyNotFoundError,
    crosswalk,
    parties,
    party,
    relationships,
    sources,
    timeline,
)

__all__ = ["Browse", "Page", "Party", "PartyNotFoundError", "crosswalk", "parties", "party", "relationships", "sources", "timeline"]
