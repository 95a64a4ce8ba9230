"""The port that is served: taken before anything else is done, so that who can't have it is told at once."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


class PortTakenError(Exception):
    """The port can't be had. Give another with --port."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there, on a free port for 0. Raises PortTakenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        cause = str(error.strerror).partition(" (")[0]  # create_server adds the address
        raise PortTakenError(f"Port {port} of {host} can't be had: {cause}. Give another with --port.") from error
    with listener:
        yield listener


def address(listener: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
