"""What the connectors of files rest on: signatures of requests, the order of a listing, paths of folders."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from connectors.drives import Listed, by_path, in_order, listed
from connectors.errors import ConfigurationError, NotFoundError
from connectors.files import is_document
from connectors.http.sigv4 import Signature
from connectors.mapping import documents
from connectors.records import Gone, Landed, Unreadable
from connectors.told_drives import Folders

AT = datetime(2013, 5, 24, tzinfo=UTC)
#: The key of the examples that Amazon publishes with the algorithm.
EXAMPLE = "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def signature(monkeypatch: pytest.MonkeyPatch) -> Signature:
    monkeypatch.setenv("FILES_SECRET", EXAMPLE)
    return Signature("files", "env:FILES_SECRET", now=lambda: AT)


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/test.txt", {"Range": "bytes=0-9"}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("/?lifecycle", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_requests_are_signed_as_in_the_published_examples(signature: Signature, path: str, headers: dict[str, str], expected: str) -> None:
    request = httpx.Request("GET", f"https://examplebucket.s3.amazonaws.com{path}", headers=headers)
    assert signature.sign(request)["Authorization"].endswith(f"Signature={expected}")


def test_a_session_s_token_is_signed_and_sent_and_the_secret_is_not(signature: Signature, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_SECRET", f"{EXAMPLE}:session")
    headers = signature.sign(httpx.Request("GET", "https://examplebucket.s3.amazonaws.com/a b+c"))
    assert headers["x-amz-security-token"] == "session"
    assert "x-amz-security-token" in headers["Authorization"]
    assert "bPxRfiCY" not in str(headers)


def test_half_a_secret_is_refused(signature: Signature, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_SECRET", "only-a-key")
    with pytest.raises(ConfigurationError, match="KEY:SECRET"):
        signature.sign(httpx.Request("GET", "https://examplebucket.s3.amazonaws.com/"))


def files(*paths: str) -> list[Listed]:
    return [listed(path, "1", 1, None) for path in paths]


def test_a_listing_in_order_tells_what_each_page_passes_over() -> None:
    first, second, last = in_order(files("a", "c", "e"), {}, 2)
    assert (first.position, first.gone) == ({"after": "c"}, [Gone("", "c", ["", "a", "c"])])
    assert (second.position, second.gone) == ({"after": "e"}, [Gone("c", "e", ["c", "e"])])
    assert (last.records, last.position, last.gone) == ([], {}, [Gone("e", "\U0010ffff", ["e"])])


def test_folders_are_walked_in_the_order_of_whole_paths_and_only_as_far_as_is_needed() -> None:
    tree = {"": ["b.md", "a/", "a-b.md", "a.md", "ä.md", "Z.md"], "a/": ["a/2.md", "a/1.md"]}
    opened = []

    def below(folder: str, after: str) -> Iterator[Listed]:
        opened.append(folder)
        inside = [(path, None if path.endswith("/") else files(path)[0]) for path in tree[folder]]
        return by_path(inside, lambda path: below(path, after), after)

    whole = [one.key for one in below("", "")]
    assert whole == sorted(whole, key=str.encode) == ["Z.md", "a-b.md", "a.md", "a/1.md", "a/2.md", "b.md", "ä.md"]
    assert [one.key for one in below("", "a/1.md")] == ["a/2.md", "b.md", "ä.md"]
    opened.clear()
    assert [one.key for one in below("", "a/2.md")] == ["b.md", "ä.md"]
    assert [one.key for one in below("", "b.md")] == ["ä.md"]
    assert opened == ["", "a/", ""]


def test_of_what_lies_in_a_folder_that_can_t_be_read_nobody_knows_what_is_gone() -> None:
    found = [*files("a"), Unreadable("b/", "closed"), *files("c", "d"), Unreadable("e/", "closed")]
    first, second, last = in_order(found, {}, 3)
    assert first.gone == [Gone("", "b/", ["", "a", "b/"]), Gone("b/\U0010ffff", "c", ["b/\U0010ffff", "c"])]
    assert (first.unreadable, first.position) == ([Unreadable("b/", "closed")], {"after": "c"})
    assert second.gone == [Gone("c", "e/", ["c", "d", "e/"])]
    assert (last.gone, last.position) == ([Gone("e/\U0010ffff", "\U0010ffff", ["e/\U0010ffff"])], {})
    again, _ = in_order(found[1:], {"after": "b/"}, 9)
    assert again.gone[0] == Gone("b/\U0010ffff", "e/", ["b/\U0010ffff", "c", "d", "e/"])


def test_a_folder_s_path_is_put_together_of_names_that_are_asked_for_once() -> None:
    above = {"x": ("Sub", "y"), "y": ("Top", "root"), "root": ("", ""), "loop": ("L", "loop")}
    asked = []

    def look(key: str) -> tuple[str, str]:
        asked.append(key)
        if key not in above:
            raise NotFoundError("gone")
        return above[key]

    folders = Folders(look)
    assert [folders.path(key) for key in ("x", "y", "root", "", "nowhere")] == ["Top/Sub/", "Top/", "", "", ""]
    assert asked == ["x", "y", "root", "nowhere"]
    above["y"] = ("Other", "root")
    folders.forget("y")
    assert folders.path("x") == "Other/Sub/"
    assert folders.path("loop").startswith("L/L/")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("a/b.pdf", True), (".git/x.md", False), ("a/~$b.docx", False), ("a/.hidden/b.md", False), ("b.tmp", False), ("b~", False)],
)
def test_what_programs_keep_beside_documents_is_none(path: str, wanted: bool) -> None:
    assert is_document(path) is wanted


def test_a_drive_s_file_is_mapped_by_its_path_and_linked() -> None:
    payload = {"path": "notes/Call.md", "version": "1", "size": 9, "media_type": "text/markdown", "url": "https://d.example/1"}
    said = documents.map_record(Landed("d/files/id-1", "d", "files", "id-1", payload, b"# Call\n\n- **Company:** Acme Ltd\n", AT), [])
    (document,) = said.documents
    assert (document.kind, document.title, document.url) == ("note", "Call", "https://d.example/1")
    assert [(one.key, one.attributes["name"]) for one in said.parties] == [("id-1#1", ["Acme Ltd"])]
