"""Tokens are not underestimated, passages keep clauses with their headings, and both sides of a search are folded alike."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from context_api.context import terms, tokens
from context_api.context.passages import MOST_CHARACTERS, MOST_WORDS, split

ENGLISH = "Either party may terminate this Agreement by giving ninety (90) days' written notice to the other party. " * 5
GERMAN = "Hiermit kündigen wir den Wartungsvertrag fristgerecht zum 31. Dezember 2026; bitte bestätigen Sie uns den Eingang. " * 5
JSON = (
    '{"mark":1,"kind":"invoice","text":"INV/2026/0012, open, EUR 12400.00","ref":"erp/invoices/12","occurred_at":"2026-08-01T00:00:00Z"}'
    * 5
)
CHINESE = "我们确认收到您的订单,请在月底之前开具发票。" * 5
RUSSIAN = "Уважаемые коллеги, подтверждаем получение заказа и просим выставить счёт. " * 5
CAPITALS = "THE SUPPLIER SHALL NOT BE LIABLE FOR INDIRECT OR CONSEQUENTIAL DAMAGES. " * 5


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Llama 2's, 32,000 pieces: more tokens for a text than the larger vocabularies of today need."""
    return Tokenizer.from_file(str(files("wordllama") / "tokenizers" / "l2_supercat_tokenizer_config.json"))


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, JSON, CHINESE, RUSSIAN, CAPITALS, "🎉🚀👍🏽 " * 20], ids=str.split)
def test_an_estimate_is_not_below_what_a_frugal_vocabulary_needs(tokenizer: Tokenizer, text: str) -> None:
    assert tokens.estimate(text) >= 0.97 * len(tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, JSON, CHINESE])
def test_an_estimate_is_not_wasteful(tokenizer: Tokenizer, text: str) -> None:
    assert tokens.estimate(text) <= 1.5 * len(tokenizer.encode(text, add_special_tokens=False).ids)


@given(st.text(max_size=300), st.integers(0, 60))
def test_a_cut_text_fits_and_is_a_beginning(text: str, budget: int) -> None:
    short = tokens.cut(text, budget)
    assert tokens.estimate(short) <= budget
    assert text.startswith(short.removesuffix("…"))


def test_a_clause_goes_with_its_heading() -> None:
    clause = "The Supplier shall deliver the goods in good order. " * 60
    text = f"SUPPLY AGREEMENT\n\n7. Termination\n{clause}\n\n8. Liability\n{clause}"
    found = split("Contract", text)
    assert len(found) > 4
    headings = ["7. Termination" if "7. Termination" in one.text else "8. Liability" if "8. Liability" in one.text else "" for one in found]
    assert "" not in headings
    assert headings == sorted(headings)
    assert not any("7. Termination" in one.text and "8. Liability" in one.text for one in found)


def test_short_texts_are_one_passage_that_begins_with_the_title() -> None:
    assert [one.text for one in split("Invoice 12", "Due on 2026-01-01")] == ["Invoice 12\nDue on 2026-01-01"]
    assert [one.text for one in split("Invoice 12", " \n ")] == ["Invoice 12"]
    assert split("", "") == []


@given(st.text(alphabet=st.sampled_from("aB1. \n-*§ÄÖ,;:)(#\t"), max_size=3000))
def test_no_word_is_lost_and_no_passage_too_long(text: str) -> None:
    found = split("", text)
    assert all(one.text.strip() and len(one.text) <= MOST_CHARACTERS + 200 for one in found)
    assert set(text.split()) <= {word for one in found for word in one.text.split()}


@pytest.mark.parametrize("text", ["x" * 50_000, "word " * 20_000, "A sentence of some words. " * 5_000, "\n\n1. a" * 5_000])
def test_huge_texts_are_cut_into_bounded_passages(text: str) -> None:
    found = split("t", text)
    assert all(len(one.text.split()) <= MOST_WORDS + 20 and len(one.text) <= MOST_CHARACTERS + 200 for one in found)
    assert sum(len(one.text) for one in found) >= 0.9 * len(text.replace("\n", ""))


@pytest.mark.parametrize(
    ("meaning", "left", "right"),
    [
        ("name", "Krämer & Söhne GmbH", "kraemer soehne gmbh"),
        ("name", "O'Neill", "ONeill"),
        ("email", " Anna@ACME.example", "anna@acme.example"),
        ("phone", "+49 40 5550110", "040/555-0110"),
        ("vat", "DE 123.456.789", "de123456789"),
        ("key:erp", "ABC-001", "abc 001"),
        ("website", "https://www.acme.example/shop", "acme.example"),
    ],
)
def test_the_same_thing_written_otherwise_folds_alike(meaning: str, left: str, right: str) -> None:
    assert terms.fold(meaning, left) == terms.fold(meaning, right) != ""


def test_a_records_terms_are_its_names_identifiers_and_keys() -> None:
    attributes = {"given_name": ["Anna"], "family_name": ["Krämer"], "email": ["anna@acme.example"], "title": ["Buyer"], "key:erp": ["A-1"]}
    found = {(one.meaning, one.value, one.data_class) for one in terms.of_record("person", "77", attributes)}
    assert found == {
        ("name", "anna kramer", "internal"),
        ("email", "anna@acme.example", "personal"),
        ("record key", "77", "internal"),
        ("key:erp", "a1", "internal"),
    }
    assert len(terms.of_record("person", "1", {"email": [f"a{number}@b.example" for number in range(500)]})) == terms.MOST
