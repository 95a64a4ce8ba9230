"""Standard input that a signal can end.

MCP waits for the next line in a thread, which nothing wakes but a line or the end of the input: a server that was told to end would hang
for as long as its client keeps the input open.
"""

import os
import signal
from contextlib import suppress
from io import FileIO
from threading import Thread

import anyio


def replace() -> FileIO:
    """Put a pipe in the place of standard input, which feeds it; closing what is returned ends the input."""
    source = os.dup(0)
    outlet, inlet = os.pipe()
    os.dup2(outlet, 0)
    os.close(outlet)
    feed = FileIO(inlet, "wb")
    Thread(target=_pump, args=(source, feed), name="standard input", daemon=True).start()
    return feed


def _pump(source: int, feed: FileIO) -> None:
    with suppress(OSError, ValueError):  # nobody reads it any more
        while said := os.read(source, 65_536):
            while said:
                said = said[feed.write(said) :]
    feed.close()


async def end_on_signal(feed: FileIO) -> None:
    """Wait for Ctrl-C or SIGTERM, and end the input then."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            feed.close()
            return
