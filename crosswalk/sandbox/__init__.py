"""A made company whose customers' true identities are known, and stubs of the systems that hold its records.

    sandbox = build(Path(".crosswalk/sandbox"))
    with serve(sandbox) as urls: ...

It imports nothing of Crosswalk's other packages: what is measured against it cannot have been written to please them.
"""

from crosswalk.sandbox.faults import Faults
from crosswalk.sandbox.hubspot import Limits
from crosswalk.sandbox.sandbox import Sandbox, SandboxError, build
from crosswalk.sandbox.serve import Urls, serve
from crosswalk.sandbox.truth import Question

__all__ = ["Faults", "Limits", "Question", "Sandbox", "SandboxError", "Urls", "build", "serve"]
