"""A stub of the language model's API on loopback, that keeps what it was sent and answers as it is told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Stub:
    """`answers` are (status, body) in turn, the last one again and again, or a function of what was asked. `delay` seconds before each."""

    url: str = ""
    answers: list[tuple[int, Any]] | Callable[[dict[str, Any]], tuple[int, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    delay: float = 0.0


def message(said: Any, stop: str = "end_turn") -> dict[str, Any]:
    text = said if isinstance(said, str) else json.dumps(said)
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "stub", "stop_reason": stop, "stop_sequence": None,
        "content": [{"type": "text", "text": text}] if text else [], "usage": {"input_tokens": 100, "output_tokens": 20},
    }  # fmt: skip


@contextmanager
def serving() -> Iterator[Stub]:
    """Serve a stub on loopback until the block is left."""
    state = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(state.delay)
            if callable(state.answers):
                status, body = state.answers(state.asked[-1])
            else:
                status, body = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            content = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # the client did not wait for it

        def log_message(self, format: str, *args: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
    thread.start()
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()
