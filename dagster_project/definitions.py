"""Everything that Dagster sees, from the sources that crosswalk.toml declares."""

import os
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from connectors import sources
from connectors.sources import SourceDeclaration
from dagster_project import automation, checks, landing, pipeline
from dagster_project.resources import RoomsResource

#: A process for each step, forked from one that has imported what steps import: starting from nothing costs two to four seconds of CPU.
EXECUTOR = dg.multiprocess_executor.configured(
    {"start_method": {"forkserver": {"preload_modules": ["dagster_project.pipeline", "dagster_postgres.storage"]}}}
)


def build(declarations: Sequence[SourceDeclaration], rooms: RoomsResource) -> dg.Definitions:
    """The definitions for these sources."""
    landed = landing.source_assets(declarations)
    return dg.Definitions(
        assets=[*landed, pipeline.party_records([asset.key for asset in landed]), *pipeline.STEPS],
        asset_checks=checks.PIPELINE_CHECKS,
        jobs=[dg.define_asset_job(f"sync_{one.name}", selection=dg.AssetSelection.key_prefixes(one.name)) for one in declarations],
        schedules=automation.schedules(declarations),
        sensors=[
            automation.webhook_inbox,
            dg.AutomationConditionSensorDefinition("steps", target="*", default_status=dg.DefaultSensorStatus.RUNNING),
        ],
        resources={"rooms": rooms},
        executor=EXECUTOR,
    )


@dg.definitions
def defs() -> dg.Definitions:
    config = os.environ.get("CROSSWALK_CONFIG", "crosswalk.toml")
    return build(sources.load(Path(config)), RoomsResource(config=config, database_url=os.environ.get("CROSSWALK_DATABASE_URL")))
