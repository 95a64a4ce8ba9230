"""What is particular to files that lie elsewhere: what is got again and what not, what is gone, and what a server may say to mislead."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import docx
import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors import files
from connectors.drives import Drive
from connectors.errors import PermissionDeniedError, SchemaError
from connectors.http import door
from connectors.landing import gathering
from connectors.landing.run import StreamReport
from connectors.landing.sync import open_connector, sync_stream
from connectors.sources import SourceDeclaration
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import landing, staging
from tests.integration.conformance.world import HttpWorld
from tests.integration.conformance.worlds.google_drive import GoogleDriveWorld
from tests.integration.conformance.worlds.s3 import S3World
from tests.integration.conformance.worlds.sharepoint import CODES, SharePointWorld
from tests.integration.conformance.worlds.webdav import WebDavWorld

Served = Callable[[type[HttpWorld]], AbstractContextManager[tuple[Any, SourceDeclaration]]]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    @contextmanager
    def start(kind: type[HttpWorld]) -> Iterator[tuple[Any, SourceDeclaration]]:
        world = kind(tmp_path)
        monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
        with world.serve():
            yield world, world.declaration("files")

    return start


def living(database: Database) -> dict[str, Any]:
    columns = landing.record.c
    with database.begin() as connection:
        return {
            row.key: row.payload for row in connection.execute(select(columns.key, columns.payload).where(columns.deleted_at.is_(None)))
        }


def got(world: HttpWorld) -> int:
    """How many contents were asked for since the last time."""
    count = sum(
        one.startswith("GET ") and (".md?" in one or "/content/" in one or "alt=media" in one or "export" in one) for one in world.seen
    )
    world.seen.clear()
    return count


@pytest.mark.parametrize("kind", [S3World, WebDavWorld])
def test_only_what_changed_is_got_again(served: Served, kind: type[HttpWorld], database: Database) -> None:
    with served(kind) as (world, source):
        world.shelf.fill(9)
        sync_stream(database, source, "files")
        assert got(world) == 9
        world.shelf.put("4", "Changed")
        assert sync_stream(database, source, "files").counts.fetched == 1
        assert got(world) == 1
        world.shelf.items["5"].poison = True
        assert sync_stream(database, source, "files").counts.quarantined == 0
        assert len(living(database)) == 9


@pytest.mark.parametrize("kind", [S3World, WebDavWorld])
def test_a_folder_that_is_gone_takes_all_that_was_in_it(served: Served, kind: type[HttpWorld], database: Database) -> None:
    with served(kind) as (world, source):
        world.shelf.fill(6, start=1)
        world.shelf.fill(6, start=1001)
        world.shelf.fill(6, start=2001)
        sync_stream(database, source, "files")
        for number in (*range(1, 4), *range(1001, 1007)):
            world.shelf.remove(str(number))
        assert sync_stream(database, source, "files").counts.tombstoned == 9
        assert {world.key_of(key) for key in living(database)} == {"4", "5", "6", *map(str, range(2001, 2007))}


@pytest.mark.parametrize("kind", [S3World, WebDavWorld])
def test_what_changes_while_it_is_read_is_left_for_the_next_sync(served: Served, kind: type[HttpWorld], database: Database) -> None:
    with served(kind) as (world, source):
        world.shelf.fill(3)

        def change(request: Request, number: int) -> None:
            if request.url.path.endswith("2.md") and world.shelf.items["2"].name == "Name 2":
                world.shelf.put("2", "Changed")

        world.trouble = change
        assert sync_stream(database, source, "files").counts.written == 2
        assert sync_stream(database, source, "files").counts.written == 1


@pytest.mark.parametrize("kind", [S3World, WebDavWorld, SharePointWorld, GoogleDriveWorld])
def test_a_page_is_bounded_by_its_bytes(served: Served, kind: type[HttpWorld], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PAGE_BYTES", 700)
    with served(kind) as (world, source):
        world.shelf.fill(4)
        connector = open_connector(source)
        try:
            sizes = [sum(len(one.body or b"") for one in page.records) for page in connector.pull("files", None)]
        finally:
            connector.close()
        assert sum(sizes) > 1200
        assert max(sizes) < 1100


@pytest.mark.parametrize("kind", [S3World, WebDavWorld])
def test_a_listing_with_a_document_type_is_refused(served: Served, kind: type[HttpWorld], database: Database) -> None:
    with served(kind) as (world, source):
        bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
        world.trouble = lambda request, number: Response(bomb, 207, media_type="application/xml")
        with pytest.raises(SchemaError, match="document type"):
            sync_stream(database, source, "files")


def test_a_listing_cut_off_is_asked_for_again(served: Served, database: Database) -> None:
    with served(WebDavWorld) as (world, source):
        world.shelf.fill(2)
        world.trouble = lambda request, number: Response("<D:multistatus", 207) if number == 0 else None
        assert sync_stream(database, source, "files").counts.written == 2


def test_nothing_outside_the_folder_is_followed(served: Served, database: Database) -> None:
    with served(WebDavWorld) as (world, source):
        world.shelf.fill(1)
        elsewhere = "".join(
            f"<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:resourcetype>{kind}</D:resourcetype></D:prop>"
            "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
            for href, kind in (
                ("/dav/all/", "<D:collection/>"),
                ("/dav/", "<D:collection/>"),
                ("/etc/passwd.md", ""),
                ("http://other.example/dav/all/", "<D:collection/>"),
            )
        )
        body = f'<D:multistatus xmlns:D="DAV:">{elsewhere}</D:multistatus>'
        world.trouble = lambda request, number: Response(body, 207, media_type="application/xml")
        assert sync_stream(database, source, "files").counts.fetched == 0
        assert [one for one in world.seen if not one.startswith("PROPFIND /dav/all/")] == []


@pytest.mark.parametrize("how", ["refused when it is opened", "told as refused"])
def test_a_folder_that_may_not_be_read_stops_nothing_and_takes_nothing_along(served: Served, database: Database, how: str) -> None:
    with served(WebDavWorld) as (world, source):
        for start in (1, 1001, 2001):
            world.shelf.fill(3, start=start)
        sync_stream(database, source, "files")
        for key in ("2", "1002", "2002"):
            world.shelf.remove(key)
        world.shelf.put("2003", "Changed")

        def refuse(request: Request, number: int) -> Response | None:
            if how == "told as refused" and request.url.path == "/dav/all/":
                inside = [world._folder(""), world._folder("folder 000/"), world._folder("folder 002/")]
                refused = "<D:response><D:href>/dav/all/folder%20001/</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>"
                return Response(f'<D:multistatus xmlns:D="DAV:">{"".join(inside)}{refused}</D:multistatus>', 207)
            return world.refused(403) if request.method == "PROPFIND" and "folder 001" in request.url.path else None

        world.trouble = refuse
        counts = sync_stream(database, source, "files").counts
        assert (counts.written, counts.tombstoned, counts.quarantined) == (1, 2, 1)
        assert {world.key_of(key) for key in living(database)} == {*world.shelf.truth(), "1002"}
        with database.begin() as connection:
            (row,) = connection.execute(select(landing.quarantine)).all()
        assert (row.key, "can't be read" in row.reason, "403" in row.reason, row.resolved_at) == ("folder 001/", True, True, None)
        assert sync_stream(database, source, "files").counts.tombstoned == 0
        world.trouble = lambda request, number: None
        assert sync_stream(database, source, "files").counts.tombstoned == 1
        with database.begin() as connection:
            assert connection.execute(select(landing.quarantine.c.resolved_at)).scalar_one() is not None


def test_a_folder_that_may_not_be_read_at_all_is_an_error(served: Served, database: Database) -> None:
    with served(WebDavWorld) as (world, source):
        world.shelf.fill(3)
        sync_stream(database, source, "files")
        world.trouble = lambda request, number: world.refused(403)
        with pytest.raises(PermissionDeniedError):
            sync_stream(database, source, "files")
        assert len(living(database)) == 3


def test_a_server_that_names_the_folder_otherwise_is_refused_before_all_seems_gone(served: Served, database: Database) -> None:
    with served(WebDavWorld) as (world, source):
        world.shelf.fill(3)
        sync_stream(database, source, "files")
        body = (
            '<D:multistatus xmlns:D="DAV:"><D:response><D:href>/behind/a/proxy/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>'
            "</D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
        )
        world.trouble = lambda request, number: Response(body, 207)
        with pytest.raises(SchemaError, match="the folder itself"):
            sync_stream(database, source, "files")
        assert len(living(database)) == 3


def test_no_log_shows_the_address_of_a_content_that_lets_in_whoever_knows_it(served: Served, database: Database) -> None:
    with served(SharePointWorld) as (world, source):
        world.shelf.fill(1)
        sync_stream(database, source, "files")
        with database.begin() as connection:
            paths = set(connection.execute(select(landing.access_log.c.path)).scalars())
        assert "127.0.0.1/..." in paths
        assert not any("/content/" in path for path in paths)


@pytest.mark.parametrize("kind", [S3World, WebDavWorld, SharePointWorld, GoogleDriveWorld])
def test_a_content_larger_than_it_was_listed_is_quarantined(
    served: Served, kind: type[HttpWorld], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MAX_ANSWER", 20_000)
    with served(kind) as (world, source):
        world.shelf.fill(3)
        endless = ("/content/2", "/drive/v3/files/2")

        def swell(request: Request, number: int) -> Response | None:
            asked = request.url.path in endless or request.url.path.endswith("000002.md")
            return Response(b"x" * 30_000) if asked and request.method == "GET" and "fields" not in request.query_params else None

        world.trouble = swell
        counts = sync_stream(database, source, "files").counts
        assert (counts.written, counts.quarantined) == (2, 1)
        with database.begin() as connection:
            assert "larger than" in connection.execute(select(landing.quarantine.c.reason)).scalar_one()


@pytest.mark.parametrize("code", ["resyncChangesApplyDifferences", "resyncApplyDifferences", "syncStateNotFound"])
def test_after_a_token_too_old_all_is_read_again_and_what_is_gone_is_found(
    served: Served, database: Database, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setitem(CODES, 410, code)
    with served(SharePointWorld) as (world, source):
        world.shelf.fill(9)
        sync_stream(database, source, "files")
        world.shelf.remove("3")
        world.shelf.put("4", "Changed")
        world.oldest = world.shelf.changes
        report = sync_stream(database, source, "files")
        assert (report.counts.written, report.counts.tombstoned) == (1, 1)
        assert "item-3" not in living(database)
        got(world)
        sync_stream(database, source, "files")
        assert got(world) == 0


def test_an_address_for_a_content_that_has_ended_is_asked_for_anew(served: Served, database: Database) -> None:
    with served(SharePointWorld) as (world, source):
        world.shelf.fill(2)
        asked: list[str] = []

        def end(request: Request, number: int) -> Response | None:
            asked.append(request.url.path)
            return world.refused(401) if request.url.path == "/content/1" and not any("items/item-1" in one for one in asked) else None

        world.trouble = end
        assert sync_stream(database, source, "files").counts.written == 2


def test_a_file_is_known_by_its_id_and_shown_by_its_path(served: Served, database: Database) -> None:
    with served(SharePointWorld) as (world, source):
        world.shelf.fill(1)
        sync_stream(database, source, "files")
        map_pending(database, [source])
        assert living(database)["item-1"]["path"] == "folder 000/Grüße+000001.md"
        with database.begin() as connection:
            document = connection.execute(select(staging.document)).one()
        assert (document.title, document.url) == ("Grüße+000001.md", "https://example.sharepoint.com/Gr%C3%BC%C3%9Fe%2B000001.md")


@pytest.mark.parametrize("kind", [SharePointWorld, GoogleDriveWorld])
def test_what_lies_in_a_folder_that_was_renamed_gets_its_new_path(served: Served, kind: type[HttpWorld], database: Database) -> None:
    with served(kind) as (world, source):
        world.shelf.fill(9)
        world.shelf.fill(3, start=1001)
        sync_stream(database, source, "files")
        got(world)
        world.rename("folder 000", "Verträge")
        assert sync_stream(database, source, "files").counts.written == 9
        assert got(world) == 9
        paths = sorted(one["path"] for one in living(database).values())
        assert paths == [f"Verträge/Grüße+{number:06}.md" for number in range(1, 10)] + [
            f"folder 001/Grüße+{number:06}.md" for number in range(1001, 1004)
        ]
        world.shelf.put("2", "Changed")
        assert sync_stream(database, source, "files").counts.written == 1
        assert got(world) == 1


@pytest.mark.parametrize("kind", [SharePointWorld, GoogleDriveWorld])
def test_a_sync_that_is_killed_among_files_of_a_renamed_folder_leaves_none_with_its_former_path(
    served: Served, kind: type[HttpWorld], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "ROWS", 1)
    with served(kind) as (world, source):
        world.shelf.fill(9)
        sync_stream(database, source, "files")
        world.rename("folder 000", "Verträge")

        def die(report: StreamReport) -> None:
            if report.counts.written:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sync_stream(database, source, "files", die)
        held = {one["path"].partition("/")[0] for one in living(database).values()}
        assert held == {"folder 000", "Verträge"}
        sync_stream(database, source, "files")
        assert {one["path"].partition("/")[0] for one in living(database).values()} == {"Verträge"}


def native(world: GoogleDriveWorld, **more: Any) -> dict[str, Any]:
    kind = "application/vnd.google-apps.document"
    return {"id": "doc", "name": "Vertrag", "mimeType": kind, "version": "7", "parents": ["folder 001"], "trashed": False, **more}


def test_google_s_own_documents_are_exported_and_what_is_trashed_is_gone(served: Served, database: Database) -> None:
    made, raw = docx.Document(), io.BytesIO()
    made.add_paragraph("between us and them")
    made.save(raw)
    with served(GoogleDriveWorld) as (world, source):

        def answer(request: Request, number: int) -> Response | None:
            if request.url.path == "/drive/v3/files":
                form = {"id": "form", "name": "F", "mimeType": "application/vnd.google-apps.form"}
                return JSONResponse({"files": [native(world), form]})
            if request.url.path == "/drive/v3/files/doc/export":
                return Response(raw.getvalue())
            if request.url.path == "/drive/v3/changes" and world.shelf.changes:
                return JSONResponse({"changes": [{"fileId": "doc", "file": native(world, trashed=True)}], "newStartPageToken": "9"})
            return None

        world.trouble = answer
        sync_stream(database, source, "files")
        map_pending(database, [source])
        with database.begin() as connection:
            assert connection.execute(select(staging.document.c.text)).scalar_one() == "between us and them"
        assert living(database)["doc"]["path"] == "folder 001/Vertrag.docx"
        world.shelf.put("1", "Another")
        assert sync_stream(database, source, "files").counts.tombstoned == 1


def test_a_page_token_that_is_no_longer_known_begins_the_whole_again(served: Served) -> None:
    with served(GoogleDriveWorld) as (world, source):
        world.shelf.fill(6)
        connector = open_connector(source)
        assert isinstance(connector, Drive)
        try:
            world.trouble = lambda request, number: world.refused(400) if request.query_params.get("pageToken") == "99" else None
            found = [one.key for page in connector.pull("files", {"token": "0", "whole": "99"}) for one in page.records]
        finally:
            connector.close()
        assert found == ["1", "2", "3", "4", "5", "6"]


def test_a_content_cut_off_on_the_way_is_asked_for_again(served: Served, database: Database) -> None:
    with served(GoogleDriveWorld) as (world, source):
        world.shelf.fill(2)
        faults = ["torn", "torn"]
        world.trouble = lambda request, number: Response(faults.pop()) if "alt=media" in str(request.url) and faults else None
        assert sync_stream(database, source, "files").counts.written == 2
        assert {row["size"] for row in living(database).values()} != {4}


def test_what_a_vendor_leaves_out_of_a_listing_stops_nothing(served: Served, database: Database) -> None:
    with served(SharePointWorld) as (world, source):
        odd = [
            {"id": "a", "file": {}, "name": "a.dwg", "lastModifiedDateTime": "never", "size": None},
            {"name": "no id"},
            {"id": "b", "package": {"type": "oneNote"}, "name": "Notebook"},
            {"id": "c", "file": {}, "malware": {}, "name": "c.docx"},
            {"id": "d", "file": {}, "name": "x" * 1200 + ".md"},
        ]
        answer = {"value": odd, "@odata.deltaLink": f"{world.url}/v1.0/drives/b!1/root/delta?token=since.0"}
        world.trouble = lambda request, number: (
            JSONResponse(answer)
            if "delta" in request.url.path
            else JSONResponse({"id": "a", "root": {}})
            if "items" in request.url.path
            else None
        )
        counts = sync_stream(database, source, "files").counts
        assert (counts.written, counts.quarantined) == (1, 3)
