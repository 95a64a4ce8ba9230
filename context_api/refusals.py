"""Which error of the domain is which problem: status and code. The domain's docstring, or its message, is the detail."""

from collections.abc import Mapping

from context_api.receipts import ReceiptNotFoundError

DOMAIN: Mapping[type[Exception], tuple[int, str]] = {
    ReceiptNotFoundError: (404, "receipt-not-found"),
}
