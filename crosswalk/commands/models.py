"""Models taught by the stewards' decisions: train one, run it in shadow, see what it would change, put it in force."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.options import Actor, AsJson, Reason
from crosswalk.commands.output import console, show

if TYPE_CHECKING:
    from resolution.identity.candidates import Candidate

model = typer.Typer(help="Models taught by decisions: list, train, shadow, impact, promote.", no_args_is_help=True)
Version = Annotated[str, typer.Argument(metavar="VERSION", help="A model's version, from `crosswalk model list`.")]


def register(app: typer.Typer) -> None:
    app.add_typer(model, name="model")


@model.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Show the model in force, the candidates, and the former ones.

    [bold]Example:[/bold] crosswalk model list
    """
    from resolution.store.candidates import listing

    with opened() as database, database.begin() as connection:
        kept = listing(connection)
    rows = [
        {
            "version": each.version,
            "status": {"in_force": "in force", "shadow": "candidate"}.get(each.status, each.status),
            "made": each.created_at,
            "gain": each.training["trial"]["gain"] if each.training else None,
            "better": each.training["trial"]["better"] if each.training else None,
            "note": each.note,
        }
        for each in kept
    ]
    show(rows, as_json)


@model.command()
def train(actor: Actor = "steward", as_json: AsJson = False) -> None:
    """Train a candidate on what stewards have decided; the model in force stays in force.

    [bold]Example:[/bold] crosswalk model train
    """
    from resolution.identity import candidates

    with opened() as database:
        _tell(candidates.train(database, actor), as_json)


@model.command()
def shadow(version: Version, actor: Actor = "steward", as_json: AsJson = False) -> None:
    """Say how a candidate does on what was decided and resolved until now.

    [bold]Example:[/bold] crosswalk model shadow 5f2a9c0d1e2b3a4f
    """
    from resolution.identity import candidates

    with opened() as database:
        _tell(candidates.shadow(database, version, actor), as_json)


@model.command()
def impact(
    version: Version,
    sample: Annotated[int, typer.Option(min=0, help="Changes to show, at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Say which parties a model would change, without changing any. It takes as long as resolving everything.

    [bold]Example:[/bold] crosswalk model impact 5f2a9c0d1e2b3a4f
    """
    from resolution.identity.rehearsal import impact
    from resolution.settings import Settings

    with opened() as database:
        found = impact(database, version, Settings()).to_json(sample)
    if as_json:
        show(found, True)
        return
    console.print(
        f"Of {found['parties_before']:,} parties there would be {found['parties_after']:,}: {found['merged']:,} merged, {found['split']:,} "
        f"split, {found['regrouped']:,} regrouped. {found['reviews_opened']:,} reviews would open, {found['reviews_withdrawn']:,} close.",
        highlight=False,
    )
    for change in found["changes"]:
        console.print(_change(change), highlight=False, markup=False)


@model.command()
def promote(version: Version, actor: Actor = "steward", reason: Reason = "") -> None:
    """Put a candidate in force, if it is better than the model in force; or a former model again, which undoes it.

    All records are resolved again by the next `crosswalk resolve`, or sync.

    [bold]Example:[/bold] crosswalk model promote 5f2a9c0d1e2b3a4f --reason "fewer questions"
    """
    from resolution.identity import candidates
    from resolution.settings import Settings
    from resolution.store import models

    with opened() as database:
        with database.begin() as connection:
            former = models.in_force(connection)
        candidates.promote(database, version, Settings(), actor, reason)
    console.print("In force. Every record is pending now: crosswalk resolve", highlight=False)
    if former:
        console.print(f"To undo it: crosswalk model promote {former.version}", highlight=False)


def _tell(candidate: "Candidate", as_json: bool) -> None:
    from resolution.identity.candidates import told

    trial, traffic = candidate.figures.trial, candidate.figures.traffic
    if as_json:
        show({"version": candidate.version, "taught": dict(candidate.taught), **candidate.figures.to_json()}, True)
        return
    taught = " and ".join(f"{count} of {kind}s" for kind, count in candidate.taught.items())
    console.print(f"Candidate {candidate.version}, taught {taught}.", highlight=False)
    console.print(told(trial), highlight=False)
    console.print(
        f"Of {traffic['pairs']:,} recent pairs {traffic['change_sides']:,} would change sides; {traffic['asked_candidate']:,} would be "
        f"asked about, not {traffic['asked_in_force']:,}.",
        highlight=False,
    )
    if trial.is_better:
        console.print(f"It is better. See what it would change: crosswalk model impact {candidate.version}", highlight=False)
    else:
        console.print("It is not better beyond chance, and stays in the shadow.", highlight=False)


def _change(change: dict[str, Any]) -> str:
    names = ", ".join(change["names"]) or ", ".join(change["was"])
    return f"{change['change']}: {names} ({change['records']} records; {len(change['was'])} parties become {len(change['became'])})"
