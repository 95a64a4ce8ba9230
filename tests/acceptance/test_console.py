"""A steward's day in a real browser: sign in, find, read, decide, undo, split, merge, override.

What the sources said is put into staging; everything after it is the product's own: resolver, golden records, context, API, console.
One server for the whole file, since each test leaves the world as it found it.
"""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from context_api import keys
from context_api.app import create_app
from context_api.settings import Settings
from sql.database import Database
from tests.acceptance.pump_buyers import build, golden_rows, party_of, review_of
from tests.conftest import copy_of

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

IN_DOUBT = ("crm/companies/2", "erp/customers/KES-9")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="NO BROWSER: the console is NOT tested; apt-get install chromium")


@pytest.fixture(scope="module")
def database(server: Database, template: str) -> Iterator[Database]:
    """One built world for the file."""
    with copy_of(server, template) as made, pytest.MonkeyPatch.context() as patch:
        # wide limits of doubt, so that there are reviews whatever the shipped model weighs
        patch.setenv("CROSSWALK_RESOLUTION_REVIEW_LOWER", "0.000001")
        patch.setenv("CROSSWALK_RESOLUTION_REVIEW_UPPER", "0.999999")
        build(made)
        yield made


@pytest.fixture(scope="module")
def address(database: Database) -> Iterator[str]:
    """The product's own app on a port of loopback."""
    app = create_app(settings=Settings(key_cache_seconds=0.2), database=Database(database.url))
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started and thread.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)  # ms: a busy machine may need them, a right page is not kept waiting
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def steward_key(database: Database) -> str:
    return keys.create(database, "ann", ["steward", "source:*", "class:*"]).key


@pytest.fixture
def page(browser: Browser, address: str, steward_key: str) -> Iterator[Page]:
    """A signed-in steward's page. A script error, or anything that the policy of the page refused, fails the test."""
    with browser.new_context(base_url=address, reduced_motion="reduce") as made:
        opened = made.new_page()
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
        opened.goto(f"/console/login?key={steward_key}")
        yield opened
        assert complaints == []


def test_a_link_with_a_key_signs_in_and_leaves_no_key_in_the_address(page: Page, steward_key: str) -> None:
    expect(page.get_by_role("heading", name="Parties")).to_be_visible()
    assert steward_key not in page.url
    cookie = next(one for one in page.context.cookies() if one["name"] == "crosswalk_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert steward_key.rpartition("_")[2] not in cookie["value"]
    page.get_by_role("button", name="Sign out").click()
    page.goto("/console/reviews")
    expect(page.get_by_role("heading", name="Sign in to Crosswalk")).to_be_visible()


def test_a_wrong_key_is_told_and_a_good_one_leads_to_the_page_that_was_wanted(browser: Browser, address: str, steward_key: str) -> None:
    with browser.new_context(base_url=address) as made:
        page = made.new_page()
        page.goto("/console/reviews")
        page.get_by_label("API key").fill("cw_0000000000000000_" + "0" * 64)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("not in force")
        page.get_by_label("API key").fill(steward_key)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/console/reviews")


def test_parties_are_found_while_typing_by_name_and_by_key(page: Page) -> None:
    search = page.get_by_role("searchbox")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    search.press_sequentially("kessler ant")
    expect(page.locator("#found tbody tr", has_text="Nordwind")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^Kessler")).first).to_be_visible()
    assert "q=kessler" in page.url
    search.fill("erp/customers/ABC-001")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    search.fill("")
    page.get_by_text("People", exact=True).click()
    expect(page.locator("#found tbody tr")).to_have_count(4)
    expect(page.get_by_role("link", name="Anna Lindqvist")).to_be_visible()
    page.get_by_text("Organisations", exact=True).click()
    page.get_by_label("Source", exact=True).select_option("mail")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    search.fill("nobody at all")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_an_answer_that_comes_too_late_keeps_no_later_one_out(page: Page) -> None:
    page.add_init_script("const fetched = window.fetch; window.fetch = (to, how) => { delete how.signal; return fetched(to, how) }")
    page.goto("/console/parties")
    held: list[Route] = []
    page.route("**/console/parties?*", lambda route: held.append(route))
    for words in ("kessler", "anna lindqvist"):
        with page.expect_request("**/console/parties?*"):
            page.get_by_role("searchbox").fill(words)
    held[0].continue_()
    expect(page.get_by_role("link", name=re.compile("^Kessler")).first).to_be_visible()
    held[1].continue_()
    expect(page.get_by_role("link", name="Anna Lindqvist")).to_be_visible()


def test_the_head_of_each_page_tells_a_steward_how_many_reviews_wait(page: Page, database: Database) -> None:
    waiting = page.get_by_role("link", name="Reviews")
    before = int(re.findall(r"\d+", waiting.inner_text())[0])
    page.goto(f"/console/reviews/{review_of(database, '|'.join(IN_DOUBT))}")
    page.get_by_role("button", name="Different").click()
    expect(waiting).to_have_text(re.compile(rf"Reviews\s+{before - 1}\s*open"))
    page.get_by_role("button", name="Undo").click()
    expect(waiting).to_have_text(re.compile(rf"Reviews\s+{before}\s*open"))


def test_a_party_that_is_not_there_is_told_in_the_words_of_the_console(page: Page) -> None:
    page.goto("/console/parties/pty_0")
    expect(page.get_by_role("heading", name="No such party")).to_be_visible()
    expect(page.get_by_text("GET /v1")).to_have_count(0)


def test_a_party_shows_where_each_value_comes_from_and_what_it_won_against(page: Page, database: Database) -> None:
    page.goto(f"/console/parties/{party_of(database, 'erp/customers/ABC-001')}")
    row = page.get_by_role("row", name="Name NORDWIND PUMPEN")
    expect(row.get_by_role("link", name="erp")).to_have_attribute("href", "http://erp.example/customers/ABC-001")
    other = row.get_by_text("Nordwind Pumpen GmbH")
    expect(other).not_to_be_visible()
    row.get_by_text(re.compile("other value")).click()
    expect(other).to_be_visible()


def test_what_the_card_cites_is_listed_below_it_and_opens_the_record(page: Page, database: Database) -> None:
    page.goto(f"/console/parties/{party_of(database, 'erp/customers/ABC-001')}")
    for box in (".summary", ".full"):
        text, listed = page.locator(f"{box} > p").first, page.locator(f"{box} > .sources")
        listed.get_by_text(re.compile(r"^\d+ sources?$")).click()
        known = {row.get_attribute("value"): row.inner_text() for row in listed.get_by_role("listitem").all()}
        cited = {mark.inner_text().strip("[]"): mark.locator("[title]").get_attribute("title") for mark in text.locator(".cite").all()}
        assert cited == known != {}
        source = text.get_by_role("link", name="[1]").first
        expect(source).to_have_attribute("href", re.compile("^http://(erp|crm).example/"))
        expect(listed.get_by_role("link").first).to_have_attribute("href", source.get_attribute("href") or "")
        if box == ".summary":
            page.get_by_role("link", name="Read more").click()


def test_a_long_timeline_goes_on_by_pages_and_by_kind(page: Page, database: Database) -> None:
    page.goto(f"/console/parties/{party_of(database, 'erp/customers/ABC-001')}")
    items = page.locator("#items > li:not(.onward)")
    expect(items).to_have_count(25)
    page.get_by_role("button", name="Earlier").click()
    expect(items).to_have_count(50)
    page.get_by_role("button", name="Earlier").click()
    expect(items).to_have_count(61)
    expect(page.get_by_role("button", name="Earlier")).to_have_count(0)
    page.get_by_role("link", name="Email").click()
    expect(items).to_have_count(1)


def test_a_party_says_why_it_is_one_down_to_field_and_bits(page: Page, database: Database) -> None:
    page.goto(f"/console/parties/{party_of(database, 'erp/customers/ABC-001')}")
    link = page.get_by_role("listitem").filter(has_text="crm/companies/1 and erp/customers/ABC-001")
    expect(link.get_by_text(re.compile(r", [+−][0-9.]+ bits$"))).to_be_visible()
    expect(page.get_by_text("weakest link")).to_have_count(1)
    link.get_by_role("link", name=re.compile("^Field by field")).click()
    expect(page.get_by_role("heading", name="These two records are one party")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^VAT number DE136695976 DE136695976"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^Together"))).to_be_visible()


def test_hostile_text_is_shown_and_never_run(page: Page, database: Database) -> None:
    page.goto(f"/console/parties/{party_of(database, 'crm/companies/66')}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>")
    assert page.evaluate("document.querySelectorAll('main script').length") == 0
    assert page.locator("main img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


def test_an_answer_to_a_review_takes_effect_at_once_and_undo_brings_it_back(page: Page, database: Database) -> None:
    pair = IN_DOUBT
    before, golden_before = [party_of(database, ref) for ref in pair], golden_rows(database)
    review_id = review_of(database, "|".join(pair))
    page.goto(f"/console/reviews/{review_id}")
    expect(page.get_by_role("heading", name="Is this one organisation?")).to_be_focused()
    expect(page.get_by_role("row", name=re.compile("^Name Kessler Antriebstechnik Kessler Antriebstechnik Rhein GmbH"))).to_be_visible()
    page.keyboard.press("y" if before[0] != before[1] else "n")
    expect(page.get_by_text(re.compile("^Decided: "))).to_be_visible()
    assert (party_of(database, pair[0]) == party_of(database, pair[1])) is (before[0] != before[1])
    assert not page.url.endswith(f"/{review_id}")
    page.keyboard.press("z")
    expect(page.get_by_text("everything is as it was before")).to_be_visible()
    assert page.url.endswith(f"/{review_id}")
    assert [party_of(database, ref) for ref in pair] == before
    assert golden_rows(database) == golden_before


def test_the_queue_is_walked_by_keys_and_a_decision_is_not_made_while_typing(page: Page) -> None:
    page.goto("/console/reviews")
    expect(page.get_by_text(re.compile("^1 of "))).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_text(re.compile("^2 of "))).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_text(re.compile("^1 of "))).to_be_visible()
    page.go_back()
    expect(page.get_by_text(re.compile("^2 of "))).to_be_visible()
    expect(page.get_by_role("banner")).to_have_count(1)
    page.keyboard.press("k")
    expect(page.get_by_text(re.compile("^1 of "))).to_be_visible()
    page.get_by_role("textbox").first.press_sequentially("yes and no")
    expect(page.get_by_text(re.compile("^1 of "))).to_be_visible()
    expect(page.get_by_text(re.compile("^Decided"))).to_have_count(0)


def test_a_split_takes_effect_at_once_and_undo_restores_the_golden_record(page: Page, database: Database) -> None:
    party_id = party_of(database, "erp/customers/ABC-001")
    before = golden_rows(database)
    page.goto(f"/console/parties/{party_id}")
    page.get_by_role("button", name="Split…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="erp/customers/ABC-001").check()
    dialog.get_by_label("How you know").fill("another company of the group")
    dialog.get_by_role("button", name="Split").click()
    expect(page.get_by_text("1 record split off")).to_be_visible()
    assert party_of(database, "erp/customers/ABC-001") != party_of(database, "crm/companies/1")
    assert golden_rows(database) != before
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("everything is as it was before")).to_be_visible()
    assert golden_rows(database) == before


def test_a_near_miss_is_merged_and_the_merge_undone(page: Page, database: Database) -> None:
    pair, before = ("crm/contacts/20", "erp/customers/SCH-1"), golden_rows(database)
    apart = [party_of(database, ref) for ref in pair]
    assert apart[0] != apart[1]
    page.goto(f"/console/parties/{apart[0]}")
    page.get_by_text("They are one", exact=False).click()
    page.get_by_label("How you know that Maria Schmidt is the same").fill("asked her")
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("The two are one party now.")).to_be_visible()
    assert party_of(database, pair[0]) == party_of(database, pair[1])
    lost = next(party_id for party_id in apart if party_id != party_of(database, pair[0]))
    beside = page.context.new_page()
    beside.goto(f"/console/parties/{lost}")
    expect(beside.get_by_text("was merged into this party")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("everything is as it was before")).to_be_visible()
    assert golden_rows(database) == before


def test_an_override_stands_until_it_is_withdrawn(page: Page, database: Database) -> None:
    page.goto(f"/console/parties/{party_of(database, 'crm/contacts/10')}")
    before = golden_rows(database)
    row = page.get_by_role("row", name=re.compile("^Title"))
    row.hover()
    row.get_by_text("Override").click()
    row.get_by_label("Right value of title").fill("Director <b>")
    row.get_by_label("Reason of the override").fill("she said so")
    row.get_by_role("button", name="Set").click()
    expect(page.get_by_text("Title is set.")).to_be_visible()
    expect(row.get_by_text("Director <b>")).to_be_visible()
    row.get_by_text("Overridden").click()
    row.get_by_label("Reason to withdraw").fill("she did not")
    row.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Title follows the sources again.")).to_be_visible()
    assert golden_rows(database) == before


def test_without_scripts_everything_is_still_done_by_links_and_forms(
    browser: Browser, address: str, steward_key: str, database: Database
) -> None:
    before = golden_rows(database)
    with browser.new_context(base_url=address, java_script_enabled=False) as made:
        page = made.new_page()
        page.goto(f"/console/login?key={steward_key}")
        page.get_by_role("searchbox").fill("nordwind")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="NORDWIND PUMPEN").first.click()
        page.get_by_role("button", name="Earlier").click()
        expect(page.locator("#items > li")).to_have_count(26)
        page.goto(f"/console/reviews/{review_of(database, '|'.join(IN_DOUBT))}")
        page.get_by_role("button", name="Can’t tell").click()
        expect(page.get_by_text("Put aside")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("everything is as it was before")).to_be_visible()
        page.goto(f"/console/parties/{party_of(database, 'erp/customers/ABC-001')}")
        page.get_by_role("button", name="Split…").click()
        expect(page.get_by_role("heading", name="Split off records")).to_be_visible()
    assert golden_rows(database) == before


def test_where_trusted_sources_disagree_a_steward_says_which_is_right(page: Page, database: Database) -> None:
    party_id, before = party_of(database, "crm/contacts/30"), golden_rows(database)
    page.goto(f"/console/reviews/{review_of(database, f'{party_id}:birth_date')}")
    expect(page.get_by_role("heading", name="Which date of birth is right?")).to_be_visible()
    choice = page.get_by_role("listitem").filter(has_text="1980-05-01")
    choice.get_by_role("textbox").fill("passport")
    choice.get_by_role("button", name="This is right").click()
    expect(page.get_by_text("Date of birth is set to 1980-05-01.")).to_be_visible()
    page.goto(f"/console/parties/{party_id}")
    expect(page.get_by_role("row", name=re.compile("^Date of birth 1980-05-01"))).to_be_visible()
    expect(page.get_by_text("1 conflict")).to_have_count(0)
    row = page.get_by_role("row", name=re.compile("^Date of birth"))
    row.get_by_text("Overridden").click()
    row.get_by_label("Reason to withdraw").fill("a copy only")
    row.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("1 conflict")).to_be_visible()
    assert golden_rows(database) == before


def test_who_may_not_see_a_class_is_told_which_scope_is_missing_and_sees_none_of_it(
    browser: Browser, address: str, database: Database
) -> None:
    key = keys.create(database, "bob", ["read", "source:*", "class:public", "class:internal"]).key
    with browser.new_context(base_url=address) as made:
        page = made.new_page()
        page.goto(f"/console/login?key={key}")
        page.goto(f"/console/parties/{party_of(database, 'crm/contacts/10')}")
        expect(page.get_by_text("withheld: needs class:personal")).to_be_visible()
        assert "anna@" not in page.content()
        page.goto(f"/console/parties/{party_of(database, 'erp/customers/ABC-001')}")
        expect(page.locator("#timeline-box").get_by_text("60 items withheld: needs class:financial")).to_be_visible()
        assert "INV-" not in page.content()
        assert "30 days net" not in page.content()
        expect(page.get_by_role("link", name="Reviews")).to_have_count(0)
        expect(page.get_by_role("button", name="Split")).to_have_count(0)
        response = page.goto("/console/reviews")
        assert response is not None
        assert response.status == 403
        expect(page.get_by_text("Ask an administrator for the scope")).to_be_visible()


def test_a_revoked_key_ends_its_session(browser: Browser, address: str, database: Database) -> None:
    key = keys.create(database, "eve", ["read", "source:*", "class:*"]).key
    with browser.new_context(base_url=address) as made:
        page = made.new_page()
        page.goto(f"/console/login?key={key}")
        keys.revoke(database, key.split("_")[1])
        for _ in range(60):
            page.goto("/console/parties")
            if "/login" in page.url:
                break
            time.sleep(0.1)
        expect(page.get_by_role("heading", name="Sign in to Crosswalk")).to_be_visible()


def test_a_form_from_elsewhere_changes_nothing(page: Page, database: Database) -> None:
    party_id = party_of(database, "erp/customers/ABC-001")
    before = golden_rows(database)
    for form in ({}, {"csrf_token": "0" * 64}):
        answer = page.request.post(
            f"/console/parties/{party_id}/overrides", form={"attribute": "name", "value": "X", "reason": "x", **form}
        )
        assert answer.status == 403
    assert golden_rows(database) == before
    foreign = page.request.post("/console/login", form={"key": "cw_"}, headers={"Origin": "https://evil.example"})
    assert foreign.status == 403


def test_an_unknown_party_and_an_unknown_page_say_so(page: Page) -> None:
    for path in ("/console/parties/pty_0000000000000000", "/console/nothing/here", "/console/reviews/99999999"):
        response = page.goto(path)
        assert response is not None
        assert response.status == 404
        assert response.headers["content-type"].startswith("text/html")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
