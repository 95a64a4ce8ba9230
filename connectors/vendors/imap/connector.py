"""Any IMAP server: the mails of its folders, each once however many folders hold it.

A mail's number is good for one folder while its UIDVALIDITY stands; when that changes the folder is read anew. What was deleted is told by
QRESYNC (RFC 7162) where the server has it; else the folder's numbers are compared, if it holds fewer mails than were read. Reading changes
nothing: no mail is marked as seen. Drafts, spam and waste are left out. A folder that may not be read stops no other: it is
quarantined, and what landed of it stays.
Source: RFC 3501, RFC 5530 (response codes), RFC 6154 (special folders), RFC 7162.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

from connectors.account.shared import Rate, Shared
from connectors.connector import Connector, Declaration, Options, Stream
from connectors.errors import NotFoundError, PermissionDeniedError
from connectors.files import why_closed
from connectors.http.authentication import Key
from connectors.mapping import mails
from connectors.mapping.staged import Mapped
from connectors.records import Gone, Landed, Page, Position, Raw, Unreadable
from connectors.vendors.imap import protocol
from connectors.vendors.imap.connection import Server
from connectors.vendors.imap.folder import Folder
from connectors.vendors.imap.session import MailServer

UNWANTED = frozenset({"\\junk", "\\trash", "\\drafts", "\\noselect", "\\nonexistent"})
#: Where a server does not tell what its folders are for.
UNWANTED_NAMES = frozenset(
    {"spam", "junk", "junk e-mail", "trash", "deleted items", "deleted messages", "drafts", "bin", "papierkorb", "entwürfe"}
)


class ImapOptions(Options):
    """folders, but_not: names, `*` standing for any letters; without `folders` all but drafts, spam and waste."""

    host: str
    user: str
    port: int = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    login: Literal["password", "xoauth2"] = "password"
    folders: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()
    page_size: int = 200
    requests_per_second: float = 20.0


class Imap(Connector):
    kind = "imap"
    Options = ImapOptions
    derived_stream = "addresses"

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        said, rate = self.options, self.options.requests_per_second
        server = Server(said.host, said.port, said.security, said.user, said.login == "xoauth2")
        authentication = self.oauth() or Key(declaration.name, declaration.secret)
        self.server = self.door = MailServer(server, authentication, self.account(Rate(rate, max(1, int(rate)))))

    def check(self) -> str:
        return f"{self.options.host} holds {len(self._folders())} folders to read"

    def streams(self) -> Sequence[Stream]:
        return [Stream("messages")]

    def map(self, record: Landed) -> Mapped:
        return mails.map_record(record, self.declaration.own_domains)

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"folders": {name: {"validity", "next", "held", "modseq", "closed"}}}; held: how many mails lie below `next`; closed:
        it was not to be read. PermissionDeniedError where no folder is."""
        del stream
        read: dict[str, Any] = dict((position or {}).get("folders", {}))
        there, closed = self._folders(), list[PermissionDeniedError]()
        for name in [name for name in read if name not in there]:
            del read[name]
            yield Page([], {"folders": dict(read)}, gone=[Gone.under(f"{name}\t")])
        for name in there:
            state = dict(read.get(name, {}))
            try:
                folder = self._opened(name)
            except NotFoundError:
                continue  # it went since it was listed
            except PermissionDeniedError as error:
                read[name] = {**state, "closed": True}
                closed.append(error)
                yield Page([], {"folders": dict(read)}, [Unreadable(f"{name}\t", why_closed(error))])
                continue
            opened = [Gone(f"{name}\t")] if state.pop("closed", False) else []
            for page, reached in folder.pages(state):
                read[name] = reached
                yield Page(page.records, {"folders": dict(read)}, page.unreadable, [*opened, *page.gone])
                opened = []
        if closed and len(closed) == len(there):
            raise closed[0]

    def _folders(self) -> list[str]:
        lines = self.server.ask("LIST", lambda session: session.list())
        listed = [one for line in lines if isinstance(line, bytes | tuple) and (one := protocol.listed(line))]
        return sorted(one.name for one in listed if self._wanted(one))

    def _opened(self, name: str) -> Folder:
        return Folder(self.server, name, self.server.open(name), self.options.page_size)

    def _wanted(self, folder: protocol.Listed) -> bool:
        if any(fnmatchcase(folder.name, form) for form in self.options.but_not) or {"\\noselect", "\\nonexistent"} & folder.flags:
            return False
        if self.options.folders:
            return any(fnmatchcase(folder.name, form) for form in self.options.folders)
        return not UNWANTED & folder.flags and folder.name.replace(".", "/").rpartition("/")[2].lower() not in UNWANTED_NAMES

    def fetch(self, stream: str, key: str) -> Raw | None:
        """The mail, out of the first folder that has it, or of where it lies; one without a Message-ID can't be asked for but so."""
        del stream
        if key.count("\t") == 2:
            return self._lying(*key.split("\t"))
        if not key.isascii() or not key.isprintable():
            return None
        wanted = protocol.quoted(f"<{mails.message_id_of(key)}>")
        for name in self._folders():
            try:
                folder = self._opened(name)
            except (NotFoundError, PermissionDeniedError):
                continue
            said = self.server.ask("UID SEARCH", lambda session: session.uid("SEARCH", "HEADER", "Message-ID", wanted), name)
            for uid in said[0].split() if said and said[0] else ():
                for record in folder.page(folder.fetch(uid.decode(), "(UID RFC822.SIZE)")).records:
                    if key in (record.key, record.rival):
                        return record
        return None

    def _lying(self, name: str, validity: str, uid: str) -> Raw | None:
        folder = self._opened(name)
        found = folder.fetch(str(int(uid)), "(UID RFC822.SIZE)") if folder.now.validity == int(validity) else []
        return next(iter(folder.page(found).records), None)
