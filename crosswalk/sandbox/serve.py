"""Serves a sandbox on 127.0.0.1: HubSpot and Odoo on a port each, in one thread, until the block is left.

with serve(sandbox) as urls:
    httpx.get(f"{urls.hubspot}/crm/v3/objects/companies", headers={"Authorization": f"Bearer {urls.hubspot_token}"})
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from crosswalk.sandbox import hubspot, odoo
from crosswalk.sandbox.faults import FaultInjection, Faults, refusal
from crosswalk.sandbox.hubspot import HubSpot, Limits
from crosswalk.sandbox.odoo import Odoo
from crosswalk.sandbox.sandbox import Sandbox, SandboxError

#: Keys of a made company, printed in the demo; they open nothing else.
HUBSPOT_TOKEN = "pat-eu1-sandbox-5f0c7e2a"  # noqa: S105
ODOO_KEY = "sandbox-3c9d41b7e8"


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the stubs listen, without a slash at the end, and the keys they want."""

    hubspot: str
    odoo: str
    hubspot_token: str = HUBSPOT_TOKEN
    odoo_key: str = ODOO_KEY


@contextmanager
def serve(sandbox: Sandbox, *, faults: Faults | None = None, limits: Limits | None = None) -> Iterator[Urls]:
    """Serves the sandbox; `faults` lets requests to both fail, `limits` sets the CRM's rate limits (the vendor's by default)."""
    apps: list[ASGIApp] = [HubSpot(sandbox, HUBSPOT_TOKEN, limits or Limits()).app(), Odoo(sandbox, ODOO_KEY).app()]
    if faults and faults.rate:
        bodies = (hubspot.fault_body, odoo.fault_body)
        apps = [FaultInjection(app, faults, refusal(body)) for app, body in zip(apps, bodies, strict=True)]
    sockets = [_listen() for _ in apps]
    servers = [uvicorn.Server(_config(app)) for app in apps]
    thread = threading.Thread(target=asyncio.run, args=(_run(servers, sockets),), name="sandbox", daemon=True)
    thread.start()
    try:
        _await_start(servers, thread)
        addresses = [f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets]
        yield Urls(*addresses)
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(5)
        for one in sockets:
            one.close()


def _listen() -> socket.socket:
    """An ephemeral port. The protocol is named because only then asyncio turns off Nagle's delay, 40 ms a page."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )  # fmt: skip


async def _run(servers: list[uvicorn.Server], sockets: list[socket.socket]) -> None:
    await asyncio.gather(*(server.serve(sockets=[one]) for server, one in zip(servers, sockets, strict=True)))


def _await_start(servers: list[uvicorn.Server], thread: threading.Thread) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if all(server.started for server in servers):
            return
        if not thread.is_alive():
            break
        pause.wait(0.01)
    raise SandboxError("the sandbox's servers did not start within ten seconds")
