"""What the front door needs to know before it opens anything."""

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Read from CROSSWALK_CONFIG and CROSSWALK_LOG_LEVEL. Without pydantic, whose import is a third of a short command's start."""

    #: Where the sources are declared.
    config: Path = field(default_factory=lambda: Path(os.environ.get("CROSSWALK_CONFIG", "crosswalk.toml")))
    #: INFO gives a line for each request.
    log_level: str = field(default_factory=lambda: os.environ.get("CROSSWALK_LOG_LEVEL", "WARNING"))

    def level(self) -> int:
        """The log level as a number. Raises LogLevelError."""
        known = logging.getLevelNamesMapping()
        if self.log_level.upper() not in known:
            raise LogLevelError(f"CROSSWALK_LOG_LEVEL is {self.log_level!r}. Set it to DEBUG, INFO, WARNING, ERROR or CRITICAL.")
        return known[self.log_level.upper()]


class LogLevelError(Exception):
    """There is no such log level."""
