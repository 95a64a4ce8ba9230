"""The OpenAPI document: what FastAPI works out of the routes, with the errors as they are, problem documents (RFC 9457)."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from context_api.problems import MEDIA_TYPE, ProblemDocument

REFERENCE = "#/components/schemas/{model}"
OPEN = frozenset({"/healthz", "/readyz", "/metrics"})

DESCRIPTION = """Who a customer is, over all systems, and what matters about them for the question at hand.

Every request but `/healthz`, `/readyz`, `/metrics` and webhooks carries a key, as `Authorization: Bearer cw_...`.
Every error is a problem document (RFC 9457), whose `type` is stable and whose `detail` says what to do.
Lists go on with `cursor=<next_cursor>`. What the key's scopes keep back is counted in `withheld` by the scope that is missing, never shown.
`X-Purpose` says what the data is for, `X-Request-Id` names the request; both are kept in the receipt that every read leaves.
"""


def install(app: FastAPI) -> None:
    """Let the app answer /openapi.json with this document; it is made when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the document


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title="Crosswalk", version="1", description=DESCRIPTION, routes=app.routes, separate_input_output_schemas=False)
    schemas = document["components"]["schemas"]
    problem = ProblemDocument.model_json_schema(ref_template=REFERENCE)
    schemas |= problem.pop("$defs", {}) | {"ProblemDocument": problem}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            if path not in OPEN:
                operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    content = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="ProblemDocument")}}}
    document["components"]["responses"] = {"Problem": {"description": "What is wrong, and what to do", "content": content}}
    return document
