"""How Stripe is spoken with: its version, its errors, and what is asked for of each stream."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from connectors.errors import TransientError
from connectors.http.door import Vendor
from connectors.http.messages import Answer

KEPT = timedelta(days=29)
LOOKBACK = timedelta(hours=1)

#: Stream -> the events that tell of it.
EVENTS = {"customers": "customer.*", "invoices": "invoice.*", "charges": "charge.*", "subscriptions": "customer.subscription.*"}

#: Stream -> what is told of its objects only when it is asked for.
EXPANDED = {"customers": "tax_ids"}

#: Stream -> parameters of its list, which leaves out what is cancelled, and what is to be expanded.
LISTED: Mapping[str, Mapping[str, str]] = {"customers": {"expand[]": "data.tax_ids"}, "subscriptions": {"status": "all"}}


def error_code(body: Any) -> str:
    """Stripe's `code`, or its `type`."""
    return str(body["error"].get("code") or body["error"].get("type") or "")


def pause(headers: httpx.Headers) -> float:
    """Stripe says that it limits, and not for how long."""
    return 1.0 if "Stripe-Rate-Limited-Reason" in headers else 0.0


def lately(answer: Answer) -> int:
    """A little before the vendor's now: where to go on from when nothing happened, so that a quiet month does not outlast the events."""
    clock = answer.said_at()
    return int((clock - LOOKBACK).timestamp()) if clock else 0


VENDOR = Vendor(
    error_code=error_code,
    pause=pause,
    errors={(409, "idempotency_key_in_use"): TransientError},  # the first of two requests under one key is still at work
    headers={"Stripe-Version": "2025-03-31.basil"},
)
