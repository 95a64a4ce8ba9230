"""A made company of a few dozen organisations, synced and resolved once for the whole run; a test gets a copy of that database."""

from dataclasses import dataclass
from pathlib import Path

from crosswalk.sandbox import Sandbox, Served
from dagster_project.resources import Rooms
from dagster_project.run import Outcome, run
from sql.database import Database

ORGANIZATIONS = 25


@dataclass(frozen=True, slots=True)
class Company:
    """A sandbox that is served, and the crosswalk.toml that declares its systems."""

    sandbox: Sandbox
    served: Served
    config: Path

    def sync(self, database: Database) -> Outcome:
        """Sync all of it into the database, by the assets."""
        rooms = Rooms(config=str(self.config), database_url=database.url.render_as_string(hide_password=False))
        outcome = run(rooms, [declaration.name for declaration in rooms.declarations])
        assert outcome.failed == []
        return outcome
