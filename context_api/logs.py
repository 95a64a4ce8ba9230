"""Log lines, each with the id of the request it belongs to. Bodies, query strings, keys and names are never logged: refs and counts are."""

import logging

from sql import audit

FORMAT = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"


class RequestIdFilter(logging.Filter):
    """Gives each record the attribute `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = audit.request_id.get() or "-"
        return True


def configure(level: str = "INFO") -> None:
    """Write log lines to standard error; for a process that serves, at its start."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(RequestIdFilter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
