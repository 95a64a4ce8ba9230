"""Resources that are made when they are asked for, since the vendor has to be asked for its fields first."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from connectors.apis.resource import Resource


class Lazily(Mapping[str, Resource]):
    """names: of the streams, those that others refer to first. make: the stream's resource."""

    def __init__(self, names: Iterable[str], make: Callable[[str], Resource]) -> None:
        self.names, self.make = list(names), make

    def __getitem__(self, stream: str) -> Resource:
        return self.make(stream)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
