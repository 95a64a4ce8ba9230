"""A sandbox built on disk and served on loopback: real files, real HTTP, no database."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import docx
import httpx
import pytest
from pypdf import PdfReader

from crosswalk.sandbox import Faults, Limits, Sandbox, SandboxError, Urls, build, serve
from crosswalk.sandbox.faults import RateLimit

FREE = Limits(100_000, 100_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One default sandbox for the module; a test that changes it reads it anew."""
    folder = tmp_path_factory.mktemp("sandbox")
    build(folder)
    return folder


@pytest.fixture
def sandbox(folder: Path) -> Sandbox:
    return build(folder)


@pytest.fixture
def urls(sandbox: Sandbox) -> Iterator[Urls]:
    with serve(sandbox, limits=FREE) as urls:
        yield urls


@pytest.fixture
def crm(urls: Urls) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=urls.hubspot, headers={"Authorization": f"Bearer {urls.hubspot_token}"}) as client:
        yield client


@pytest.fixture
def erp(urls: Urls) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{urls.odoo}/json/2", headers={"Authorization": f"bearer {urls.odoo_key}"}) as client:
        yield client


def digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)).hexdigest()


def listed(crm: httpx.Client, kind: str, **query: object) -> list[dict]:
    found, after = [], {}
    while True:
        page = crm.get(f"/crm/v3/objects/{kind}", params={"limit": 100, **query, **after}).json()
        found += page["results"]
        if "paging" not in page:
            return found
        after = {"after": page["paging"]["next"]["after"]}


def test_the_same_seed_writes_the_same_bytes_and_a_half_written_folder_is_built_anew(tmp_path):
    build(tmp_path / "a", seed=5, organizations=25)
    build(tmp_path / "b", seed=5, organizations=25)
    whole = digest(tmp_path / "a")
    assert whole == digest(tmp_path / "b")
    next((tmp_path / "b" / "documents").rglob("*.md")).unlink()
    build(tmp_path / "b", seed=5, organizations=25)
    assert digest(tmp_path / "b") == whole
    build(tmp_path / "b", seed=6, organizations=25)
    assert digest(tmp_path / "b") != whole


def test_building_again_writes_nothing(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    build(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_folder_of_somebody_else_s_mail_is_left_alone(tmp_path):
    (tmp_path / "maildir").mkdir()
    with pytest.raises(SandboxError, match="not made by a sandbox"):
        build(tmp_path)


def test_the_default_sandbox_is_as_large_and_as_hard_as_it_says(sandbox):
    assert 380 <= len(sandbox.crm.companies) <= 450
    assert 1300 <= len(sandbox.crm.contacts) <= 1700
    assert 700 <= len(sandbox.erp.models["res.partner"]) <= 1100
    assert 1200 <= len([path for path in sandbox.maildir.rglob("*") if path.is_file()]) <= 1900
    assert 250 <= len([path for path in sandbox.documents.rglob("*") if path.is_file()]) <= 400
    wanted = {
        "names_trading", "names_legal", "names_abbreviated", "names_former", "names_typo", "branches", "subsidiaries", "homonym_companies",
        "near_homonym_companies", "people_of_the_same_name", "people_of_the_same_name_in_one_company", "nicknames", "typos",
        "people_with_several_addresses", "changed_employers", "stale_employers", "contacts_behind_shared_mailboxes",
        "people_writing_from_shared_mailboxes", "contacts_on_switchboards", "switchboards_shared_by_companies",
        "only_a_vat_number_in_common",
        "branches_with_their_heads_vat", "conflicting_phones", "stale_addresses", "missing_keys", "erp_keys_in_crm",
        "keys_of_deleted_customers", "duplicates_in_crm", "duplicates_in_erp", "function_contacts_in_erp", "archived",
    }  # fmt: skip
    assert {name for name in wanted if sandbox.hardness.get(name, 0) < 1} == set()


def test_every_question_names_records_that_are_there(sandbox):
    assert len(sandbox.questions) >= 20
    known = {f"crm/{kind}/{key}" for kind in ("companies", "contacts", "deals", "tickets") for key in getattr(sandbox.crm, kind)}
    streams = {"orders": "sale.order", "invoices": "account.move", "payments": "account.payment"}
    known |= {f"erp/{stream}/{key}" for stream, model in streams.items() for key in sandbox.erp.models[model]}
    known |= {f"documents/files/{path.relative_to(sandbox.documents).as_posix()}" for path in sandbox.documents.rglob("*.*")}
    for path in sandbox.maildir.rglob("*sandbox*"):
        line = next(line for line in path.read_bytes().splitlines() if line.startswith(b"Message-ID: "))
        known.add(f"mail/messages/{line[13:-1].decode()}")
    assert [question for question in sandbox.questions if not {question.subject, *question.evidence} <= known] == []


def test_every_contract_names_its_parties_in_the_order_of_the_truth(sandbox):
    """The text of every contract holds as many roles as parties are known, and our own name once."""
    paths = sorted({ref.split("#")[0].removeprefix("documents/parties/") for ref in sandbox.truth if ref.startswith("documents/parties/")})
    for path in paths[::9]:
        file = sandbox.documents / path
        if path.endswith(".pdf"):
            text = " ".join(page.extract_text() for page in PdfReader(file).pages)
        elif path.endswith(".docx"):
            text = " ".join(paragraph.text for paragraph in docx.Document(str(file)).paragraphs)
        else:
            text = file.read_text()
        preamble = " ".join(text.split()).split("is entered into", 1)[1].split("1. Subject")[0]
        named = preamble.split('")')[:-1]
        ours = [place for place, one in enumerate(named, 1) if "Northwind Instruments GmbH" in one]
        known = [place for place in range(1, 5) if f"documents/parties/{path}#{place}" in sandbox.truth]
        assert known == list(range(1, len(named) + 1))
        assert [place for place in known if sandbox.truth[f"documents/parties/{path}#{place}"] == "self:company"] == ours


def test_the_crm_lists_every_record_once_and_the_archived_apart(sandbox, crm):
    for kind in ("companies", "contacts", "deals", "tickets"):
        living, archived = listed(crm, kind), listed(crm, kind, archived="true")
        keys = [one["id"] for one in living + archived]
        assert sorted(keys) == sorted(getattr(sandbox.crm, kind))
        assert len(keys) == len(set(keys))
        assert all("archivedAt" in one for one in archived)


def test_the_crm_shows_asked_properties_with_null_for_none_and_associations(sandbox, crm):
    found = listed(crm, "contacts", properties="jobtitle,mobilephone,no_such_property", associations="companies")
    assert all(one["properties"].keys() >= {"jobtitle", "mobilephone", "no_such_property"} for one in found)
    assert {type(value) for one in found for value in one["properties"].values()} == {str, type(None)}
    linked = [one for one in found if "associations" in one]
    assert linked[0]["associations"]["companies"]["results"][0]["type"] == "contact_to_company"
    asked = [{"id": one["id"]} for one in linked[:50]]
    batch = crm.post("/crm/v4/associations/contacts/companies/batch/read", json={"inputs": asked})
    assert batch.status_code == 200
    assert len(batch.json()["results"]) == 50
    lost = crm.post("/crm/v4/associations/contacts/companies/batch/read", json={"inputs": [*asked, {"id": "1"}]})
    assert (lost.status_code, lost.json()["numErrors"]) == (207, 1)


def test_the_crm_refuses_in_the_vendor_s_words(urls, crm):
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        refused = httpx.get(f"{urls.hubspot}/crm/v3/objects/contacts", headers=headers)
        assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    search = "/crm/v3/objects/contacts/search"
    for answer in (
        crm.get("/crm/v3/objects/contacts", params={"limit": 101}),
        crm.get("/crm/v3/objects/contacts", params={"after": "x"}),
        crm.get("/crm/v3/objects/unicorns"),
        crm.post(search, json={"limit": 201}),
        crm.post(search, json={"limit": 100, "after": 9901}),
        crm.post(search, content=b"{"),
        crm.post(search, json=[1]),
        crm.post(search, json={"filterGroups": [{"filters": [{"propertyName": "a", "operator": "?"}]}]}),
    ):
        assert (answer.status_code, answer.json()["status"], answer.json()["category"]) == (400, "error", "VALIDATION_ERROR")
    assert crm.get("/crm/v3/objects/contacts/1").status_code == 404
    assert crm.get("/crm/v3/nothing").status_code == 404
    assert crm.get("/account-info/v3/details").json()["accountType"] == "DEVELOPER_TEST"
    assert "erp_customer_number" in {one["name"] for one in crm.get("/crm/v3/properties/companies").json()["results"]}


def test_the_crm_s_limits_come_with_the_vendor_s_headers(sandbox, monkeypatch):
    monkeypatch.setattr("crosswalk.sandbox.hubspot.RateLimit", partial(RateLimit, clock=lambda: 0.0))  # a busy machine takes seconds
    with serve(sandbox, limits=Limits(3, 1)) as urls, httpx.Client(headers={"Authorization": f"Bearer {urls.hubspot_token}"}) as client:
        answers = [client.get(f"{urls.hubspot}/crm/v3/objects/deals") for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[0].headers["X-HubSpot-RateLimit-Remaining"] == "2"
        assert answers[3].json()["policyName"] == "TEN_SECONDLY_ROLLING"
        assert answers[3].headers["Retry-After"] == "10"
        searches = [client.post(f"{urls.hubspot}/crm/v3/objects/deals/search", json={}) for _ in range(2)]
        assert [one.status_code for one in searches] == [200, 429]
        assert "X-HubSpot-RateLimit-Max" not in searches[0].headers


def test_changes_are_found_by_time_of_change_and_archiving_is_not_one(sandbox, crm, erp):
    since = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": f"{sandbox.today}T00:00:00Z"}
    order = [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
    asked = {"filterGroups": [{"filters": [since]}], "sorts": order, "limit": 200}

    def changed() -> set[str]:
        found = {f"crm/{kind}/{one['id']}" for kind in ("companies", "contacts")
                 for one in crm.post(f"/crm/v3/objects/{kind}/search", json=asked).json()["results"]}  # fmt: skip
        rows = erp.post("/res.partner/search_read", json={"domain": [["write_date", ">=", f"{sandbox.today} 00:00:00"]], "fields": ["id"]})
        return found | {f"erp/customers/{one['id']}" for one in rows.json()}

    assert changed() == set()
    references = sandbox.change(10, seed=1)
    assert changed() == set(references)
    assert len(references) == 10
    victim = next(ref for ref in references if ref.startswith("crm/contacts/"))
    sandbox.archive(victim)
    assert changed() == set(references) - {victim}
    assert victim.rsplit("/", 1)[1] in {one["id"] for one in listed(crm, "contacts", archived="true")}
    partner = next(ref for ref in references if ref.startswith("erp/"))
    sandbox.delete(partner)
    assert partner not in changed()
    assert partner not in sandbox.truth
    with pytest.raises(SandboxError, match="no CRM or ERP record"):
        sandbox.archive(partner)


def test_a_deleted_document_is_gone_with_its_parties(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    copy = build(tmp_path / "copy")
    path = next(ref for ref in copy.truth if ref.startswith("documents/parties/")).removeprefix("documents/parties/").split("#")[0]
    copy.delete(f"documents/files/{path}")
    assert not (copy.documents / path).exists()
    assert not [ref for ref in copy.truth if path in ref]


def test_the_erp_pages_in_the_order_asked_and_hides_the_inactive(sandbox, erp):
    everything = {"context": {"active_test": False}}
    total = erp.post("/res.partner/search_count", json={"domain": [], **everything}).json()
    assert total == len(sandbox.erp.models["res.partner"])
    inactive = erp.post("/res.partner/search_count", json={"domain": [["active", "=", False]]}).json()
    assert erp.post("/res.partner/search_count", json={}).json() == total - inactive < total
    rows: list[dict] = []
    while page := erp.post(
        "/res.partner/search_read", json={"fields": ["write_date", "parent_id", "vat"], "order": "write_date desc, id", "limit": 300,
                                          "offset": len(rows), **everything}).json():  # fmt: skip
        rows += page
    assert len({row["id"] for row in rows}) == total
    assert [row["write_date"] for row in rows] == sorted((row["write_date"] for row in rows), reverse=True)
    child = next(row for row in rows if row["parent_id"])
    assert isinstance(child["parent_id"][0], int)
    assert isinstance(child["parent_id"][1], str)
    assert False in {row["vat"] for row in rows}
    read = erp.post("/res.partner/read", json={"ids": [child["id"]], "fields": ["display_name"]}).json()
    assert read[0]["display_name"].startswith(child["parent_id"][1] + ", ")


@pytest.mark.parametrize(
    ("path", "body", "status", "name"),
    [
        ("/no.model/search", {}, 404, "werkzeug.exceptions.NotFound"),
        ("/res.partner/unlink", {}, 404, "werkzeug.exceptions.NotFound"),
        ("/res.partner/search", {"filter": []}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("/res.partner/search", {"ids": [1]}, 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("/res.partner/search_read", {"fields": ["nme"]}, 500, "builtins.ValueError"),
        ("/res.partner/search", {"domain": [["nme", "=", 1]]}, 500, "builtins.ValueError"),
        ("/res.partner/search", {"order": "id sideways"}, 500, "builtins.ValueError"),
    ],
)
def test_the_erp_refuses_in_the_vendor_s_words(erp, path, body, status, name):
    answer = erp.post(path, json=body)
    assert (answer.status_code, answer.json()["name"]) == (status, name)
    assert answer.json().keys() == {"name", "message", "arguments", "context", "debug"}


def test_the_erp_wants_its_key(urls, erp):
    refused = httpx.post(f"{urls.odoo}/json/2/res.users/context_get", json={}, headers={"Authorization": "bearer no"})
    assert (refused.status_code, refused.json()["message"]) == (401, "Invalid apikey")
    assert erp.post("/res.users/context_get", json={}).json()["uid"] == 2


@pytest.mark.parametrize("kind", ["500", "429", "truncated", "closed", "content_type", "slow"])
def test_faults_look_as_they_do_in_life(sandbox, kind):
    with serve(sandbox, limits=FREE, faults=Faults(1.0, kinds=(kind,), delay=0.05)) as urls:

        def ask() -> httpx.Response:
            return httpx.get(f"{urls.hubspot}/crm/v3/objects/deals", headers={"Authorization": f"Bearer {urls.hubspot_token}"})

        if kind == "closed":
            with pytest.raises(httpx.RemoteProtocolError):
                ask()
            return
        answer = ask()
    if kind in ("500", "429"):
        assert (answer.status_code, answer.json()["status"], "Retry-After" in answer.headers) == (int(kind), "error", kind == "429")
    elif kind == "slow":
        assert answer.json()["results"]
    else:
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()
