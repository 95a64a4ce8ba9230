"""What a steward decides, taking effect at once: the judgement, then the golden records, timelines and summaries that hang on it.

Each act commits by itself before what follows from it is built, so a crash between the two leaves only rows in `pending`, which the next
act or the next sync builds.
"""

from dataclasses import dataclass

from sql.database import Database


@dataclass(frozen=True, slots=True)
class Stewardship:
    """A steward's acts. Synchronous: the API calls them in a thread."""

    database: Database
