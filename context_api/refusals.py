"""Which error of the domain is which problem: status and code. The error's message, or its docstring, is the detail."""

from collections.abc import Mapping

from context_api.receipts import ReceiptNotFoundError
from resolution import errors

DOMAIN: Mapping[type[Exception], tuple[int, str]] = {
    ReceiptNotFoundError: (404, "receipt-not-found"),
    errors.PartyNotFoundError: (404, "party-not-found"),
    errors.RecordNotFoundError: (404, "record-not-found"),
    errors.ReviewNotFoundError: (404, "review-not-found"),
    errors.DecisionNotFoundError: (404, "decision-not-found"),
    errors.ReviewAlreadyDecidedError: (409, "review-already-decided"),
    errors.ReviewNotAPairError: (409, "review-not-a-pair"),
    errors.DecisionSupersededError: (409, "decision-superseded"),
    errors.InvalidSplitError: (409, "invalid-split"),
    errors.InvalidMergeError: (409, "invalid-merge"),
}
