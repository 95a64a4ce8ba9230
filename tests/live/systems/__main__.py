"""Prepares all systems at once, each in a thread, so that the tests after it only start them: `python -m tests.live.systems`."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.live.systems import bottlecrm, moto, tryton, wsgidav
from tests.live.systems.company import company
from tests.live.systems.environment import environment

PREPARATIONS: dict[str, Callable[[], object]] = {
    "tryton": tryton.seeded,
    "bottlecrm": bottlecrm.seeded,
    "wsgidav": lambda: environment("wsgidav", wsgidav.PACKAGES),
    "moto": lambda: environment("moto", moto.PACKAGES),
}


def prepare(name: str) -> bool:
    """Whether the system is ready, or this machine can't run it, which its tests say too."""
    began = time.monotonic()
    try:
        PREPARATIONS[name]()
    except pytest.skip.Exception as why:
        told(f"{name}: left out: {why}")
    except pytest.fail.Exception as why:
        told(f"{name}: {why}")
        return False
    else:
        told(f"{name}: ready after {time.monotonic() - began:.0f} s")
    return True


def told(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    company()
    with ThreadPoolExecutor(len(PREPARATIONS)) as pool:
        return 0 if all(list(pool.map(prepare, PREPARATIONS))) else 1


if __name__ == "__main__":
    sys.exit(main())
