"""From landed records to context: each asset is one incremental step, and commits its output with its position."""

from collections.abc import Sequence

import dagster as dg

from connectors.staging.pending import map_pending
from context_api.context import passages, summaries, timeline
from dagster_project.reports import counted
from dagster_project.resources import Rooms
from resolution.golden import records as golden
from resolution.identity.resolver import resolve

# As soon as something upstream changed and its blocking checks hold; a source that has never come does not hold up the others.
WHEN_UPSTREAM_CHANGED = (
    dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())
    & dg.AutomationCondition.all_deps_blocking_checks_passed()
)


def done(report: object) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata=counted(report))


def party_records(upstream: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset that maps what has landed, hanging on the source assets."""

    @dg.asset(
        deps=upstream,
        group_name="staging",
        automation_condition=WHEN_UPSTREAM_CHANGED,
        description="What the landed records say, in our words.",
    )
    def party_records(rooms: dg.ResourceParam[Rooms]) -> dg.MaterializeResult[None]:
        return done(map_pending(rooms.database, rooms.declarations))

    return party_records


@dg.asset(deps=["party_records"], group_name="identity", automation_condition=WHEN_UPSTREAM_CHANGED)
def identities(rooms: dg.ResourceParam[Rooms]) -> dg.MaterializeResult[None]:
    """Which records are one party."""
    return done(resolve(rooms.database, judge=rooms.language_model))


@dg.asset(deps=["identities"], group_name="golden", automation_condition=WHEN_UPSTREAM_CHANGED)
def golden_records(rooms: dg.ResourceParam[Rooms]) -> dg.MaterializeResult[None]:
    """What is believed of each party, with provenance."""
    return done(golden.build(rooms.database))


@dg.asset(deps=["golden_records"], group_name="context", automation_condition=WHEN_UPSTREAM_CHANGED, name="timeline")
def timeline_items(rooms: dg.ResourceParam[Rooms]) -> dg.MaterializeResult[None]:
    """What happened with each party, and the signals that follow from it."""
    return done(timeline.build(rooms.database))


@dg.asset(deps=["party_records"], group_name="context", automation_condition=WHEN_UPSTREAM_CHANGED, name="passages")
def passage_index(rooms: dg.ResourceParam[Rooms]) -> dg.MaterializeResult[None]:
    """Mail and documents in passages, embedded and indexed."""
    return done(passages.build(rooms.database, rooms.embedder))


@dg.asset(deps=["timeline", "passages"], group_name="context", automation_condition=WHEN_UPSTREAM_CHANGED, name="summaries")
def party_summaries(rooms: dg.ResourceParam[Rooms]) -> dg.MaterializeResult[None]:
    """Each party at three lengths, with citations."""
    return done(summaries.build(rooms.database, writer=rooms.language_model))


STEPS = [identities, golden_records, timeline_items, passage_index, party_summaries]
