"""A session of BottleCRM: its access token is good for an hour, and the refresh token that renews it serves once; the answer has the next.

It is OAuth's way with other words: JSON instead of a form, `access` and `refresh` instead of the standard's names.
"""

from dataclasses import replace

import httpx

from connectors.account.entrance import Account
from connectors.account.shared import Rate, Token
from connectors.errors import AuthenticationError, SchemaError
from connectors.http.authentication import Anonymous, Renewed, fingerprint
from connectors.http.door import Door
from connectors.http.messages import Request
from connectors.http.oauth import OAuthSettings
from connectors.secrets import resolve


class Session(Renewed):
    """settings: `refresh_token` refers to the first of the line; those after it are kept with the account."""

    def __init__(self, settings: OAuthSettings, account: Account, url: str) -> None:
        super().__init__(account.name, account.shared)
        self.first, self.url = settings.refresh_token or "", settings.token_url or url
        self._account = replace(account, name=f"{account.name}:token", rate=Rate(1, 5))

    def origin(self) -> str:
        return fingerprint("bottlecrm", self.url, resolve(self.first).value)

    def make(self, held: Token | None) -> Token:
        origin = self.origin()
        refresh = held.refresh if held and held.origin == origin else resolve(self.first).value
        door = Door(str(httpx.URL(self.url).copy_with(raw_path=b"/")), Anonymous(), self._account)
        try:
            answer = door.send(Request(self.url, "POST", body={"refresh": refresh}), again=False).json()
        except AuthenticationError as error:
            action = "Sign in to BottleCRM anew, and put the refresh token where [source.oauth] refers to."
            raise AuthenticationError(f"no token is given for {self.account}: {error}", code=error.code, action=action) from None
        finally:
            door.close()
        if not isinstance(answer, dict) or not answer.get("access") or not answer.get("refresh"):
            raise SchemaError("the answer to the request for a token holds none", action="Check token_url below [source.oauth].")
        return Token.lasting(answer["access"], None, origin, answer["refresh"])
