"""What must hold of what was made. A blocking check stops what hangs on the asset; a warning is shown and stops nothing."""

import dagster as dg
from sqlalchemy import TextClause

from dagster_project.resources import Rooms
from sql import queries


def finding(rooms: Rooms, query: TextClause, severity: dg.AssetCheckSeverity) -> dg.AssetCheckResult:
    """Passed where the query finds no row; else a line for each row, up to 20, as metadata."""
    with rooms.database.begin() as connection:
        rows = [": ".join(str(value) for value in row if value is not None) for row in connection.execute(query).fetchmany(20)]
    return dg.AssetCheckResult(passed=not rows, severity=severity, metadata={"found": rows} if rows else {})


@dg.asset_check(asset="party_records", name="quarantine", description="Records that could not be read wait for a decision.")
def quarantine(rooms: dg.ResourceParam[Rooms]) -> dg.AssetCheckResult:
    return finding(rooms, queries.find_quarantined, dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset="party_records", name="held", description="Nothing that a sync brought waits for somebody to look.")
def held(rooms: dg.ResourceParam[Rooms]) -> dg.AssetCheckResult:
    return finding(rooms, queries.find_held, dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset="identities", name="one_party_each", blocking=True, description="Each live record is in exactly one live party.")
def one_party_each(rooms: dg.ResourceParam[Rooms]) -> dg.AssetCheckResult:
    return finding(rooms, queries.find_orphan_records, dg.AssetCheckSeverity.ERROR)


@dg.asset_check(asset="golden_records", name="orphans", blocking=True, description="Each live party has a golden record, and only those.")
def orphans(rooms: dg.ResourceParam[Rooms]) -> dg.AssetCheckResult:
    return finding(rooms, queries.find_orphan_golden_records, dg.AssetCheckSeverity.ERROR)


@dg.asset_check(asset="timeline", name="unattributed", description="Activities whose participants no source has told us of.")
def unattributed(rooms: dg.ResourceParam[Rooms]) -> dg.AssetCheckResult:
    return finding(rooms, queries.find_unattributed_activities, dg.AssetCheckSeverity.WARN)


PIPELINE_CHECKS = [quarantine, held, one_party_each, orphans, unattributed]
