"""All the SQL of the context: `derived` for what the steps build, `reading` for packs and search, `parties` for pages of one party.

What the API and the console call is named here.
"""

from context_api.context.store.parties import Page, crosswalk, relationships, sources, timeline

__all__ = ["Page", "crosswalk", "relationships", "sources", "timeline"]
