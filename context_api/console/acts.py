"""What a steward does: split a party, merge two, override a value, undo. Each takes effect before the next page is shown."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from context_api import parties, receipts
from context_api.console import portrait, rendering, words
from context_api.console.notices import Notice, leave
from context_api.console.routing import ConsoleRoute, Steward, Visitor, inside, services
from context_api.problems import ProblemError
from context_api.rest.reviews import acted, must_see, must_see_decision
from resolution.records import ADDRESS

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

Reason = Annotated[str, Form(min_length=1, max_length=500)]
Attribute = Annotated[str, Form(max_length=100)]
MOST_RECORDS = 200


@router.get("/parties/{party_id}/split")
async def ask_split(request: Request, party_id: str, visitor: Steward) -> Response:
    """The form to split a party, for a browser without scripts; otherwise it opens as a dialog."""
    async with services(request).database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, visitor.access)
        members = await parties.sources(connection, current, visitor.access, None, MOST_RECORDS)
    return rendering.page(request, "split.html", party={"id": current}, records=portrait.records(members.rows))


@router.post("/parties/{party_id}/split")
async def split(
    request: Request, party_id: str, visitor: Steward, reason: Reason, record: Annotated[list[str] | None, Form(max_length=1000)] = None
) -> Response:
    """The named records leave the party."""
    if not record:
        raise ProblemError(422, "nothing-marked", "Mark at least one record that leaves the party.")
    access = visitor.access
    await must_see(services(request), access, [party_id])
    decision = await run_in_threadpool(services(request).stewardship.split, party_id, record, access.account, reason)
    await acted(services(request), access, decision)
    back = f"/console/parties/{words.segment(party_id)}"
    told = f"{words.count(len(set(record)), 'record')} split off. The two sides stay apart."
    return leave(request, rendering.redirect(request, back), Notice(told, decision.decision_id, back))


@router.post("/parties/{party_id}/merge")
async def merge(request: Request, party_id: str, visitor: Steward, other: Annotated[str, Form(max_length=100)], reason: Reason) -> Response:
    """This party and the other are one."""
    access = visitor.access
    await must_see(services(request), access, [party_id, other])
    decision = await run_in_threadpool(services(request).stewardship.merge, [party_id, other], access.account, reason)
    await acted(services(request), access, decision)
    back = f"/console/parties/{words.segment(party_id)}"
    return leave(request, rendering.redirect(request, back), Notice("The two are one party now.", decision.decision_id, back))


@router.post("/parties/{party_id}/overrides")
async def override(request: Request, party_id: str, visitor: Steward, attribute: Attribute, reason: Reason) -> Response:
    """Set one attribute: a text, or an address by its parts."""
    value = _value(attribute, await request.form())
    await must_see(services(request), visitor.access, [party_id], attribute)
    await run_in_threadpool(services(request).stewardship.override, party_id, attribute, value, visitor.access.account, reason)
    return await _overridden(request, visitor, party_id, attribute, "is set")


@router.post("/parties/{party_id}/overrides/withdraw")
async def withdraw(request: Request, party_id: str, visitor: Steward, attribute: Attribute, reason: Reason) -> Response:
    """The sources decide again."""
    await must_see(services(request), visitor.access, [party_id], attribute)
    async with services(request).database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, visitor.access)
        override_id = await parties.override_in_force(connection, current, attribute)
    await run_in_threadpool(services(request).stewardship.withdraw, override_id, visitor.access.account, reason)
    return await _overridden(request, visitor, party_id, attribute, "follows the sources again")


@router.post("/decisions/{decision_id}/undo")
async def undo(request: Request, decision_id: str, visitor: Steward, back: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Take a decision back: what was before it is again."""
    access = visitor.access
    await must_see_decision(services(request), access, decision_id)
    decision = await run_in_threadpool(services(request).stewardship.undo, decision_id, access.account, "undone in the console")
    await acted(services(request), access, decision)
    return leave(request, rendering.redirect(request, inside(back)), Notice("Undone: everything is as it was before."))


def _value(attribute: str, form: FormData) -> Any:
    if attribute != ADDRESS:
        return str(form.get("value", "")).strip()
    parts = {part: str(form.get(f"part:{part}", "")).strip() for part in words.ADDRESS_PARTS}
    return {part: text for part, text in parts.items() if text}


async def _overridden(request: Request, visitor: Visitor, party_id: str, attribute: str, said: str) -> Response:
    """Back to the party's page, with a receipt and a word on what was done."""
    async with services(request).database.async_engine.begin() as connection:
        current = await parties.current_id(connection, party_id, visitor.access)
        receipt = receipts.Receipt(receipts.new_id(), "override", current, {"attribute": attribute})
        await receipts.write(connection, visitor.access, receipt)
    back = f"/console/parties/{words.segment(current)}"
    return leave(request, rendering.redirect(request, back), Notice(f"{words.sentence(words.label(attribute))} {said}."))
