"""What the venue's error codes mean: which error they are, whether they pass, and what to do about them.

The code of a refusal is in the header ``X-Polysim-Code``, or else in the body; the prose beside it has come
in several forms, so nothing is decided by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from polyspec.errors import (
    ApiError,
    Conflict,
    Forbidden,
    InsufficientFunds,
    NotFound,
    OrderRejected,
    RateLimited,
    TradingRestricted,
    Unauthorized,
)

__all__ = [
    "CONFLICT_PENDING",
    "DUPLICATE",
    "IN_VAIN",
    "KEY_REUSE",
    "PASSING",
    "PERSISTED",
    "PERSISTENCE_UNKNOWN",
    "VENUE_UNAVAILABLE",
    "advice_of",
    "code_of",
    "kind_of",
    "one_name",
    "refusal",
]

CONFLICT_PENDING: Final = "IDEMPOTENCY_CONFLICT_PENDING"
"""The same order is being worked on right now."""
KEY_REUSE: Final = "IDEMPOTENCY_KEY_REUSE"
"""The client order id belongs to another order."""
DUPLICATE: Final = "DUPLICATE_CLIENT_ORDER_ID"
"""An order with this client order id exists."""
PERSISTED: Final = "DEADLINE_OVERSHOT_BUT_PERSISTED"
"""The order is stored, and must not be sent again; the answer names it."""
PERSISTENCE_UNKNOWN: Final = "PERSISTENCE_UNKNOWN"
"""The order may be stored or not."""
VENUE_UNAVAILABLE: Final = "VENUE_UNAVAILABLE"
"""Polymarket is down: nothing that must fill at once is taken."""

PASSING: Final = frozenset({CONFLICT_PENDING, "LOCK_BUSY_RETRY", "SERVER_BUSY", "DB_CONTENTION_RETRY"})
"""After which the venue asks for the identical request again."""
IN_VAIN: Final = frozenset({PERSISTED, PERSISTENCE_UNKNOWN, VENUE_UNAVAILABLE})
"""After which it must not be sent again."""

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]+")
_LONGEST_CODE: Final = 100

# Header and body call some things by different names.
_ONE_NAME: Final[Mapping[str, str]] = {
    "ORDER_BELOW_MIN_SIZE": "INVALID_ORDER_MIN_SIZE",
    "POST_ONLY_WOULD_CROSS": "INVALID_POST_ONLY_ORDER",
    "TRADE_IN_PROGRESS": "LOCK_BUSY_RETRY",
    "PERSISTED_DO_NOT_RETRY": PERSISTED,
}

_KINDS: Final[Mapping[str, type[ApiError]]] = {
    **dict.fromkeys(("INSUFFICIENT_BALANCE", "INSUFFICIENT_POSITION"), InsufficientFunds),
    **dict.fromkeys(("MARKET_CLOSED", VENUE_UNAVAILABLE), TradingRestricted),
    **dict.fromkeys(
        (
            "INSUFFICIENT_LIQUIDITY", "NO_EXECUTABLE_DEPTH", "STALE_QUOTE", "INVALID_QUANTITY",
            "PRICE_REQUIRED", "FOK_ORDER_NOT_FILLED_ERROR", "INVALID_ORDER_PAYLOAD",
            "INVALID_ORDER_MIN_TICK_SIZE", "UNSUPPORTED_ORDER_TYPE", "INVALID_ORDER_EXPIRATION",
            "INVALID_POST_ONLY_ORDER", "INVALID_POST_ONLY_ORDER_TYPE", "INVALID_ORDER_MIN_SIZE",
        ),
        OrderRejected,
    ),
    **dict.fromkeys(
        (
            "MISSING_AUTH", "MISSING_API_KEY", "INVALID_KEY", "INVALID_TOKEN", "KEY_EXPIRED",
            "KEY_DEACTIVATED", "KEY_OWNER_NOT_FOUND", "TOKEN_EXPIRED", "USER_NOT_FOUND",
        ),
        Unauthorized,
    ),
    **dict.fromkeys(
        (
            "UPGRADE_REQUIRED", "INSUFFICIENT_PERMISSION", "ACCESS_RESTRICTED", "CLOSED_BETA",
            "API_PRO_COMING_SOON", "TIER_REQUIRES_UPGRADE", "TIER_NOT_AUTHORIZED", "AUTH_STATE_INCOMPLETE",
            "TIER_KEY_LIMIT_EXCEEDED", "BACKTEST_MONTHLY_CAP", "BACKTEST_MARKET_CAP", "BACKTEST_WINDOW_CAP",
            "SIMULATION_HOURS_EXCEEDED",
        ),
        Forbidden,
    ),
    **dict.fromkeys((CONFLICT_PENDING, KEY_REUSE, DUPLICATE, "LOCK_BUSY_RETRY", "COHORT_FULL"), Conflict),
    **dict.fromkeys(("RATE_LIMIT_EXCEEDED", "RATE_LIMITED", "API_KEY_CONCURRENCY_EXCEEDED"), RateLimited),
}  # fmt: skip

_SIGN_IN_AGAIN: Final = (
    "access tokens of the dashboard last an hour or so: sign in again, or give access_token as a function "
    "that returns the one to use now"
)
_ADVICE: Final[Mapping[str, str]] = {
    "MISSING_AUTH": "this takes other credentials than were sent: see api_key and access_token of the client",
    "MISSING_API_KEY": "this takes an API key: give api_key when the client is made",
    "INVALID_KEY": "a key belongs to one deployment: one of staging is not known in production",
    "KEY_EXPIRED": "once rotated, a key works for another day: use the one that replaced it",
    "KEY_DEACTIVATED": "it was revoked: make another in the dashboard, or with its access token",
    "KEY_OWNER_NOT_FOUND": "its account is gone: make a key with another one",
    "INVALID_TOKEN": _SIGN_IN_AGAIN,
    "TOKEN_EXPIRED": _SIGN_IN_AGAIN,
    "USER_NOT_FOUND": "sign in to the dashboard once, so that the account is made",
    "UPGRADE_REQUIRED": "the plan of this account does not include it; see account.entitlements()",
    "INSUFFICIENT_PERMISSION": (
        "this key may not do that: trading needs a key with the permission trade, and keys of the free plan "
        "made before September 2026 can only read; make another with keys.create()"
    ),
    "ACCESS_RESTRICTED": "the venue has blocked this account: ask it why",
    "CLOSED_BETA": "the venue lets only invited accounts make keys for now; see cohort_status()",
    "API_PRO_COMING_SOON": "this plan is not sold yet: leave tier out",
    "TIER_REQUIRES_UPGRADE": "leave tier and permissions out to get what the plan of this account includes",
    "TIER_NOT_AUTHORIZED": "leave tier and permissions out to get what the plan of this account includes",
    "TIER_KEY_LIMIT_EXCEEDED": "revoke a key that is not used any more: keys.list(), keys.revoke(id)",
    "AUTH_STATE_INCOMPLETE": "sign in to the dashboard and finish setting the account up",
    "BOOTSTRAP_NOT_ALLOWED": "the account has a key already: use keys.create()",
    "COHORT_FULL": "there is no free seat; see cohort_status()",
    "CONFIRMATION_REQUIRED": "orders.cancel_all() confirms by itself; a raw call needs confirm=true",
    "MARKET_NOT_FOUND": (
        "a new market is there about half a minute after it opens: markets.get(id, wait=60) waits for it"
    ),
    "INSUFFICIENT_BALANCE": "what open orders reserve is not free; look at account.balance()",
    "INSUFFICIENT_POSITION": "shares must be held before they are sold; see account.positions()",
    **dict.fromkeys(
        ("INVALID_ORDER_MIN_SIZE", "INVALID_ORDER_MIN_TICK_SIZE"),
        "orders.terms(market) tells tick and smallest size, and checks orders against them beforehand",
    ),
    "FOK_ORDER_NOT_FILLED_ERROR": "FAK takes what there is, and a GTC limit order waits for the rest",
    "INVALID_POST_ONLY_ORDER": "it would take at once: name a price that only rests, or leave post_only out",
    "BOOK_UNAVAILABLE": "nobody waits there now, or it is no token of an open market: ask again later",
    "MARKET_CLOSED": "only what is held can still be sold, at its entry price",
    VENUE_UNAVAILABLE: "limit orders with GTC or GTD are taken meanwhile, and rest until it is back",
    CONFLICT_PENDING: "the same order is being worked on",
    KEY_REUSE: "this client order id belongs to another order: leave it out to get a fresh one",
    DUPLICATE: "an order with this client order id exists: look for it with orders.list()",
    "LOCK_BUSY_RETRY": "one order or cancel at a time is worked on for each account: send fewer at once",
    PERSISTED: "it is stored: look it up, and do not send it again",
    PERSISTENCE_UNKNOWN: "it may be stored: look it up by its client order id, and do not just send it again",
    **dict.fromkeys(
        (
            "BACKTEST_MONTHLY_CAP",
            "BACKTEST_MARKET_CAP",
            "BACKTEST_WINDOW_CAP",
            "SIMULATION_HOURS_EXCEEDED",
        ),
        "the plan says how many backtests a month, how long and over how many markets",
    ),
    "BATCH_LIMIT_EXCEEDED": "the plan says how many fit into one request: see keys.tiers()",
    "API_KEY_CONCURRENCY_EXCEEDED": "too many requests of this key are being worked on at once",
}


def one_name(code: str) -> str:
    """Return the one name of what the venue has two names for."""
    return _ONE_NAME.get(code, code)


def code_of(status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """Return the code of a refusal: from the header, or else from the body, or else made of the status."""
    for found in (headers.get("x-polysim-code"), body.get("error_code"), body.get("error")):
        if isinstance(found, str) and len(found) <= _LONGEST_CODE and _CODE.fullmatch(found.strip()):
            code = one_name(found.strip())
            # which the venue writes when it has no better word; the body may have one
            if not code.startswith("HTTP_"):
                return code
    return f"HTTP_{status}"


def kind_of(code: str) -> type[ApiError] | None:
    """Return the class of error of a code; None if its status says as much."""
    kind = _KINDS.get(code)
    return NotFound if kind is None and code.endswith("_NOT_FOUND") else kind


def advice_of(code: str) -> str:
    """Say what to do about a code; empty for nothing."""
    return _ADVICE.get(code, "")


def refusal(code: str, message: str | None = None, status: int = 400) -> ApiError:
    """Return the error for a code that came without an HTTP status of its own, as in answers to a batch."""
    code = one_name(code)
    kind = kind_of(code) or OrderRejected
    return kind(worded(code, message), status=status, code=code)


def worded(code: str, message: str | None) -> str:
    """Write what the venue said, and what to do about it, as one message."""
    said = message or code.replace("_", " ").lower()
    advice = advice_of(code)
    return f"{said}; {advice}" if advice else said
