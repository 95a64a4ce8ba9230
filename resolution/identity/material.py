"""The records at work, in the form that suits: by themselves where few pairs are asked about, as columns where many.

Both forms mean the same (a test holds them to it), so which one is used changes nothing but the time it takes.
"""

from collections.abc import Sequence
from functools import cached_property

from resolution.compare import Levels, levels
from resolution.compare.few import levels_of
from resolution.normalize.features import Features, Index, features_from
from resolution.normalize.profile import Profile
from resolution.rules import Decisions, Shared, decide_few, decide_levels

#: Up to so many pairs are compared one by one.
FEW = 400


class Material:
    """n records in rows; made from profiles or from features, and each form from the other when it is first asked for."""

    def __init__(self, profiles: Sequence[Profile] | None = None, features: Features | None = None) -> None:
        if profiles is not None:
            self.profiles = profiles
        if features is not None:
            self.features = features

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def profiles(self) -> Sequence[Profile]:
        return [self.features.profile(row) for row in range(len(self.features))]

    @cached_property
    def features(self) -> Features:
        return features_from(self.profiles)

    @cached_property
    def ids(self) -> list[int]:
        if "features" in self.__dict__:
            ids: list[int] = self.features.ids.tolist()
            return ids
        return [profile.id for profile in self.profiles]

    @cached_property
    def refs(self) -> list[str]:
        if "features" in self.__dict__:
            refs: list[str] = self.features.refs.to_pylist()
            return refs
        return [profile.ref for profile in self.profiles]

    def compare(self, left: Index, right: Index) -> tuple[Levels, Decisions]:
        """What the pairs (left[i], right[i]) of rows look like, and what the rules say of them."""
        if len(left) <= FEW:
            pairs = [(self.profiles[one], self.profiles[two]) for one, two in zip(left.tolist(), right.tolist(), strict=True)]
            seen = levels_of(pairs)
            return seen, decide_few(pairs, seen, Shared())
        seen = levels(self.features, left, right)
        return seen, decide_levels(self.features, left, right, seen, Shared())
