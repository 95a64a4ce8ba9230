"""The source assets: one for each stream of each declared source.

A source that fails, fails alone: what hangs on the sources runs on what has landed.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from connectors.errors import ConnectorError
from connectors.landing.sync import streams_of, sync_stream
from connectors.sources import SourceDeclaration
from dagster_project.reports import counted
from dagster_project.resources import Rooms

RETRY = dg.RetryPolicy(max_retries=2, delay=30, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.FULL)


def source_assets(declarations: Sequence[SourceDeclaration], retry: dg.RetryPolicy | None = RETRY) -> list[dg.AssetsDefinition]:
    """An asset for each stream, in the order in which the sources declare them."""
    return [source_asset(declaration, stream, retry) for declaration in declarations for stream in streams_of(declaration)]


def source_asset(declaration: SourceDeclaration, stream: str, retry: dg.RetryPolicy | None) -> dg.AssetsDefinition:
    key = dg.AssetKey([declaration.name, stream])

    @dg.asset(
        key=key,
        group_name="landing",
        kinds={declaration.kind},
        pool=declaration.name,
        retry_policy=retry,
        check_specs=[
            dg.AssetCheckSpec("schema_drift", asset=key, description="No field is new, gone, or of another type."),
            dg.AssetCheckSpec("volume", asset=key, description="The source has not lost or changed so much that somebody should look."),
        ],
        description=f"What {declaration.name} holds as {stream}, as it was sent.",
    )
    def landed(rooms: dg.ResourceParam[Rooms]) -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster reads the bare name
        try:
            report = sync_stream(rooms.database, rooms.declaration(declaration.name), stream)
        except ConnectorError as error:
            raise dg.Failure(error.told) from error
        checks = [warning("schema_drift", report.counts.drift), warning("volume", report.warnings)]
        return dg.MaterializeResult(metadata={**counted(report.counts), **troubles(report.faults)}, check_results=checks)

    return landed


def troubles(faults: Mapping[str, int]) -> dict[str, int | str]:
    """What went wrong on the way and was got over, as Dagster shows it; nothing where nothing did."""
    told = ", ".join(f"{kind} {count} times" for kind, count in faults.items())
    return {"faults": sum(faults.values()), "faults_by_kind": told} if faults else {}


def warning(name: str, found: Sequence[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name, passed=not found, severity=dg.AssetCheckSeverity.WARN, metadata={"found": list(found[:20])} if found else {}
    )
