"""Try a declared source and say in a line what is wrong, for `crosswalk check`."""

from dataclasses import dataclass

from connectors.entrance import Patience
from connectors.errors import ConnectorError
from connectors.landing.sync import open_connector, streams_of
from connectors.sources import SourceDeclaration

#: Who checks waits for the answer.
IMPATIENT = Patience(deadline=15, attempts=2, longest_wait=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether the source works, and one line on it: what answered, or what is wrong and what to do."""

    source: str
    ok: bool
    line: str


def check(declaration: SourceDeclaration) -> Finding:
    """Ask the source for as little as shows that it can be read. Never raises ConnectorError."""
    try:
        connector = open_connector(declaration)
        try:
            if connector.door:
                connector.door.patience = IMPATIENT
            streams = streams_of(declaration)
            line = connector.check()
        finally:
            connector.close()
    except ConnectorError as error:
        return Finding(declaration.name, False, f"{error}. {error.action}")
    return Finding(declaration.name, True, f"{line}; streams: {', '.join(streams)}")
