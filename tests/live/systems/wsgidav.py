"""WsgiDAV, a WebDAV server, over a folder, with a password that can be changed while it runs."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.live.proof import System, unique
from tests.live.systems.environment import environment
from tests.live.systems.papers import beginning, papers
from tests.live.systems.process import free_port, running

PACKAGES = ("wsgidav>=4.3,<5", "cheroot>=10,<12")
USER = "anna"

#: Run by the server's own Python: folder, port, and the file that holds the password.
SERVER = """
import sys
from pathlib import Path
from cheroot import wsgi
from wsgidav.dc.base_dc import BaseDomainController
from wsgidav.wsgidav_app import WsgiDAVApp

folder, port, password = sys.argv[1:]

class FromFile(BaseDomainController):
    def get_domain_realm(self, path_info, environ):
        return "live"
    def require_authentication(self, realm, environ):
        return True
    def basic_auth_user(self, realm, user_name, given, environ):
        return user_name == "anna" and given == Path(password).read_text()
    def supports_http_digest_auth(self):
        return False

app = WsgiDAVApp({
    "provider_mapping": {"/": folder},
    "http_authenticator": {"domain_controller": FromFile, "accept_basic": True, "accept_digest": False, "default_to_digest": False},
    "logging": {"enable": False},
    "verbose": 0,
})
wsgi.Server(("127.0.0.1", int(port)), app, numthreads=4).start()
"""


@contextmanager
def wsgidav() -> Iterator["WsgiDav"]:
    """A server that holds the papers, until the block is left."""
    python = environment("wsgidav", PACKAGES) / "python"
    with tempfile.TemporaryDirectory(prefix="crosswalk-wsgidav-") as here:
        home, port = Path(here), free_port()
        (home / "password").write_text(unique("conformance-secret"))
        for path, content in papers().items():
            (home / "files" / path).parent.mkdir(parents=True, exist_ok=True)
            (home / "files" / path).write_bytes(content)
        with running([str(python), "-c", SERVER, str(home / "files"), str(port), str(home / "password")], port, home):
            yield WsgiDav(f"http://127.0.0.1:{port}", home)


class WsgiDav(System):
    kind, stream, streams = "webdav", "files", ("files",)

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home = url, home

    def toml(self, page: int, per_second: float) -> str:
        """A page costs a request for each of its files."""
        return f'url = "{self.url}/"\nuser = "{USER}"\npage_size = {page}\nrequests_per_second = {per_second * page}'

    def secret(self) -> str:
        return (self.home / "password").read_text()

    def truth(self) -> Mapping[str, str]:
        """By the folder itself."""
        root = self.home / "files"
        return {str(path.relative_to(root)): beginning(path.read_bytes()) for path in root.rglob("*") if path.is_file()}

    def create(self, name: str) -> str:
        path = f"new/{unique('file')} + ü.md"
        self._asked("MKCOL", "new")
        self.update(path, name)
        return path

    def update(self, key: str, name: str) -> None:
        assert self._asked("PUT", key, name.encode()).is_success

    def delete(self, key: str) -> None:
        assert self._asked("DELETE", key).is_success

    def expire(self) -> None:
        (self.home / "password").write_text("nobody knows")

    def rotate(self) -> None:
        (self.home / "password").write_text(unique("conformance-secret"))

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return beginning(body)

    def _asked(self, method: str, path: str, content: bytes = b"") -> httpx.Response:
        return httpx.request(method, f"{self.url}/{quote(path)}", content=content, auth=(USER, self.secret()))
