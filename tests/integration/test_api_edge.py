"""What holds for every request: an id, a problem for every error, bounded bodies, safe headers, and nothing told of the inside."""

import hashlib
import hmac
import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from sqlalchemy import select, text

from context_api import keys
from context_api.app import create_app
from context_api.logs import RequestIdFilter
from context_api.problems import ProblemDocument
from context_api.settings import Settings
from sql.database import Database
from sql.tables import governance
from tests.conftest import copy_of
from tests.integration.api_world import Letters


class Asked(BaseModel):
    secret: str = Field(max_length=3)


@pytest.fixture(scope="module")
def database(server: Database, template: str) -> Iterator[Database]:
    with copy_of(server, template) as database:
        yield database


@pytest.fixture(scope="module")
def app(database: Database) -> FastAPI:
    app = create_app(Database(database.url), Settings(max_body_bytes=2048), Letters())

    async def broken() -> None:
        raise ZeroDivisionError("secret of the inside")

    async def asked(body: Asked) -> Asked:
        return body

    app.add_api_route("/test/broken", broken)
    app.add_api_route("/test/asked", asked, methods=["POST"])
    return app


@pytest.fixture(scope="module")
def api(app: FastAPI, database: Database) -> Iterator[TestClient]:
    key = keys.create(database, "agent", ["read"]).key
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not-found"),
        ("GET", "/v1/nowhere", None, 404, "not-found"),
        ("DELETE", "/v1/changes", None, 405, "method-not-allowed"),
        ("GET", "/v1/receipts/rcp_0", None, 404, "receipt-not-found"),
        ("GET", "/v1/receipts/a%00b", None, 422, "invalid-request"),
        ("GET", "/v1/changes?cursor=nonsense", None, 422, "invalid-cursor"),
        ("GET", "/v1/changes?cursor=W10", None, 422, "invalid-cursor"),
        ("GET", "/v1/changes?limit=5000", None, 422, "invalid-request"),
        ("POST", "/test/asked", b"{", 400, "malformed-request"),
        ("POST", "/test/asked", b"\xff\xfe", 400, "malformed-request"),
        ("POST", "/test/asked", b'{"secret": "\\ud800"}', 422, "invalid-request"),
        ("POST", "/test/asked", b"[" * 2000, 400, "malformed-request"),
        ("POST", "/test/asked", b'{"secret": 1}', 422, "invalid-request"),
        ("POST", "/test/asked", b"x" * 3000, 413, "body-too-large"),
        ("GET", "/test/broken", None, 500, "internal-error"),
    ],
)
def test_every_error_is_a_problem(api: TestClient, method: str, path: str, body: bytes | None, status: int, code: str) -> None:
    answer = api.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = ProblemDocument.model_validate_json(answer.content)
    assert (problem.type, problem.status) == (f"urn:crosswalk:problem:{code}", status)
    assert problem.instance == answer.headers["x-request-id"]
    assert problem.detail


def test_a_body_without_a_declared_length_is_bounded_too(api: TestClient) -> None:
    answer = api.post("/test/asked", content=(b"x" * 1000 for _ in range(10)), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:crosswalk:problem:body-too-large")


def test_a_wrong_field_is_named_and_its_content_is_not_repeated(api: TestClient) -> None:
    answer = api.post("/test/asked", json={"secret": "hunter2"})
    assert answer.json()["errors"] == [{"field": "body.secret", "message": "String should have at most 3 characters"}]
    assert "hunter2" not in answer.text


def test_an_error_of_the_inside_goes_to_the_log_and_not_to_the_caller(api: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = api.get("/test/broken")
    assert "secret of the inside" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "secret of the inside" in caplog.text


def test_the_callers_request_id_is_kept_where_it_is_well_formed(api: TestClient) -> None:
    given = [
        api.get("/healthz", headers={"X-Request-Id": name}).headers["x-request-id"] for name in ("agent-run-42", "x", "a b\tc", "y" * 99)
    ]
    assert given[0] == "agent-run-42"
    assert all(made.startswith("req_") for made in given[1:])
    assert len(set(given)) == 4


def test_log_lines_carry_the_request_id(api: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    with caplog.at_level(logging.INFO, "context_api.request"):
        api.get("/v1/changes?cursor=secret", headers={"X-Request-Id": "agent-run-42"})
    line = next(record for record in caplog.records if record.name == "context_api.request")
    assert vars(line)["request_id"] == "agent-run-42"
    assert "secret" not in line.getMessage()


def test_answers_carry_safe_headers(api: TestClient) -> None:
    for path in ("/healthz", "/nowhere", "/test/broken"):
        headers = api.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_the_process_is_well_and_ready(api: TestClient) -> None:
    assert api.get("/healthz").json() == {"status": "ok"}
    assert api.get("/readyz").json() == {"status": "ok"}


def test_requests_are_counted_by_route_and_never_by_what_a_caller_makes_up(database: Database) -> None:
    with TestClient(create_app(Database(database.url), embedder=Letters())) as api:
        key = keys.create(database, "agent", ["read"]).key
        count_some(api, {"Authorization": f"Bearer {key}"})


def count_some(api: TestClient, headers: dict[str, str]) -> None:
    assert api.get("/v1/changes", headers=headers).status_code == 200
    for hostile in ("/v1/receipts/one", "/v1/receipts/two", "/v1/receipts/v1", "/made-up/1", "/made-up/2"):
        assert api.get(hostile, headers=headers).status_code == 404
    counted = api.get("/metrics").text
    assert 'crosswalk_request_seconds_count{method="GET",route="/v1/changes",status="200"} 1.0' in counted
    assert 'route="/v1/receipts/{receipt_id}",status="404"} 3.0' in counted
    assert 'route="unknown",status="404"} 2.0' in counted


def test_without_a_database_the_process_is_well_but_not_ready(server: Database) -> None:
    gone = Database(server.url.set(database="there_is_no_such_database"))
    with TestClient(create_app(gone, embedder=Letters())) as api:
        assert api.get("/healthz").status_code == 200
        unready = api.get("/readyz")
        asked = api.get("/v1/changes", headers={"Authorization": "Bearer cw_" + "0" * 16 + "_" + "0" * 64})
    assert (unready.status_code, unready.json()["type"]) == (503, "urn:crosswalk:problem:not-ready")
    assert (asked.status_code, asked.json()["type"]) == (503, "urn:crosswalk:problem:database-unavailable")


def test_a_database_that_was_never_migrated_is_not_ready(server: Database) -> None:
    with TestClient(create_app(Database(server.url), embedder=Letters())) as api:
        assert "crosswalk migrate" in api.get("/readyz").json()["detail"]


def test_every_read_leaves_a_receipt_that_its_account_can_read(api: TestClient, database: Database) -> None:
    api.get("/v1/changes", headers={"X-Request-Id": "agent-run-42", "X-Purpose": "nightly copy"})
    with database.begin() as connection:
        row = connection.execute(select(governance.receipt).order_by(governance.receipt.c.created_at.desc()).limit(1)).one()
    read = api.get(f"/v1/receipts/{row.id}").json()
    assert (read["action"], read["purpose"], read["request_id"], read["account"]) == ("changes", "nightly copy", "agent-run-42", "agent")
    other = keys.create(database, "other", ["read"]).key
    assert api.get(f"/v1/receipts/{row.id}", headers={"Authorization": f"Bearer {other}"}).status_code == 404
    auditor = keys.create(database, "auditor", ["admin"]).key
    assert api.get(f"/v1/receipts/{row.id}", headers={"Authorization": f"Bearer {auditor}"}).status_code == 200


def test_an_openapi_document_describes_problems_and_the_key(api: TestClient) -> None:
    document = api.get("/openapi.json").json()
    problem = document["components"]["responses"]["Problem"]["content"]["application/problem+json"]["schema"]
    assert problem["$ref"].rpartition("/")[2] in document["components"]["schemas"]
    assert document["components"]["securitySchemes"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation.get("summary"), path
            assert "422" not in operation["responses"]
            if path.startswith("/v1"):
                assert operation["description"], path
                assert "default" in operation["responses"]
    assert [name for name in document["components"]["schemas"] if not re.fullmatch("[A-Z][A-Za-z]+", name)] == []
    for reference in re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert reference in document["components"]["schemas"]


def test_a_signed_webhook_is_kept_once_and_a_forged_one_is_refused(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", "shared")
    config = tmp_path / "crosswalk.toml"
    source = f'[[source]]\nname = "exports"\nkind = "csv"\npath = "{tmp_path}"\n'
    config.write_text(source + 'webhook_secret = "env:WEBHOOK_SECRET"\n')
    body = b'{"changed": true}'
    signature = "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    with TestClient(create_app(Database(database.url), Settings(config=config), Letters())) as api:
        answers = [api.post("/v1/webhooks/exports", content=body, headers={"X-Signature": signature}) for _ in range(2)]
        assert [(answer.status_code, answer.json()["new"]) for answer in answers] == [(202, True), (202, False)]
        forged = api.post("/v1/webhooks/exports", content=body + b" ", headers={"X-Signature": signature})
        assert (forged.status_code, forged.json()["type"]) == (401, "urn:crosswalk:problem:webhook-refused")
        assert api.post("/v1/webhooks/nobody", content=body).status_code == 404
        config.write_text(source)
        os.utime(config, (1, 1))
        assert api.post("/v1/webhooks/exports", content=body, headers={"X-Signature": signature}).status_code == 404
    with database.begin() as connection:
        assert connection.scalar(text("select count(*) from landing.inbox")) == 1
