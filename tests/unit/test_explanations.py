"""What is told of why records are one party goes no further than the caller may see."""

from collections import Counter

from context_api.access import Access
from context_api.explanations import suspect_seen

CHAIN, DIFFERENT = {"reason": "chain"}, {"reason": "different birth date", "left": "crm/contacts/1", "right": "mail/addresses/3"}


def test_a_reason_that_lies_in_a_record_of_a_hidden_source_is_withheld_and_counted() -> None:
    withheld = Counter[str]()
    assert suspect_seen([CHAIN, DIFFERENT], Access("ann", frozenset({"source:crm", "class:*"})), withheld) == [CHAIN]
    assert withheld == {"source:mail": 1}


def test_who_may_see_every_record_is_told_every_reason() -> None:
    withheld = Counter[str]()
    assert suspect_seen([CHAIN, DIFFERENT], Access("ann", frozenset({"source:*", "class:*"})), withheld) == [CHAIN, DIFFERENT]
    assert not withheld
