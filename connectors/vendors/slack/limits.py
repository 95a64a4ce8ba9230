"""How fast Slack may be asked, and how it refuses (docs.slack.dev: apis/web-api/rate-limits, reference/methods)."""

from collections.abc import Mapping
from typing import Any

from connectors.account.shared import Rate
from connectors.errors import (
    AuthenticationError,
    ConnectorError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    TransientError,
)

#: Requests a minute, of an app of one's own or of Slack's Marketplace.
TIERS = {"users.list": 20, "users.info": 100, "conversations.history": 50, "conversations.replies": 50}

ERRORS: Mapping[tuple[int, str], type[ConnectorError]] = {
    (200, code): kind
    for kind, codes in {
        AuthenticationError: ("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"),
        NotFoundError: ("channel_not_found", "message_not_found", "thread_not_found", "user_not_found"),
        PermissionDeniedError: (
            *("access_denied", "accesslimited", "ekm_access_denied", "enterprise_is_restricted", "missing_scope", "no_permission"),
            *("not_allowed_token_type", "not_in_channel", "team_access_not_granted"),
        ),
        RateLimitedError: ("ratelimited", "rate_limited"),
        TransientError: (
            "fatal_error",
            "internal_error",
            "org_login_required",
            "request_timeout",
            "service_unavailable",
            "team_added_to_org",
        ),
    }.items()
    for code in codes
}


def rate_of(method: str, faster: float) -> Rate:
    """What the method's tier allows, `faster` times, with a quarter of a minute's worth at once."""
    per_minute = TIERS[method] * faster
    return Rate(per_minute / 60, max(1, int(per_minute / 4)))


def refusal(body: Any) -> str:
    """The error's word out of a body that is not `ok`."""
    return str(body.get("error") or "error") if isinstance(body, dict) and body.get("ok") is False else ""
