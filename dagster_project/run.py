"""Run the assets here and now, in this process, on an instance that leaves nothing behind: what `crosswalk sync` and the demo do.

Two runs, one after the other: first the sources, then the steps, so that a source that fails holds up nothing else.
"""

from collections.abc import Sequence

import dagster as dg

from dagster_project import checks, landing, pipeline
from dagster_project.progress import INTERRUPTED, Listener, Outcome, cause, follow
from dagster_project.resources import Rooms


class RunBrokenError(Exception):
    """The run failed before its steps."""


def run(rooms: Rooms, names: Sequence[str], listen: Listener = lambda _: None) -> Outcome:
    """Sync the named sources, then run every step. Returns what became of each; raises nothing for a source that fails."""
    declarations = [rooms.declaration(name) for name in names]
    landed = landing.source_assets(declarations, retry=None)
    outcome = Outcome([], [])
    if landed:
        _materialize(landed, [], rooms, (outcome, listen))
    steps = [pipeline.party_records([]), *pipeline.STEPS]
    _materialize(steps, checks.PIPELINE_CHECKS, rooms, (outcome, listen))
    return outcome


def _materialize(
    assets: Sequence[dg.AssetsDefinition],
    asset_checks: Sequence[dg.AssetChecksDefinition],
    rooms: Rooms,
    to: tuple[Outcome, Listener],
) -> None:
    outcome, listen = to
    with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
        progress = follow({asset.key.to_user_string() for asset in assets}, outcome, listen)
        definitions = dg.Definitions(assets=assets, asset_checks=asset_checks, resources={"rooms": rooms}, loggers={"progress": progress})
        job = definitions.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance, raise_on_error=False, run_config={"loggers": {"progress": {}}})
        if result.filter_events(interrupted):
            raise KeyboardInterrupt
        if not result.success and not outcome.failed:  # before any step: a resource, or Dagster itself
            broken = result.filter_events(lambda event: event.is_failure)
            raise RunBrokenError("The run failed before its steps: " + "; ".join(cause(event.event_specific_data) for event in broken))


def interrupted(event: dg.DagsterEvent) -> bool:
    """Whether Ctrl-C ended the step: Dagster makes a failure of it, and goes on."""
    error = event.step_failure_data.error if event.is_step_failure else None
    return error is not None and error.cls_name == INTERRUPTED
