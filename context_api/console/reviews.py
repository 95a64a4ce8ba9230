"""The review queue: one question at a time, the most valuable first; an answer takes effect and brings the next."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.concurrency import run_in_threadpool

from context_api import receipts, reviews
from context_api.access import Access
from context_api.console import reading, rendering, words
from context_api.console.alignment import Side, align
from context_api.console.notices import Notice, leave, left
from context_api.console.routing import ConsoleRoute, Steward, services
from context_api.context.store.reading import addresses
from context_api.explanations import Suspect
from context_api.problems import ProblemError
from context_api.rest.reviews import acted, must_see

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

QUEUE = 200  # reviews looked at to say where one stands and which is next

ReviewId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Reason = Annotated[str, Form(max_length=500)]
QUESTIONS = {"person": "Is this one person?", "organization": "Is this one organisation?"}


@router.get("/reviews")
async def first(request: Request, visitor: Steward) -> Response:
    """The review whose answer is worth most."""
    return await _show(request, visitor.access, None, left(request))


@router.get("/reviews/{review_id}")
async def show(request: Request, review_id: ReviewId, visitor: Steward) -> Response:
    """One review; a closed one says how it was decided."""
    return await _show(request, visitor.access, review_id, left(request))


@router.post("/reviews/{review_id}/decision")
async def decide(
    request: Request,
    review_id: ReviewId,
    visitor: Steward,
    verdict: Annotated[Literal["match", "no_match", "unsure"], Form()],
    reason: Reason = "",
) -> Response:
    """Answer, then show the next review with an undo."""
    access = visitor.access
    async with services(request).database.async_engine.begin() as connection:
        review, _ = await reviews.read(connection, access, review_id)
    say = reason.strip() or f"{words.label(verdict)}, by what the two records say"
    decision = await run_in_threadpool(services(request).stewardship.decide, review_id, verdict, access.account, say)
    await acted(services(request), access, decision)
    return await _onward(request, access, review, Notice(f"{DECIDED[verdict]}.", decision.decision_id, f"/console/reviews/{review_id}"))


DECIDED = {"match": "Decided: the same", "no_match": "Decided: different", "unsure": "Put aside: can’t be told"}


@router.post("/reviews/{review_id}/value")
async def choose(
    request: Request,
    review_id: ReviewId,
    visitor: Steward,
    choice: Annotated[int, Form(ge=0)],
    record_ref: Annotated[str, Form(max_length=2000)],
    reason: Annotated[str, Form(min_length=1, max_length=500)],
) -> Response:
    """Settle a conflict: the value of that record is right."""
    access = visitor.access
    async with services(request).database.async_engine.begin() as connection:
        review, _ = await reviews.read(connection, access, review_id)
    values = review["evidence"].get("values", ())
    if choice >= len(values) or values[choice]["record_ref"] != record_ref:
        raise ProblemError(409, "review-changed", "The sources have changed what they say since the page was opened. Open it again.")
    attribute, right = review["evidence"]["attribute"], values[choice]["value"]
    await must_see(services(request), access, [review["party_id"]], attribute)
    await run_in_threadpool(services(request).stewardship.override, review["party_id"], attribute, right, access.account, reason)
    return await _onward(request, access, review, Notice(f"{words.sentence(words.label(attribute))} is set to {words.value(right)}."))


async def _onward(request: Request, access: Access, review: Mapping[str, Any], notice: Notice) -> Response:
    """The review after this one."""
    async with services(request).database.async_engine.begin() as connection:
        after = (review["priority"], review["id"])
        found = (await reviews.listed(connection, access, after, QUEUE, status="open")).rows  # those before may not be this one's to see
        found = found or (await reviews.listed(connection, access, None, QUEUE, status="open")).rows
    where = f"/console/reviews/{found[0]['id']}" if found else "/console/reviews"
    if not rendering.partial(request):
        return leave(request, rendering.redirect(request, where), notice)
    response = await _show(request, access, found[0]["id"] if found else None, notice)
    response.headers["HX-Push-Url"] = where
    return response


async def _show(request: Request, access: Access, review_id: int | None, notice: Notice | None) -> Response:
    async with services(request).database.async_engine.begin() as connection:
        page = await reviews.listed(connection, access, None, QUEUE, status="open")
        total = await reviews.count(connection, access, status="open")
        if review_id is None:
            review, withheld = (page.rows[0] if page.rows else None), dict(page.withheld)
        else:
            review, withheld = await reviews.read(connection, access, review_id)
        values = await _described(connection, review, access) if review else {}
        if review:
            read = receipts.Receipt(
                receipts.new_id(), "review", review["party_id"], {"review": review["id"]}, [review["subject"]], withheld=withheld
            )
            await receipts.write(connection, access, read)
    return rendering.page(
        request,
        "parts/review.html" if rendering.partial(request) else "reviews.html",
        review=review,
        partial=rendering.partial(request),
        total=total,
        done=notice,
        may_steward=True,
        withheld_scopes=withheld,
        **_place(review, page.rows, total),
        **values,
    )


def _place(review: Mapping[str, Any] | None, queue: Sequence[Mapping[str, Any]], total: int) -> dict[str, Any]:
    """Where it stands in the queue, and its neighbours there."""
    ids = [row["id"] for row in queue]
    at = ids.index(review["id"]) if review and review["id"] in ids else None
    following = ids[(at + 1) if at is not None else 0 :][:1]
    return {
        "position": f"{at + 1:,} of {total:,}, by what the answer is worth" if at is not None else f"{total:,} open",
        "previous": f"/console/reviews/{ids[at - 1]}" if at else None,
        "following": f"/console/reviews/{following[0]}" if following else None,
    }


async def _described(connection: AsyncConnection, review: Mapping[str, Any], access: Access) -> dict[str, Any]:
    """What the page needs beyond the review: who the sides are in now, and the rows of the comparison or the values to choose from."""
    ids = {review["party_id"], *(review[side]["party_id"] for side in ("left", "right") if review[side])} - {None}
    known = await reading.named(connection, sorted(ids), access)
    if review["kind"] != "pair" or not (review["left"] and review["right"]):
        values = review["evidence"].get("values", ())
        urls = await addresses(connection, [value["record_ref"] for value in values])
        choices = [{**value, "url": urls.get(value["record_ref"]), "wins": place == 0} for place, value in enumerate(values)]
        question = f"Which {words.label(review['evidence'].get('attribute', 'value'))} is right?"
        return {"question": question, "choices": choices, "party": known.get(review["party_id"]), "pair": None, "suspect": []}
    left_side, right_side = (_side(review[side], known) for side in ("left", "right"))
    kind = next((side.kind for side in (left_side, right_side) if side.kind != "unknown"), "unknown")
    pair = align(left_side, right_side, review["evidence"])
    told = [Suspect.model_validate(reason) for reason in review["evidence"].get("overmatch", ())]
    suspect = [reason for reason in told if reason.reason != "weak link"]  # which is this pair
    return {"question": QUESTIONS.get(kind, "Is this one party?"), "pair": pair, "suspect": suspect}


def _side(record: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Side:
    key = record["ref"].split("/", 2)[2]
    return Side(record["ref"], record["source"], key, record["kind"], record["url"], record["attributes"], known.get(record["party_id"]))
