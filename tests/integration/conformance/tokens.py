"""A vendor's token endpoint (RFC 6749): each refresh token is good once; its second use is taken for theft, and ends the whole line."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Tokens:
    """asked: the forms that came, with their Authorization headers. lifetime: seconds; None for a vendor that says nothing."""

    FIRST = "conformance-secret-refresh-0"

    def __init__(self) -> None:
        self.refresh: str | None = self.FIRST
        self.good: set[str] = set()
        self.asked: list[dict[str, str]] = []
        self.lifetime: float | None = 3600
        self.status = 200

    async def answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.asked.append({**form, "authorization": request.headers.get("authorization", "")})
        if self.status != 200:
            return JSONResponse({"error": "temporarily_unavailable"}, self.status)
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self.refresh:
                self.good, self.refresh = set(), None
                return JSONResponse({"error": "invalid_grant", "error_description": f"reuse of {form['refresh_token']}"}, 400)
            self.refresh = f"conformance-secret-refresh-{len(self.asked)}"
        access = f"conformance-secret-access-{len(self.asked)}"
        self.good.add(access)
        said = {"access_token": access, "token_type": "Bearer", "refresh_token": self.refresh, "expires_in": self.lifetime}
        return JSONResponse({name: value for name, value in said.items() if value is not None})

    def expire(self) -> None:
        """All access tokens end before their time."""
        self.good.clear()

    def knows(self, request: Request) -> bool:
        return request.headers.get("authorization", "").removeprefix("Bearer ") in self.good
