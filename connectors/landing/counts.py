"""Where something lands, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A stream of a source, and the run that lands it (0 where none does)."""

    source: str
    stream: str
    run_id: int = 0

    def __str__(self) -> str:
        return f"{self.source}/{self.stream}"

    @property
    def names(self) -> dict[str, str]:
        """As parameters of a query."""
        return {"source": self.source, "stream": self.stream}


@dataclass(frozen=True, slots=True)
class Counts:
    """What a page, or a whole run, came to. written: added and changed, alive."""

    pages: int = 0
    fetched: int = 0
    written: int = 0
    unchanged: int = 0
    tombstoned: int = 0
    quarantined: int = 0
    added: int = 0
    drift: tuple[str, ...] = ()

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))
