"""What starts work by itself: a schedule for each source, a sensor on the webhook inbox, and the automation of the steps."""

from collections.abc import Iterator, Sequence

import dagster as dg

from connectors.landing import inbox
from connectors.sources import SourceDeclaration
from dagster_project.resources import Rooms


def schedules(declarations: Sequence[SourceDeclaration]) -> list[dg.ScheduleDefinition]:
    """A schedule for each source that declares one (cron)."""
    return [
        dg.ScheduleDefinition(
            name=f"sync_{declaration.name}_schedule",
            job_name=f"sync_{declaration.name}",
            cron_schedule=declaration.schedule,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        for declaration in declarations
        if declaration.schedule
    ]


@dg.sensor(
    asset_selection=dg.AssetSelection.groups("landing"),
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Syncs the sources whose webhooks have come.",
)
def webhook_inbox(context: dg.SensorEvaluationContext, rooms: dg.ResourceParam[Rooms]) -> Iterator[dg.RunRequest | dg.SkipReason]:
    # Only reads and marks: it may be evaluated twice for one event, and an incremental sync that finds nothing costs little.
    waiting = inbox.pending_sources(rooms.database)
    if not waiting:
        yield dg.SkipReason("no webhook waits")
        return
    assets = context.repository_def.asset_graph.materializable_asset_keys if context.repository_def else ()
    yield dg.RunRequest(asset_selection=[key for key in assets if key.path[0] in waiting])
    inbox.mark_processed(rooms.database, waiting)
