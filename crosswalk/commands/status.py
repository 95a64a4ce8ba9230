"""How things stand: each source's last sync, what waits, what was made."""

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.options import AsJson
from crosswalk.commands.output import console, show


def register(app: typer.Typer) -> None:
    app.command()(status)


def status(as_json: AsJson = False) -> None:
    """Show each source's last sync and error, what is quarantined, what waits, and how much there is.

    [bold]Example:[/bold] crosswalk status --json
    """
    from sql import queries

    with opened() as database, database.begin() as connection:
        streams = [dict(row._mapping) for row in connection.execute(queries.report_streams)]
        totals = dict(connection.execute(queries.report_totals).one()._mapping)
    if as_json:
        show({"streams": streams, "totals": totals}, True)
        return
    if streams:
        show([{"stream": f"{row.pop('source')}/{row.pop('stream')}"} | row for row in streams], False)
    else:
        console.print("Nothing was synced yet. Declare your sources, then: crosswalk sync")
    console.print()
    show(totals, False)
