"""Any API that answers lists of JSON, as crosswalk.toml declares it: apis/declared.py has what can be said, and an example."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from connectors.apis.declared import DeclaredApi, DeclaredOptions, StreamSaid
from connectors.apis.resource import Resource


class RestOptions(DeclaredOptions):
    """stream: what is read."""

    stream: Annotated[tuple[StreamSaid, ...], Field(min_length=1)]


class Rest(DeclaredApi):
    kind = "rest"
    Options = RestOptions

    def resources(self) -> Mapping[str, Resource]:
        return {one.name: one.resource(self.options.url, self.options.page_size) for one in self.options.stream}
