"""Whatever a pack is filled with, it keeps to its budget, and no mark in it stands for nothing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from context_api.context import tokens
from context_api.context.fitting import Filling
from context_api.context.pack import MIN_BUDGET, ContextPack, Fact, Item

REFS = st.sampled_from([f"crm/companies/{number}" for number in range(12)])
FACTS = st.builds(lambda refs: Fact(name="phone", value="+49 40 1", refs=refs), st.lists(REFS, max_size=5))
CARDS = st.lists(st.sampled_from(["Acme", "is", "a company", "of long standing", "[1]", "[2]", "[3] [4]", "[99]"]), max_size=40).map(
    " ".join
)
CITATIONS = st.lists(st.builds(lambda mark, ref: {"mark": mark, "ref": ref}, st.integers(1, 4), REFS), max_size=8)


def item(ref: str, mark: int) -> Item:
    return Item(
        mark=mark, kind="email", text="Hello there", ref=ref, source="crm", occurred_at="2026-11-01T00:00:00Z", data_class="internal",
        untrusted=True, why="recent",
    )  # fmt: skip


def resolved(pack: ContextPack) -> None:
    """Fails where a mark stands for nothing, or for two."""
    borne = [(one.mark, one.ref) for one in pack.items] + [(one.mark, one.ref) for one in pack.sources]
    assert len({mark for mark, _ in borne}) == len({ref for _, ref in borne}) == len(set(borne))
    cited = {int(mark) for mark in re.findall(r"\[(\d+)\]", pack.card or "")} | {mark for fact in pack.facts for mark in fact.marks}
    assert cited <= dict(borne).keys()
    assert {one.mark for one in pack.sources} <= cited


@given(st.integers(MIN_BUDGET, 600), CARDS, CITATIONS, st.lists(FACTS, max_size=8), st.lists(REFS, max_size=8), st.integers(0, 400))
def test_a_pack_that_is_filled_keeps_its_budget_and_its_marks(
    budget: int, card: str, citations: list[dict[str, object]], facts: list[Fact], items: list[str], less: int
) -> None:
    pack = ContextPack(status="ok", receipt_id="rcp_00000000000000000000", tokens=MIN_BUDGET)
    filling = Filling(pack, budget)
    filling.card(card, budget // 2)
    filling.facts(facts)
    for ref in items:
        filling.item(item(ref, filling.mark(ref)))
    filling.cite(citations)
    filling.links({f"crm/companies/{number}": f"https://crm.example/{number}" for number in range(12)})
    resolved(pack)
    assert tokens.estimate(pack.model_dump_json()) <= budget
    Filling(pack, max(MIN_BUDGET, budget - less)).close(("items", "facts", "card"))  # as if its parts had been weighed too lightly
    resolved(pack)
    assert tokens.estimate(pack.model_dump_json()) <= max(MIN_BUDGET, budget - less)
