"""The one door to HTTP, against a server on loopback that answers as it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from connectors.account.entrance import Access, Account, Patience
from connectors.account.shared import InProcess, Rate
from connectors.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectorError,
    NotFoundError,
    PermanentError,
    PermissionDeniedError,
    RateLimitedError,
    SchemaError,
    TransientError,
)
from connectors.http.authentication import Anonymous
from connectors.http.door import Door, Vendor
from connectors.http.messages import Request, read_at_most, retry_after

Answer = tuple[int, dict[str, str], bytes]
FINE: Answer = (200, {}, b'{"fine": true}')
SILENT: Answer = (0, {}, b"")
FAST = Rate(1000, 1000)


class Tokens:
    """A secret that is renewed each time that it is refused."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[0]}"}

    def renew(self) -> None:
        self.tokens = self.tokens[1:] or self.tokens


@dataclass
class Server:
    """Answers in turn with what `answers` holds, and keeps what was asked. To SILENT it hangs up instead."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, headers, content = state.answers.pop(0) if state.answers else FINE
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = "Content-Length" in headers

        do_POST = do_GET

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


@pytest.fixture
def door(server: Server) -> Iterator[Door]:
    door = Door(server.url, Tokens("s3cret"), Account("shop", FAST))
    door.patience = Patience(deadline=3, attempts=4, longest_wait=0.05)
    yield door
    door.close()


def test_what_passes_is_retried_until_it_answers_and_every_attempt_is_logged(server: Server, door: Door) -> None:
    log: list[Access] = []
    door.on_access, door.correlation_id = log.append, "run-7"
    server.answers = [(503, {}, b"down"), (200, {}, b'{"cut": '), (200, {"Content-Length": "99"}, b"short"), FINE]
    assert door.get("/things", {"email": "a@x.de"}) == {"fine": True}
    assert [(one.path, one.status, one.attempt, one.failed) for one in log] == [
        ("/things", 503, 1, True), ("/things", 200, 2, True), ("/things", None, 3, True), ("/things", 200, 4, False),
    ]  # fmt: skip
    assert door.retries == 3
    assert "a@x.de" not in repr(log)
    assert all((headers["x-correlation-id"], headers["cache-control"]) == ("run-7", "no-cache") for _, headers, _ in server.asked)


def test_a_source_that_was_never_heard_is_tried_so_many_times_and_one_that_was_until_the_deadline(server: Server, door: Door) -> None:
    door.patience = Patience(deadline=5, unanswered=4, longest_wait=0.01)
    server.answers = [SILENT] * 4
    with pytest.raises(TransientError, match="no answer"):
        door.get("/things")
    assert len(server.asked) == 4
    server.answers = [SILENT] * 3 + [(503, {}, b"")] + [SILENT] * 9
    assert door.get("/things") == {"fine": True}
    assert len(server.asked) == 18
    door.patience = replace(door.patience, deadline=0.5)
    server.answers = [SILENT] * 10_000
    with pytest.raises(TransientError, match="no answer"):
        door.get("/things")
    assert server.answers


def test_one_that_asks_for_no_pause_is_left_more_and_more_time_all_the_same(
    server: Server, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("connectors.http.door.time.sleep", slept.append)
    door.patience = Patience()
    server.answers = [(429, {"Retry-After": "0"}, b"{}")] * 30
    door.get("/things")
    assert max(slept) > 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PermanentError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (302, ConfigurationError),
        (500, TransientError),
        (418, PermanentError),
    ],
)
def test_a_status_is_classified_and_its_error_names_neither_query_nor_secret(
    server: Server, door: Door, status: int, error: type[ConnectorError]
) -> None:
    server.answers = [(status, {"Location": "https://elsewhere.example"}, b'{"message": "a@x.de is unknown"}')] * 4
    with pytest.raises(error) as caught:
        door.get("/things", {"email": "a@x.de"})
    assert type(caught.value) is error
    assert caught.value.action
    assert str(status) in str(caught.value)
    assert not {"a@x.de", "s3cret"} & set(str(caught.value.as_json()).replace("'", " ").split())
    assert len(server.asked) == (4 if status == 500 else 1)


def test_retry_after_is_obeyed_and_one_beyond_the_deadline_ends_it(server: Server, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("connectors.http.door.time.sleep", slept.append)
    server.answers = [(429, {"Retry-After": "2"}, b"{}"), FINE]
    door.get("/things")
    assert max(slept) >= 2
    server.answers = [(429, {"Retry-After": "3600"}, b"{}")]
    with pytest.raises(RateLimitedError) as caught:
        door.get("/things")
    assert caught.value.wait == 3600


def test_no_try_begins_after_the_deadline_however_long_the_vendor_says_to_wait(server: Server, door: Door) -> None:
    door.patience = Patience(deadline=1.5, attempts=9, longest_wait=0.01)
    server.answers = [(429, {"Retry-After": "1"}, b"{}")] * 9
    began = time.monotonic()
    with pytest.raises(RateLimitedError):
        door.get("/things")
    assert time.monotonic() - began < 2
    assert len(server.asked) == 2
    door.account.shared.hold("shop", 60)
    with pytest.raises(RateLimitedError, match="not to be asked for another"):
        door.get("/things")
    assert len(server.asked) == 2


def test_an_answer_that_comes_a_byte_at_a_time_is_given_up() -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(20):
            time.sleep(0.02)
            yield b"x"

    with pytest.raises(TransientError, match="did not end"):
        read_at_most(httpx.Response(200, content=drops()), 1000, 0.1)


def test_a_renewed_secret_is_taken_up_after_a_401(server: Server, door: Door) -> None:
    door.authentication = Tokens("old", "new", "newer", "newest")
    server.answers = [(401, {}, b"{}"), FINE]
    assert door.get("/things") == {"fine": True}
    assert [headers["authorization"] for _, headers, _ in server.asked] == ["Bearer old", "Bearer new"]
    server.answers = [(401, {}, b"{}")] * 2
    with pytest.raises(AuthenticationError, match="401"):
        door.get("/things")


def test_a_vendors_own_codes_and_headers_come_first(server: Server) -> None:
    vendor = Vendor(
        error_code=lambda body: str(body["code"]),
        pause=lambda headers: float(headers.get("X-Wait", 0)),
        errors={(403, "SLOW"): RateLimitedError},
    )
    shared = InProcess()
    door = Door(server.url, Anonymous(), Account("shop", FAST, shared), vendor)
    door.patience = Patience(attempts=1)
    server.answers = [(200, {"X-Wait": "5"}, b"1"), (403, {}, b'{"code": "SLOW"}'), (403, {}, b"not json")]
    door.get("/")
    assert shared.reserve("shop", FAST) > 4
    door.account = Account("shop", FAST)
    with pytest.raises(RateLimitedError, match="403 SLOW"):
        door.get("/")
    with pytest.raises(PermissionDeniedError):
        door.get("/")
    door.close()


def test_nobody_there_is_transient_and_an_endless_answer_is_refused(door: Door, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.door.MAX_ANSWER", 100)
    server.answers = [(200, {}, json.dumps("x" * 200).encode())]
    with pytest.raises(PermanentError, match="larger than 100 bytes"):
        door.get("/things")
    gone = Door("http://127.0.0.1:9", Anonymous(), Account("gone", FAST))
    gone.patience = Patience(attempts=2, longest_wait=0.01)
    with pytest.raises(TransientError, match="no answer"):
        gone.get("/things")
    gone.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"rows": 1' + b"0" * 5000 + b"}", "a number of more digits than can be read"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    ],
)
def test_json_that_no_second_try_will_make_readable_is_told_at_once(server: Server, door: Door, content: bytes, said: str) -> None:
    server.answers = [(200, {}, content)]
    with pytest.raises(SchemaError, match=said):
        door.get("/things")
    assert len(server.asked) == 1


def test_an_error_whose_body_is_nested_too_deeply_is_still_its_status(server: Server, door: Door) -> None:
    server.answers = [(403, {}, b"[" * 100_000)]
    with pytest.raises(PermissionDeniedError, match="403"):
        door.get("/things")


@pytest.mark.parametrize("content", [b'{"rows": [1, 2', b'{"name": "M\xc3', b"<html>"])
def test_json_that_was_cut_off_or_is_a_proxys_page_is_asked_for_again(server: Server, door: Door, content: bytes) -> None:
    server.answers = [(200, {}, content), FINE]
    assert door.get("/things") == {"fine": True}


def test_a_number_goes_into_a_header_as_text(server: Server, door: Door) -> None:
    assert door.send(Request("/things").having("headers", {"X-Page": 2, "X-Cursor": "c7"})).status == 200
    ((_, headers, _),) = server.asked
    assert (headers["x-page"], headers["x-cursor"]) == ("2", "c7")


def test_a_bucket_lets_through_what_it_holds_and_then_its_rate() -> None:
    shared = InProcess()
    waits = [shared.reserve("shop", Rate(10, 3)) for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] == pytest.approx(0.1, abs=0.02)
    assert waits[4] == pytest.approx(0.2, abs=0.02)


def test_retry_after_is_read_as_seconds_or_date() -> None:
    assert retry_after(httpx.Headers({"Retry-After": "7"})) == 7
    assert retry_after(httpx.Headers({"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"})) == 0
    theirs = {"Date": "Wed, 01 Jan 2020 00:00:00 GMT", "Retry-After": "Wed, 01 Jan 2020 00:00:09 GMT"}
    assert retry_after(httpx.Headers(theirs)) == 9  # by their clock, whatever ours says
    assert retry_after(httpx.Headers({"Retry-After": "soon"})) is None
    assert retry_after(httpx.Headers({})) is None


def test_an_answer_given_again_in_anothers_place_is_asked_for_again(server: Server, door: Door) -> None:
    first, second = (json.dumps({"page": number, "rows": "x" * 300}).encode() for number in (1, 2))
    server.answers = [(200, {}, first), (200, {}, first), (200, {}, second)]
    assert door.get("/things", {"page": 1})["page"] == 1
    assert door.get("/things", {"page": 2})["page"] == 2
    assert (door.retries, door.faults) == (1, {"repeated": 1})
    server.answers = [(200, {}, second)] * 7
    assert door.get("/things", {"page": 2})["page"] == 2
    assert len(server.asked) == 4
    assert door.get("/things", {"page": 3})["page"] == 2
    assert len(server.asked) == 10
    assert door.faults == {"repeated": 1}


def test_no_log_line_tells_what_was_asked(server: Server, door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    door.get("/things", {"email": "a@x.example"})
    assert "x.example" not in caplog.text
    assert "s3cret" not in caplog.text
