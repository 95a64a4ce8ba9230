"""What can be wrong with a request to the resolver. The docstring is the message; details are added where they help.

ResolutionError
├── NotFoundError
│   ├── PartyNotFoundError
│   ├── RecordNotFoundError
│   ├── ReviewNotFoundError
│   └── DecisionNotFoundError
└── ConflictError
    ├── ReviewAlreadyDecidedError
    ├── ReviewNotAPairError
    ├── DecisionSupersededError
    ├── InvalidSplitError
    └── InvalidMergeError
"""


class ResolutionError(Exception):
    """The resolver cannot do this."""

    def __init__(self, detail: str = "") -> None:
        message = (self.__doc__ or "").strip()
        super().__init__(f"{message} {detail}".strip())


class NotFoundError(ResolutionError):
    """There is no such thing."""


class PartyNotFoundError(NotFoundError):
    """There is no party with this id."""


class RecordNotFoundError(NotFoundError):
    """There is no live party record with this reference."""


class ReviewNotFoundError(NotFoundError):
    """There is no review with this id."""


class DecisionNotFoundError(NotFoundError):
    """There is no decision with this id that could be undone."""


class ConflictError(ResolutionError):
    """This does not fit the present state."""


class ReviewAlreadyDecidedError(ConflictError):
    """This review is closed already. Undo its decision to decide it again."""


class ReviewNotAPairError(ConflictError):
    """This review is not about two records. Settle a conflict of values by an override."""


class DecisionSupersededError(ConflictError):
    """A later decision stands on this one. Undo the later one first."""


class InvalidSplitError(ConflictError):
    """The party cannot be split so: name at least one of its records, and leave at least one."""


class InvalidMergeError(ConflictError):
    """A merge needs at least two different parties that have records, all people or all organisations."""


class ModelNotFoundError(NotFoundError):
    """There is no model with this version that could be put in force; `crosswalk model list` shows which there are."""


class NothingResolvedError(ConflictError):
    """No model is in force yet. Resolve some records first."""


class TooFewDecisionsError(ConflictError):
    """There are too few decisions to learn from. Decide more reviews, matches and others."""


class ModelNotBetterError(ConflictError):
    """The candidate is not better than the model in force, so it stays in the shadow. Decide more reviews and train it again."""


class ResolveUnfinishedError(ConflictError):
    """Everything is being resolved anew, or was and did not end. Let `crosswalk resolve` come to its end first."""
