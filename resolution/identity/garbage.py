"""The collector of cyclic garbage, put off while a transaction makes many objects at once and no cycles: it would walk all that the process
holds, again and again, and find nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def put_off() -> Iterator[None]:
    """Collect nothing meanwhile, in the whole process."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
