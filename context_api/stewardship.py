"""What a steward decides, taking effect at once: the judgement, then the golden records, timelines and summaries that hang on it.

Each act commits by itself before what follows from it is built, so a crash between the two leaves only rows in `pending`, which the next
act or the next sync builds.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from context_api.context import summaries, timeline
from resolution.golden import overrides
from resolution.golden import records as golden
from resolution.identity import judgements
from resolution.identity.judgements import Decision, Verdict
from sql.database import Database

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stewardship:
    """A steward's acts. Synchronous: the API calls them in a thread. Each raises what the judgement or override below it raises."""

    database: Database

    def decide(self, review_id: int, verdict: Verdict, actor: str, reason: str) -> Decision:
        """Answer a review: are its two records one party?"""
        return self._took_effect(judgements.decide(self.database, review_id, verdict, actor, reason))

    def undo(self, decision_id: str, actor: str, reason: str) -> Decision:
        """Take a decision back: what was before it is again."""
        return self._took_effect(judgements.undo(self.database, decision_id, actor, reason))

    def split(self, party_id: str, record_refs: Sequence[str], actor: str, reason: str) -> Decision:
        """The named records leave the party and stay out of it."""
        return self._took_effect(judgements.split(self.database, party_id, record_refs, actor, reason))

    def merge(self, party_ids: Sequence[str], actor: str, reason: str) -> Decision:
        """The parties are one, and stay so."""
        return self._took_effect(judgements.merge(self.database, party_ids, actor, reason))

    def override(self, party_id: str, attribute: str, value: Any, actor: str, reason: str) -> int:
        """Set one attribute against all sources; returns the override's id."""
        override_id = overrides.set(self.database, party_id, attribute, value, actor, reason)
        self.take_effect()
        return override_id

    def withdraw(self, override_id: int, actor: str, reason: str) -> None:
        """End an override: the sources decide again."""
        overrides.withdraw(self.database, override_id, actor, reason)
        self.take_effect()

    def take_effect(self) -> None:
        """Build what an act left pending, down to the summaries."""
        golden.build(self.database)
        timeline.build(self.database)
        summaries.build(self.database)

    def _took_effect(self, decision: Decision) -> Decision:
        logger.info("%s %s touched %d parties", decision.action, decision.decision_id, len(decision.party_ids))
        self.take_effect()
        return decision
