"""Any API that answers lists of JSON, as crosswalk.toml declares it: http/declared.py has what can be said, and an example."""

from connectors.http.declared import DeclaredApi


class Rest(DeclaredApi):
    kind = "rest"
