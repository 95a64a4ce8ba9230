"""BottleCRM as it runs: what every system is shown to do."""

from collections.abc import Iterator

import pytest

from tests.live.proof import Proof
from tests.live.systems.bottlecrm import BottleCrm, bottlecrm


@pytest.fixture(scope="module")
def running() -> Iterator[BottleCrm]:
    with bottlecrm() as system:
        yield system


class TestBottleCrm(Proof):
    @pytest.fixture
    def system(self, running: BottleCrm) -> BottleCrm:
        return running
