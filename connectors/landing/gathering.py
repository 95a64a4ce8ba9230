"""Reading ahead of landing: while what has come is landed, a thread reads on, and what it has read by then is landed together.

So a slow source has each page landed as it comes, and of a fast one many small pages go into one commit; the source waits for the
database no more than that does for it.
"""

import gc
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from connectors.landing.drift import Tally
from connectors.landing.pages import Batch, ready
from connectors.records import Page

#: The most that is read ahead, and landed at once.
ROWS = 30_000
BYTES = 16 * 1024 * 1024

#: How long the page that is just being read is waited for, where no more are wanted.
SECONDS = 5.0

#: Seconds after which the thread that reads lets the other go on. A load is a thousand short waits for the database, and after each of them
#: Python's usual 5 ms would be spent waiting for the reader.
SWITCH = 0.0001


def gathered(pages: Iterable[Page], tally: Tally) -> Iterator[Sequence[Batch]]:
    """The pages in order, some at a time, each counted as it is read. Where the source fails, what was read before comes first."""
    reader, interval = _Reader(pages, tally), sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    gc.freeze()  # what the process holds by now is not to be walked again and again for the sake of each few pages
    reader.start()
    try:
        while some := reader.take():
            yield some
    finally:
        reader.stop()
        gc.unfreeze()
        sys.setswitchinterval(interval)
    if reader.failure:
        raise reader.failure


class _Reader(threading.Thread):
    """Reads until there is as much as may be landed at once. A daemon: a process that is to end waits for no source."""

    def __init__(self, pages: Iterable[Page], tally: Tally) -> None:
        super().__init__(name="reader", daemon=True)
        self.pages, self.tally = pages, tally
        self.waiting: deque[Batch] = deque()
        self.rows = self.bytes = 0
        self.ended, self.failure = False, None  # type: bool, BaseException | None
        self.changed = threading.Condition()

    def run(self) -> None:
        failure = None
        try:
            for page in self.pages:
                if not self._put(ready(page, self.tally)):
                    break
        except BaseException as error:  # noqa: BLE001  whatever it is, it is raised where the pages are used
            failure = error
        with self.changed:
            self.ended, self.failure = True, failure
            self.changed.notify_all()

    def _put(self, batch: Batch) -> bool:
        """Wait for room. False where nobody wants more."""
        with self.changed:
            self.changed.wait_for(lambda: self.ended or not self._full())
            if self.ended:
                return False
            self.waiting.append(batch)
            self.rows += batch.fetched
            self.bytes += batch.size
            self.changed.notify_all()
            return True

    def _full(self) -> bool:
        return self.rows >= ROWS or self.bytes >= BYTES

    def take(self) -> list[Batch]:
        """What has been read by now, at least one page; nothing at the end. A page that tells of places begins anew."""
        with self.changed:
            self.changed.wait_for(lambda: self.ended or self.waiting)
            some: list[Batch] = []
            while self.waiting and not (some and self.waiting[0].gone):
                some.append(self.waiting.popleft())
            self.rows -= sum(batch.fetched for batch in some)
            self.bytes -= sum(batch.size for batch in some)
            self.changed.notify_all()
            return some

    def stop(self) -> None:
        """Read no more. The page that is on its way is waited for, but not for long."""
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        self.join(SECONDS)
