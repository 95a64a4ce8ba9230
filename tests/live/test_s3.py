"""A store that speaks S3's language and checks its signatures, as it runs: what every system is shown to do."""

from collections.abc import Iterator

import pytest

from connectors.landing.sync import open_connector
from tests.live.proof import Proof, unique
from tests.live.systems.moto import Moto, moto


@pytest.fixture(scope="module")
def running() -> Iterator[Moto]:
    with moto() as system:
        yield system


class TestS3(Proof):
    @pytest.fixture
    def system(self, running: Moto) -> Moto:
        return running

    @pytest.mark.parametrize("odd", ["a b+c&d=e/%20 ü~*'()!.md", "ünï/!$,;:@.txt"])
    def test_a_key_of_odd_letters_is_signed_as_the_store_does(self, system: Moto, odd: str) -> None:
        name = unique("Odd")
        system.update(odd, name)
        connector = open_connector(system.declaration())
        try:
            found = connector.fetch("files", odd)  # type: ignore[attr-defined]
        finally:
            connector.close()
            system.delete(odd)
        assert found.body == name.encode()
