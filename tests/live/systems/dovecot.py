"""Dovecot, an IMAP server, over a Maildir that is changed behind its back, with a password that can be changed while it runs.

Debian's package dovecot-imapd has to be installed; nothing of what it brings is used but the program.
"""

import email
import email.policy
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.live.proof import System, unique
from tests.live.systems.company import company
from tests.live.systems.process import free_port, running

USER = "anna"
MAILS = 1000

CONFIG = """
base_dir = {home}/run
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
mail_location = maildir:{home}/mail
maildir_very_dirty_syncs = no
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = {uid}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail
}}
namespace inbox {{
  inbox = yes
  mailbox Spam {{
    special_use = \\Junk
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@contextmanager
def dovecot(*, filled: bool = True) -> Iterator["Dovecot"]:
    """A server that holds the company's mail, or none, until the block is left."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if not program:
        pytest.skip("dovecot is not installed: apt-get install dovecot-imapd")
    with tempfile.TemporaryDirectory(prefix="crosswalk-dovecot-", dir="/tmp") as here:
        system = Dovecot(Path(here), free_port(), free_port())
        if filled:
            system.fill()
        with running([program, "-F", "-c", str(system.home / "dovecot.conf")], system.port, system.home):
            yield system


class Dovecot(System):
    kind, stream, streams = "imap", "messages", ("messages",)

    def __init__(self, home: Path, port: int, tls: int) -> None:
        self.home, self.port, self.tls, self.numbers = home, port, tls, count()
        self.owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.rotate()
        self.certificate = certificate(home)
        self.config = self.home / "dovecot.conf"
        self.config.write_text(CONFIG.format(home=home, port=port, tls=tls, uid=self.owner.pw_uid, gid=self.owner.pw_gid))
        self.home.chmod(0o755)
        for folder in ("mail", "mail/.Archive", "mail/.Spam"):
            for part in ("", "cur", "new", "tmp"):
                (home / folder / part).mkdir(exist_ok=True)
                os.chown(home / folder / part, self.owner.pw_uid, self.owner.pw_gid)

    def fill(self) -> None:
        """The company's mails, some of them in two folders."""
        mails = [path.read_bytes() for path in sorted(company().maildir.rglob("*")) if path.is_file()]
        for number in range(max(MAILS - len(mails), 0)):
            mails.append(mail(f"{number}@filler.example", f"Filler {number}"))
        for number, content in enumerate(mails):
            self.deliver(content, folder=".Archive" if number % 3 == 0 else "")
            if number % 100 == 0:
                self.deliver(content, folder=".Archive" if number % 3 else "")

    def deliver(self, content: bytes, folder: str = "") -> None:
        """Into the Maildir, as a delivery agent does."""
        (self.home / "made").write_bytes(content)
        self.take(self.home / "made", folder)

    def take(self, made: Path, folder: str = "") -> None:
        """A file becomes a mail of the folder."""
        os.chown(made, self.owner.pw_uid, self.owner.pw_gid)
        made.rename(self.home / "mail" / folder / "cur" / f"{time.time_ns()}.{next(self.numbers)}.live:2,")

    def toml(self, page: int, per_second: float) -> str:
        return (
            f'host = "127.0.0.1"\nport = {self.port}\nsecurity = "none"\nuser = "{USER}"\n'
            f"page_size = {page}\nrequests_per_second = {per_second}"
        )

    def secret(self) -> str:
        return (self.home / "users").read_text().partition(":")[2].strip()

    def files(self) -> list[Path]:
        return sorted(path for path in (self.home / "mail").glob("**/cur/*") if ".Spam" not in path.parts)

    def truth(self) -> Mapping[str, str]:
        """By the Maildir itself."""
        return dict(known(path.read_bytes()) for path in self.files())

    def create(self, name: str) -> str:
        key = f"{unique('new').replace(' ', '.')}@live.example"
        self.deliver(mail(key, name))
        return key

    def update(self, key: str, name: str) -> None:
        """A mail is never changed: there is another in its place."""
        self.delete(key)
        self.deliver(mail(key, name))

    def delete(self, key: str) -> None:
        for path in self.files():
            if known(path.read_bytes())[0] == key:
                path.unlink()

    def expire(self) -> None:
        self._password("nobody knows")

    def rotate(self) -> None:
        self._password(unique("conformance-secret").replace(" ", "-"))

    def renumber(self) -> None:
        """UIDVALIDITY changes where Dovecot has lost its list of numbers."""
        self.kick()
        for path in (self.home / "mail").glob("**/dovecot*"):
            if "uidlist" in path.name or "index" in path.name or "uidvalidity" in path.name:
                path.unlink()

    def kick(self) -> None:
        """End the sessions that are logged in: a password is asked for once a session."""
        subprocess.run(["doveadm", "-c", str(self.config), "kick", USER], check=False, capture_output=True)

    def _password(self, password: str) -> None:
        (self.home / "users").write_text(f"{USER}:{password}\n")
        (self.home / "users").chmod(0o644)
        if (self.home / "run").exists():
            time.sleep(1.1)  # Dovecot looks at the file once a second
            self.kick()

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return known(body or b"")[1]

    def key_of(self, key: str) -> str:
        return key.partition("#")[0]


def certificate(home: Path) -> Path:
    """One for this machine that nobody else vouches for; its key lies beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "live")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (home / "key.pem").write_bytes(private)
    (home / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return home / "cert.pem"


def mail(key: str, subject: str) -> bytes:
    head = (
        f"From: Anna Berg <anna@customer.example>\r\nTo: us@ours.example\r\nSubject: {subject}\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n"
    )
    return f"{head}Message-ID: <{key}>\r\n\r\nHello.\r\n".encode()


def known(content: bytes) -> tuple[str, str]:
    """(Message-ID, subject) of a mail, by the language's own reader; one without an id is known by its bytes on the wire."""
    found = email.message_from_bytes(content, policy=email.policy.default)
    digest = hashlib.sha256(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")).hexdigest()
    return str(found["Message-ID"] or f"sha256:{digest}").strip("<> "), str(found["Subject"])
