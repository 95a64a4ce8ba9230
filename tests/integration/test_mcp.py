"""The official client gets from MCP what REST gives, over HTTP and over standard input and output, and no more than its key may see."""

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.exceptions import MCPError
from sqlalchemy import select

from context_api import keys
from context_api.app import create_app
from context_api.mcp import server
from sql.database import Database
from sql.tables import governance
from tests.conftest import copy_of
from tests.integration import api_world

EVERYTHING = ["read", "source:*", "class:*"]


@pytest.fixture(scope="module")
def database(server: Database, small_world: str) -> Iterator[Database]:
    with copy_of(server, small_world) as database:
        yield database


@pytest.fixture(scope="module")
def address(database: Database) -> Iterator[str]:
    """The API served on loopback."""
    app = create_app(Database(database.url), embedder=api_world.Letters())
    serving = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=serving.run)
    thread.start()
    while not serving.started and thread.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}/mcp"
    serving.should_exit = True
    thread.join()


def over_http(address: str, key: str, talk: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with (
            create_mcp_http_client(headers={"Authorization": f"Bearer {key}"}) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            return await talk(client)

    return asyncio.run(run())


def over_stdio(database: Database, key: str, talk: Callable[[Client], Awaitable[Any]]) -> Any:
    code = (
        "import sys; from context_api.mcp.server import run_stdio; from sql.database import Database; "
        "from tests.integration.api_world import Letters; run_stdio(Database(sys.argv[1]), Letters())"
    )
    url = database.url.render_as_string(hide_password=False)
    parameters = StdioServerParameters(command=sys.executable, args=["-c", code, url], env={"CROSSWALK_API_KEY": key})

    async def run() -> Any:
        async with Client(stdio_client(parameters)) as client:
            return await talk(client)

    return asyncio.run(run())


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return dict(result.structured_content)


async def whole_tour(client: Client) -> dict[str, Any]:
    """List the tools and use each."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    found = await call(client, "find_customer", query="DE136695976")
    party = found["results"][0]["party_id"]
    pack = await call(client, "get_context", subject=party, question="Which invoices are open?", purpose="billing")
    more = await call(client, "expand", handle=pack["omitted"][0]["handle"])
    why = await call(client, "explain_identity", party_id=party)
    return {"tools": tools, "found": found, "pack": pack, "more": more, "why": why}


def check_tour(tour: dict[str, Any]) -> None:
    assert set(tour["tools"]) == {"find_customer", "get_context", "expand", "explain_identity"}
    for tool in tour["tools"].values():
        assert len(tool.description) > 100
        assert tool.output_schema["properties"]
        assert tool.annotations.read_only_hint
    assert tour["found"]["results"][0]["name"] == "ACME PUMPS"
    assert tour["pack"]["status"] == "ok"
    assert "erp/invoices/42" in str(tour["pack"]["items"])
    assert tour["more"]["items"] or tour["more"]["facts"]
    assert [record["ref"] for record in tour["why"]["records"]] == ["crm/companies/1", "erp/customers/7"]
    assert tour["why"]["sentences"]


def test_the_official_client_lists_and_calls_the_tools_over_http(address: str, database: Database) -> None:
    check_tour(over_http(address, keys.create(database, "agent", EVERYTHING).key, whole_tour))


def test_and_over_standard_input_and_output(database: Database) -> None:
    check_tour(over_stdio(database, keys.create(database, "agent", EVERYTHING).key, whole_tour))


def test_a_wrong_key_gets_401_and_one_that_may_not_read_403(address: str, database: Database) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    for authorization in (None, "Bearer nonsense", "Basic YTpi"):
        answer = httpx.post(address, json=ping, headers=headers | ({"Authorization": authorization} if authorization else {}))
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    mute = keys.create(database, "mute", ["source:*"]).key
    answer = httpx.post(address, json=ping, headers=headers | {"Authorization": f"Bearer {mute}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:crosswalk:problem:scope-missing")
    with pytest.RaisesGroup(pytest.RaisesExc(MCPError), flatten_subgroups=True):
        over_http(address, "nonsense", whole_tour)


def test_a_missing_scope_is_told_as_withheld_and_nothing_is_leaked(address: str, database: Database) -> None:
    async def ask(client: Client) -> tuple[dict[str, Any], list[Any]]:
        found = await call(client, "find_customer", query="Acme Pumps")
        pack = await call(client, "get_context", subject=found["results"][0]["party_id"], question="Which invoices are open?")
        tickets = await call(client, "get_context", subject=found["results"][0]["party_id"], question="Which pump leaks?", detail="full")
        why = await call(client, "explain_identity", party_id=found["results"][0]["party_id"])
        return pack, [found, pack, tickets, why]

    key = keys.create(database, "shy", ["read", "source:erp", "class:internal"]).key
    pack, everything = over_http(address, key, ask)
    assert pack["withheld"]["class:financial"] >= 1
    assert pack["withheld"]["source:crm"] >= 1
    for secret in ("1200457", "invoices/42", api_world.SECRET, "crm/", "5001234", "GmbH"):
        assert secret not in str(everything)


def test_errors_that_a_model_can_mend_are_told_to_it(address: str, database: Database) -> None:
    async def blunder(client: Client) -> list[Any]:
        calls = [("expand", {"handle": "rcp_none.x"}), ("get_context", {"subject": "x", "budget": 1}), ("find_customer", {})]
        return [await client.call_tool(tool, arguments) for tool, arguments in calls]

    results = over_http(address, keys.create(database, "agent", EVERYTHING).key, blunder)
    assert all(result.is_error for result in results)
    assert "Ask for the context again" in results[0].content[0].text
    assert "budget" in results[1].content[0].text
    assert "query" in results[2].content[0].text


def test_every_call_leaves_a_receipt_of_its_account_and_request(address: str, database: Database) -> None:
    async def find(client: Client) -> Any:
        return await call(client, "find_customer", query="Acme")

    over_http(address, keys.create(database, "agent", EVERYTHING).key, find)
    with database.begin() as connection:
        left = connection.execute(select(governance.receipt).order_by(governance.receipt.c.created_at.desc()).limit(1)).one()
    assert (left.account, left.action) == ("agent", "search")
    assert left.request_id.startswith("req_")


def test_without_a_key_stdio_says_what_to_do(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROSSWALK_API_KEY", raising=False)
    with pytest.raises(server.KeyMissingError, match="crosswalk keys create"):
        server.run_stdio(Database(database.url))
    monkeypatch.setenv("CROSSWALK_API_KEY", "cw_nonsense")
    with pytest.raises(server.KeyRefusedError, match="not in force"):
        server.run_stdio(Database(database.url))
