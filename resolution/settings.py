"""How the resolver works: where it draws its lines and how much it takes at once."""

import os
from functools import lru_cache
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict

from resolution.fingerprint import kernel


class Settings(BaseSettings):
    """Settings of the resolver. Read from CROSSWALK_RESOLUTION_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="CROSSWALK_RESOLUTION_", frozen=True, extra="ignore")

    #: A blocking key that more records hold gives no candidate pairs; and one that tells less (a name and a town, say) if more than `crowd`
    #: do. With 30 instead of 200, a million people make a sixth of the pairs, and lose 0.3% of the true ones.
    block_cap: int = 200
    crowd: int = 30
    #: An identifier that more records hold decides nothing by itself.
    identifier_limit: int = 20
    #: Pairs below this weight are not kept, unless a rule or a judgement speaks of them.
    keep_bits: float = -8.0
    #: Between these probabilities a pair is in doubt: the language model, then a steward, is asked.
    review_lower: float = 0.2
    review_upper: float = 0.9

    #: The first resolve learns the model of a kind where there are at least this many records of it; below, the shipped one serves.
    learn_from: int = 2_000
    learn_sample: int = 100_000
    #: Pending records taken in one transaction.
    batch: int = 20_000
    #: From so many pending records on, where they are half of all, everything is made anew at once.
    rebuild_from: int = 50_000
    #: Pairs that the language model may be asked about in one run.
    judge_budget: int = 200

    def policy(self) -> dict[str, Any]:
        """What the grouping depends on beside the model's parameters, the code too; a change of it is a change of model."""
        names = ("block_cap", "crowd", "identifier_limit", "keep_bits", "review_lower", "review_upper")
        return {name: getattr(self, name) for name in names} | {"kernel": kernel()}


def current() -> Settings:
    """The settings as the environment is now; they are read again when it is another."""
    return _read(tuple(sorted(item for item in os.environ.items() if item[0].upper().startswith("CROSSWALK_RESOLUTION_"))))


@lru_cache(maxsize=1)
def _read(_environment: tuple[tuple[str, str], ...]) -> Settings:
    return Settings()
