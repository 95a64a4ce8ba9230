"""Dovecot as it runs: what every system is shown to do, and what is particular to mail."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from connectors import sources
from connectors.check import check
from sql.database import Database
from sql.tables import landing
from tests.live.proof import Proof, Synced, unique
from tests.live.systems.dovecot import Dovecot, dovecot


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as system:
        yield system


class TestImap(Proof):
    @pytest.fixture
    def system(self, running: Dovecot) -> Dovecot:
        return running

    def test_mails_that_are_numbered_anew_are_the_same_mails(self, system: Dovecot, database: Database) -> None:
        synced = Synced(system, database)
        synced.sync()
        before = validity(database)
        system.renumber()
        report = synced.sync()
        assert validity(database) != before
        assert (report.counts.written, report.counts.tombstoned) == (0, 0)
        assert synced.landed() == system.truth()

    def test_flags_and_filing_change_nothing(self, system: Dovecot, database: Database) -> None:
        synced = Synced(system, database)
        key = system.create(unique("Filed"))
        synced.sync()
        for path in system.files()[:20]:
            path.rename(path.with_name(path.name.partition(":")[0] + ":2,FS"))
        (last,) = [path for path in system.files() if f"<{key}>".encode() in path.read_bytes()]
        last.rename(system.home / "mail" / ".Archive" / "cur" / last.name)
        report = synced.sync()
        assert (report.counts.written, report.counts.tombstoned) == (0, 0)
        assert synced.landed() == system.truth()

    def test_a_mail_is_gone_once_it_is_in_no_folder(self, system: Dovecot, database: Database) -> None:
        synced, content = Synced(system, database), system.files()[0].read_bytes()
        key = system.create(unique("Twice"))
        (there,) = [path for path in system.files() if f"<{key}>".encode() in path.read_bytes()]
        content = there.read_bytes()
        system.deliver(content, folder=".Archive")
        synced.sync()
        there.unlink()
        assert synced.sync().counts.tombstoned == 0
        system.delete(key)
        assert synced.sync().counts.tombstoned == 1

    def test_spam_is_not_read(self, system: Dovecot, database: Database) -> None:
        synced = Synced(system, database)
        synced.sync()
        system.deliver(b"Message-ID: <spam@live.example>\r\nSubject: Buy\r\n\r\nnow\r\n", folder=".Spam")
        assert synced.sync().counts.written == 0

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_over_tls_a_certificate_has_to_be_vouched_for(self, system: Dovecot, security: str, monkeypatch: pytest.MonkeyPatch) -> None:
        system.tell()
        port = system.tls if security == "tls" else system.port
        said = f'[[source]]\nname = "mail"\nkind = "imap"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\n'
        (declaration,) = sources.parse(f'{said}user = "anna"\nsecret = "env:{system.variable()}"\n')
        found = check(declaration)
        assert not found.ok
        assert "certificate" in str(found)
        monkeypatch.setenv("SSL_CERT_FILE", str(system.certificate))
        assert check(declaration).ok


def validity(database: Database) -> list[int]:
    """The UIDVALIDITY of each folder, as the position holds it."""
    with database.begin() as connection:
        position = connection.execute(select(landing.cursor.c.position)).scalar_one()
    return [folder["validity"] for folder in position["folders"].values()]
