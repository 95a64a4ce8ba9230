"""Reviews and explanations: what a steward does, at the command line."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.options import Actor, AsJson, Reason
from crosswalk.commands.output import console, show

review = typer.Typer(help="The matches that the machine should not decide: list, show, decide, undo.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="REVIEW", help="Its number, from `crosswalk review list`.")]


def register(app: typer.Typer) -> None:
    app.add_typer(review, name="review")
    app.command()(why)


@review.command("list")
def list_reviews(
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the open reviews, those whose answer is worth most first.

    [bold]Example:[/bold] crosswalk review list --limit 5
    """
    from sql import queries

    with opened() as database, database.begin() as connection:
        rows = [dict(row._mapping) for row in connection.execute(queries.list_open_reviews, {"limit": limit})]
    show(rows if as_json else [_row(row) for row in rows], as_json)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A review as a person reads it: what it is about by name, then by ref."""

    def named(side: str) -> str:
        name, ref = row[f"{side}_name"], row[f"{side}_ref"]
        return f"{name} ({ref})" if name and ref else ref or ""

    told = {"left": named("left"), "right": named("right"), "probability": row["probability"], "why it may be several": row["overmatch"]}
    return {"id": row["id"], "kind": row["kind"], **told}


@review.command("show")
def show_review(review_id: Number, as_json: AsJson = False) -> None:
    """Show what a review asks, with the evidence in words and why its party may be more than one.

    [bold]Example:[/bold] crosswalk review show 17
    """
    from resolution.errors import ReviewNotFoundError
    from resolution.store import reviews

    with opened() as database, database.begin() as connection:
        found = reviews.read(connection, review_id)
    if found is None:
        raise ReviewNotFoundError(f"Asked for: {review_id}.")
    told = dict(found._mapping)
    if not as_json:
        evidence = told.pop("evidence")
        told |= {"because": [_because(reason) for reason in evidence.get("overmatch", ())], "evidence": evidence.get("sentence", evidence)}
        told = {name: value for name, value in told.items() if value not in (None, [])}
    show(told, as_json)


def _because(reason: Mapping[str, str]) -> str:
    return f"{reason['reason']} ({reason['left']} and {reason['right']})" if "left" in reason else reason["reason"]


@review.command()
def decide(
    review_id: Number,
    verdict: Annotated[Literal["match", "no_match", "unsure"], typer.Argument(metavar="VERDICT", help="Are the two one party?")],
    actor: Actor = "steward",
    reason: Reason = "",
) -> None:
    """Decide a review; it takes effect at once and can be undone.

    [bold]Example:[/bold] crosswalk review decide 17 no_match --reason "two brothers"
    """
    from context_api.stewardship import Stewardship

    with opened() as database:
        decision = Stewardship(database).decide(review_id, verdict, actor, reason)
    console.print(f"Decided. To undo it: crosswalk review undo {decision.decision_id}", highlight=False)


@review.command()
def undo(
    decision_id: Annotated[str, typer.Argument(metavar="DECISION", help="As it was printed when it was made.")],
    actor: Actor = "steward",
    reason: Reason = "",
) -> None:
    """Take a decision back; everything is as it was before it.

    [bold]Example:[/bold] crosswalk review undo dec_5f2a9c0d
    """
    from context_api.stewardship import Stewardship

    with opened() as database:
        Stewardship(database).undo(decision_id, actor, reason)
    console.print("Undone.")


def why(
    subject: Annotated[str, typer.Argument(metavar="PARTY|REF", help="A party id, or a record's ref such as crm/contacts/151.")],
    other: Annotated[str | None, typer.Argument(metavar="REF", help="Another record: then why the two are, or are not, one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why records are one party, or why two are not, field by field.

    [bold]Example:[/bold] crosswalk why crm/companies/100012 erp/customers/41
    """
    from resolution.errors import RecordNotFoundError
    from resolution.identity import why as explanation
    from resolution.store.identity import party_of_record

    with opened() as database, database.begin() as connection:
        if other:
            told: dict[str, Any] = explanation.pair(connection, subject, other)
        elif "/" in subject:
            party = party_of_record(connection, subject)
            if party is None:
                raise RecordNotFoundError(f"Asked for: {subject}.")
            told = explanation.party(connection, party)
        else:
            told = explanation.party(connection, subject)
    if as_json:
        show(told, True)
        return
    for line in told["sentences"]:
        console.print(line, highlight=False, markup=False)
