"""Slack's messages by their connector: threads, what is edited or deleted within the lookback, and what nobody wrote."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors import sources
from connectors.account.entrance import Patience
from connectors.check import check
from connectors.errors import AuthenticationError, PermissionDeniedError, TransientError
from connectors.landing.sync import backfill, sync_stream
from connectors.sources import SourceDeclaration
from connectors.vendors.slack.connector import Slack
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.tokens import Tokens
from tests.integration.conformance.world import HttpWorld

DAY = 86400
NOW = 1_772_452_800


def ts(days_ago: float) -> str:
    return f"{NOW - days_ago * DAY:.6f}"


class Team(HttpWorld):
    """One channel: messages by their time, and threads by their first message's."""

    kind, stream = "slack", "messages"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.messages: dict[str, dict[str, Any]] = {}
        self.threads: dict[str, dict[str, dict[str, Any]]] = {}
        self.outage = ""

    def say(self, days_ago: float, text: str, thread: float | None = None, **more: Any) -> None:
        at = ts(days_ago)
        said = {"type": "message", "user": "U1", "text": text, "ts": at, **more}
        if thread is None:
            self.messages[at] = said
            return
        replies = self.threads.setdefault(ts(thread), {})
        replies[at] = {**said, "thread_ts": ts(thread)}
        self.messages[ts(thread)] |= {"thread_ts": ts(thread), "reply_count": len(replies), "latest_reply": max(replies)}

    def toml(self) -> str:
        said = f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\nchannels = ["C1"]\npage_size = 3\n'
        return f"{said}requests_per_second = 5000.0\nfaster = 100000.0"

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return str(payload["text"])

    def routes(self) -> list[Route]:
        return [
            Route("/api/users.list", self._users),
            Route("/api/conversations.history", self._history),
            Route("/api/conversations.replies", self._replies),
            Route("/api/oauth.v2.access", self._token, methods=["POST"]),
        ]

    def open_paths(self) -> tuple[str, ...]:
        return ("/api/oauth.v2.access",)

    async def _token(self, request: Request) -> Response:
        """Slack refuses a token with status 200, and with words of its own."""
        form = dict(parse_qsl((await request.body()).decode()))
        self.tokens.asked.append(form)
        error = self.outage or ("" if form["refresh_token"] == Tokens.FIRST else "invalid_refresh_token")
        if error:
            return JSONResponse({"ok": False, "error": error})
        self.tokens.good.add("conformance-secret-access")
        said = {"access_token": "conformance-secret-access", "refresh_token": "conformance-secret-refresh-1", "expires_in": 43200}
        return JSONResponse({"ok": True, "token_type": "bot", **said})

    async def _users(self, request: Request) -> Response:
        start, limit = int(request.query_params.get("cursor", 0)), int(request.query_params["limit"])
        users = [{"id": f"U{number}", "deleted": number == 2, "real_name": f"Name {number}"} for number in range(1, 6)]
        following = str(start + limit) if start + limit < len(users) else ""
        return JSONResponse({"ok": True, "members": users[start : start + limit], "response_metadata": {"next_cursor": following}})

    async def _history(self, request: Request) -> Response:
        query = request.query_params
        if query["channel"] != "C1":
            return JSONResponse({"ok": False, "error": "not_in_channel"})
        low, high = float(query.get("oldest", 0)), float(query.get("latest", "inf"))
        found = sorted((one for one in self.messages.values() if low < float(one["ts"]) < high), key=lambda one: one["ts"], reverse=True)
        limit = int(query["limit"])
        return JSONResponse({"ok": True, "messages": found[:limit], "has_more": len(found) > limit})

    async def _replies(self, request: Request) -> Response:
        begun = request.query_params["ts"]
        replies = [self.messages[begun], *self.threads[begun].values()]
        start = int(request.query_params.get("cursor", 0))
        following = str(start + 2) if start + 2 < len(replies) else ""
        found = replies[start : start + 2]
        return JSONResponse({"ok": True, "messages": found, "response_metadata": {"next_cursor": following}})


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    team = Team(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", team.token)
    with team.serve():
        yield team


def texts(database: Database, team: Team) -> set[str]:
    declaration = team.declaration("chat")
    sync_stream(database, declaration, "messages")
    table = landing.record
    with database.begin() as connection:
        return {row["text"] for row in connection.execute(select(table.c.payload).where(table.c.deleted_at.is_(None))).scalars()}


def test_a_thread_is_read_whole_and_what_is_deleted_of_it_is_gone(database: Database, team: Team) -> None:
    for number in range(7):
        team.say(7 - number, f"message {number}")
    for number in range(3):
        team.say(0.5 - number / 10, f"reply {number}", thread=5)
    assert texts(database, team) == {*(f"message {number}" for number in range(7)), "reply 0", "reply 1", "reply 2"}
    del team.threads[ts(5)][ts(0.4)]
    team.say(0.1, "reply 3", thread=5)
    assert texts(database, team) == {*(f"message {number}" for number in range(7)), "reply 0", "reply 2", "reply 3"}


def test_an_edited_and_a_deleted_message_are_found_within_the_lookback_alone(database: Database, team: Team) -> None:
    for number in range(8):
        team.say(number * 10, f"message {number}")
    texts(database, team)
    team.messages[ts(10)] |= {"text": "edited", "edited": {"user": "U1", "ts": ts(0)}}
    team.messages[ts(70)] |= {"text": "edited long after"}
    del team.messages[ts(20)]
    seen = len(team.seen)
    assert texts(database, team) == {"edited", *(f"message {number}" for number in (0, 3, 4, 5, 6, 7))}
    assert len(team.seen) - seen == 1  # of eight messages, the three of the lookback


def test_people_are_listed_by_cursor_and_who_left_is_gone(database: Database, team: Team) -> None:
    (declaration,) = sources.parse(f'[[source]]\nname = "chat"\nkind = "slack"\n{team.toml()}')
    sync_stream(database, declaration, "users")
    with database.begin() as connection:
        found = connection.execute(select(landing.record.c.key).where(landing.record.c.deleted_at.is_(None))).scalars()
        assert set(found) == {"U1", "U3", "U4", "U5"}


def test_what_nobody_wrote_is_left_out(database: Database, team: Team) -> None:
    team.say(3, "hello")
    team.say(2, "has joined", subtype="channel_join")
    team.say(1, "the build is green", bot_id="B1")
    assert texts(database, team) == {"hello"}


def test_a_channel_that_the_bot_is_not_in_is_told(team: Team) -> None:
    declaration = team.declaration("chat")
    (other,) = sources.parse(f'[[source]]\nname = "chat"\nkind = "slack"\n{team.toml().replace("C1", "C2")}')
    assert isinstance(declaration, SourceDeclaration)
    assert check(declaration).ok
    assert "not_in_channel" in check(other).line


def test_a_range_is_read_again_with_its_threads(database: Database, team: Team) -> None:
    for number in range(8):
        team.say(number * 10, f"message {number}")
    team.say(1, "reply", thread=50)
    start = datetime.fromtimestamp(float(ts(60)), UTC)
    report = backfill(database, team.declaration("chat"), "messages", (start, start + timedelta(days=30)))
    with database.begin() as connection:
        found = {row["text"] for row in connection.execute(select(landing.record.c.payload)).scalars()}
    assert found == {"message 6", "message 5", "message 4", "reply"}
    assert report.status == "backfilled"


def checked(team: Team, more: str = "") -> str:
    slack = Slack(team.declaration("chat", more))
    slack.door.patience = Patience(attempts=2, longest_wait=0.01)
    try:
        return slack.check()
    finally:
        slack.close()


def rotating(team: Team, monkeypatch: pytest.MonkeyPatch, refresh: str) -> str:
    """The check of a source whose token rotates: it is got for a refresh token."""
    monkeypatch.setenv("SLACK_REFRESH", refresh)
    return checked(team, '[source.oauth]\nclient_id = "us"\nrefresh_token = "env:SLACK_REFRESH"')


def test_a_refresh_token_that_is_refused_with_status_200_is_told_once(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "answers" in rotating(team, monkeypatch, Tokens.FIRST)
    with pytest.raises(AuthenticationError, match="200 invalid_refresh_token") as caught:
        rotating(team, monkeypatch, "conformance-secret-refresh-used")
    assert "Authorise" in caught.value.action
    assert len(team.tokens.asked) == 2


@pytest.mark.parametrize("error", ["ratelimited", "service_unavailable"])
def test_no_token_just_now_is_asked_for_again(team: Team, monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    monkeypatch.setattr("connectors.http.oauth.PATIENCE", Patience(attempts=2, longest_wait=0.01))
    team.outage = error
    with pytest.raises(TransientError, match=error):
        rotating(team, monkeypatch, Tokens.FIRST)


@pytest.mark.parametrize(("error", "kind"), [("ekm_access_denied", PermissionDeniedError), ("team_added_to_org", TransientError)])
def test_a_refusal_is_of_the_class_of_its_word(team: Team, error: str, kind: type[Exception]) -> None:
    team.trouble = lambda request, number: JSONResponse({"ok": False, "error": error})
    with pytest.raises(kind, match=error):
        checked(team)
