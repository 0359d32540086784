"""Refusals are read by their code, whichever of its forms the venue chose for the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from polyspec.core.attempt import Verdict
from polyspec.core.effects import Reply
from polyspec.core.pacing import Pacer
from polyspec.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    InsufficientFunds,
    NotFound,
    OrderRejected,
    RateLimited,
    ServerError,
    TradingRestricted,
    Unauthorized,
)
from polyspec.polysimulator.codes import refusal
from polyspec.polysimulator.manner import PolySimulatorManner

NOON = datetime(2026, 9, 10, 12, tzinfo=UTC).timestamp()
MANNER = PolySimulatorManner()


def no(status: int, body: Any = None, **headers: str) -> Reply:
    """Refuse; underscores in header names stand for dashes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=named, body=raw, elapsed=0.05)


def read(reply: Reply, now: float = NOON) -> ApiError:
    """Return the error of a reply."""
    return MANNER.error(reply, now)


FORMS: list[tuple[Any, dict[str, str]]] = [
    ({"error": "INSUFFICIENT_BALANCE", "message": "Too poor"}, {}),
    ({"error": "INSUFFICIENT_BALANCE", "message": "Too poor", "details": {"a": 1}, "request_id": "r"}, {}),
    ({"error": "Too poor"}, {"x_polysim_code": "INSUFFICIENT_BALANCE"}),
    ({"error": "Too poor", "error_code": "INSUFFICIENT_BALANCE"}, {}),
    ({"detail": "Too poor"}, {"x_polysim_code": "INSUFFICIENT_BALANCE"}),
    ({"error": "SOMETHING_ELSE", "message": "Too poor"}, {"x_polysim_code": "INSUFFICIENT_BALANCE"}),
    ({"error": "INSUFFICIENT_BALANCE", "message": "Too poor"}, {"x_polysim_code": "HTTP_400"}),
]


@pytest.mark.parametrize(("body", "headers"), FORMS)
def test_every_form_is_the_same_error(body: Any, headers: dict[str, str]) -> None:
    """Class, code, prose and verdict do not depend on which form of body came."""
    reply = no(400, body, **headers)
    error = read(reply)
    assert isinstance(error, InsufficientFunds)
    assert (error.code, error.status) == ("INSUFFICIENT_BALANCE", 400)
    assert error.message.startswith("Too poor; ")
    assert "account.balance()" in error.message
    assert (MANNER.classify(reply), error.maybe_executed) == (Verdict.REFUSED, False)
    assert error.details == body


@pytest.mark.parametrize(
    ("header", "body", "code"),
    [
        ("ORDER_BELOW_MIN_SIZE", "INVALID_ORDER_MIN_SIZE", "INVALID_ORDER_MIN_SIZE"),
        ("POST_ONLY_WOULD_CROSS", "INVALID_POST_ONLY_ORDER", "INVALID_POST_ONLY_ORDER"),
        (None, "INVALID_POST_ONLY_ORDER", "INVALID_POST_ONLY_ORDER"),
        (None, "POST_ONLY_WOULD_CROSS", "INVALID_POST_ONLY_ORDER"),
        (None, "A_CODE_OF_TOMORROW", "A_CODE_OF_TOMORROW"),
        (None, "Invalid side", "HTTP_400"),
        (None, "X" * 500, "HTTP_400"),
    ],
)
def test_both_names_of_one_thing_are_one(header: str | None, body: str, code: str) -> None:
    """A code is the header's, or the body's, or made of the status, under one name."""
    headers = {} if header is None else {"x_polysim_code": header}
    assert read(no(400, {"error": body}, **headers)).code == code


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "MARKET_CLOSED", TradingRestricted),
        (400, "INSUFFICIENT_POSITION", InsufficientFunds),
        (400, "FOK_ORDER_NOT_FILLED_ERROR", OrderRejected),
        (400, "ORDER_BELOW_MIN_SIZE", OrderRejected),
        (400, "TIER_KEY_LIMIT_EXCEEDED", Forbidden),
        (400, "INVALID_INTERVAL", BadRequest),
        (400, "BOOTSTRAP_NOT_ALLOWED", BadRequest),
        (401, "INVALID_KEY", Unauthorized),
        (402, "UPGRADE_REQUIRED", Forbidden),
        (402, "SOMETHING_NEW", Forbidden),
        (403, "CLOSED_BETA", Forbidden),
        (404, "MARKET_NOT_FOUND", NotFound),
        (404, "BOOK_UNAVAILABLE", NotFound),
        (409, "IDEMPOTENCY_KEY_REUSE", Conflict),
        (409, "IDEMPOTENCY_CONFLICT_PENDING", Conflict),
        (422, "VALIDATION_FAILED", BadRequest),
        (429, "RATE_LIMIT_EXCEEDED", RateLimited),
        (500, "EXECUTION_ERROR", ServerError),
        (503, "SERVER_BUSY", ServerError),
        (503, "PERSISTENCE_UNKNOWN", ServerError),
        (503, "VENUE_UNAVAILABLE", TradingRestricted),
        # a code that says refused, from a server that broke, proves nothing
        (500, "INSUFFICIENT_BALANCE", ServerError),
    ],
)
def test_kinds(status: int, code: str, kind: type[ApiError]) -> None:
    """Each code is the error that says most about it."""
    error = read(no(status, {"error": code, "message": "No"}))
    assert type(error) is kind


@pytest.mark.parametrize(
    ("status", "code", "verdict", "passing"),
    [
        (409, "IDEMPOTENCY_CONFLICT_PENDING", Verdict.UNKNOWN, True),
        (409, "TRADE_IN_PROGRESS", Verdict.REFUSED, True),
        (503, "SERVER_BUSY", Verdict.UNKNOWN, True),
        (503, "DB_CONTENTION_RETRY", Verdict.UNKNOWN, True),
        (503, "DEADLINE_OVERSHOT_BUT_PERSISTED", Verdict.UNKNOWN, False),
        (503, "PERSISTENCE_UNKNOWN", Verdict.UNKNOWN, False),
        (503, "VENUE_UNAVAILABLE", Verdict.REFUSED, False),
        (402, "UPGRADE_REQUIRED", Verdict.REFUSED, None),
        (500, "INTERNAL_ERROR", Verdict.UNKNOWN, None),
        (409, "DUPLICATE_CLIENT_ORDER_ID", Verdict.REFUSED, None),
    ],
)
def test_what_follows(status: int, code: str, verdict: Verdict, passing: bool | None) -> None:
    """What a code proves, and whether asking again is right, is said once, and the error agrees."""
    reply = no(status, {"error": "prose"}, x_polysim_code=code)
    error = read(reply)
    assert MANNER.classify(reply) is verdict
    assert error.maybe_executed is (verdict is Verdict.UNKNOWN)
    assert MANNER.passing(error) is passing
    if passing is not None:
        assert error.retryable is passing


def test_the_second_field_of_lock_refusals_counts() -> None:
    """An answer whose two codes differ is read by the one that says what to do."""
    body = {"error": "DEADLINE", "error_code": "PERSISTED_DO_NOT_RETRY", "order_id": 7, "source": "pending"}
    error = read(no(503, body))
    assert error.code == "DEADLINE_OVERSHOT_BUT_PERSISTED"
    assert error.details["order_id"] == 7


@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (429, RateLimited)])
def test_the_edge_in_front_of_the_venue(status: int, kind: type[ApiError]) -> None:
    """What the edge turned away in plain text never reached the venue, and the error says what to change."""
    reply = no(status, b"error code: 1010\n", content_type="text/plain")
    error = read(reply)
    assert isinstance(error, kind)
    assert (error.code, error.maybe_executed) == ("EDGE_1010", False)
    assert "user_agent" in error.message
    assert MANNER.classify(reply) is Verdict.REFUSED
    assert not MANNER.is_own(reply)


@pytest.mark.parametrize(
    "reply",
    [
        no(403, b"<html>error code: 1010</html>"),
        no(502, b"error code: 502"),
        no(530, b"error code: 1016"),
        no(429, b"slow down"),
        no(404, {"page": 1}),
    ],
)
def test_pages_of_others_prove_nothing(reply: Reply) -> None:
    """An answer that is neither the venue's nor the edge's own word leaves the outcome open."""
    assert MANNER.classify(reply) is Verdict.UNKNOWN
    assert read(reply).maybe_executed
    assert not MANNER.is_own(reply)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("Not allowed", "Not allowed"),
        ([{"loc": ["body", "price"], "msg": "field required"}], "price: field required"),
        ([{"msg": "wrong"}, 5, {"loc": 5, "msg": "worse"}], "wrong; worse"),
        ({"message": "nested"}, "nested"),
        ([7], "validation failed"),
    ],
)
def test_the_frameworks_own_words(detail: Any, words: str) -> None:
    """Refusals of the framework below the venue are its own too, and are read."""
    reply = no(422, {"detail": detail}, x_polysim_code="VALIDATION_FAILED")
    assert read(reply).message == words
    bare = no(422, {"detail": detail})
    assert (MANNER.classify(bare), read(bare).code) == (Verdict.REFUSED, "HTTP_422")


def test_a_plan_that_does_not_include_it() -> None:
    """A 402 says which feature it is about and where to look."""
    body = {"error": "UPGRADE_REQUIRED", "message": "No", "feature_key": "csv", "upgrade_url": "https://u"}
    error = read(no(402, body))
    assert "entitlements()" in error.message
    assert "(csv)" in error.message
    assert error.details["upgrade_url"] == "https://u"


def test_a_beta_that_ended() -> None:
    """The header that a key fell back to reading is put into words."""
    reply = no(403, {"error": "INSUFFICIENT_PERMISSION"}, x_api_beta_cutoff="expired")
    assert "has ended" in read(reply).message


def test_waits() -> None:
    """The header says how long to wait, or the body does; nonsense in it does not."""
    body = {"error": "VENUE_UNAVAILABLE", "message": "Down", "retry_after": 60}
    assert read(no(503, body, retry_after="30")).retry_after == 30.0
    assert read(no(503, body)).retry_after == 60.0
    for odd in (True, "60", -1, None, [1]):
        assert read(no(503, body | {"retry_after": odd})).retry_after is None


def test_orders_of_a_day_are_used_up() -> None:
    """A 429 until midnight says so, and holds back nothing but what was refused."""
    error = read(no(429, {"error": "RATE_LIMIT_EXCEEDED", "message": "No"}, retry_after="43200"))
    assert "used up until 2026-09-11T00:00:00Z" in error.message
    assert not MANNER.about_pace(error)
    for wait in ("30", "7200"):
        other = read(no(429, {"error": "RATE_LIMIT_EXCEEDED", "message": "No"}, retry_after=wait))
        assert "used up" not in other.message
    just_before = read(no(429, {"error": "RATE_LIMIT_EXCEEDED"}, retry_after="20"), NOON + 43_180)
    assert "used up" not in just_before.message
    assert MANNER.about_pace(just_before)


@pytest.mark.parametrize("code", ["RATE_LIMITED", "API_KEY_CONCURRENCY_EXCEEDED"])
def test_too_many_at_once_is_not_the_pace(code: str) -> None:
    """A limit on what is worked on at once does not slow down what is sent one after the other."""
    assert not MANNER.about_pace(read(no(429, {"error": code, "message": "No"}, retry_after="1")))


@pytest.mark.parametrize("status", [400, 403, 429])
def test_what_a_plan_caps_does_not_pass(status: int) -> None:
    """A cap of the plan is one whatever its status, is not asked about again, and slows nothing down."""
    error = read(no(status, {"error": "BACKTEST_MONTHLY_CAP", "message": "No"}))
    assert isinstance(error, Forbidden)
    assert MANNER.passing(error) is (False if status == 429 else None)
    assert not MANNER.about_pace(error)


def test_what_would_have_been_taken_is_named() -> None:
    """A refusal that lists what it takes instead says so in words."""
    body = {"error": "INVALID_INTERVAL", "message": "No", "supported_intervals": ["1h", "max"]}
    assert read(no(400, body)).message == "No; it takes 1h, max"


def test_codes_in_answers_to_batches() -> None:
    """A refusal that came inside an answer is the same error as one by itself."""
    error = refusal("ORDER_BELOW_MIN_SIZE", "Too small")
    assert (type(error), error.code) == (OrderRejected, "INVALID_ORDER_MIN_SIZE")
    assert error.message.startswith("Too small; orders.terms(market) tells")
    assert type(refusal("SOMETHING_NEW")) is OrderRejected
    assert refusal("SOMETHING_NEW").message == "something new"


LIMITS = {
    "x_ratelimit_tier": "pro",
    "x_ratelimit_limit": "1800",
    "x_ratelimit_limit_per_second": "30",
}


class Told(Pacer):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[dict[str, int]] = []

    def learn(self, rates: Any) -> None:
        """Note the rates."""
        self.rates.append(dict(rates))


@pytest.mark.parametrize("family", ["x_ratelimit", "x_polysim_ratelimit"])
def test_plan_and_limits_are_learned(family: str) -> None:
    """Either family of headers tells the plan and its limits, and saying it again changes nothing."""
    manner, pacer = PolySimulatorManner(), Told()
    headers = {name.replace("x_ratelimit", family): value for name, value in LIMITS.items()}
    for _ in range(2):
        manner.heard(no(200, {}, **headers), pacer)
    assert (manner.tier, pacer.rates) == ("pro", [{"KeySecond": 30, "KeyMinute": 1800}])
    manner.heard(no(429, {}, **headers | {f"{family}_tier": "free"}), pacer)
    assert manner.tier == "free"


def test_what_is_open_to_everybody_tells_nothing_about_the_key() -> None:
    """The limit of an anonymous answer is this machine's, not the plan's."""
    manner, pacer = PolySimulatorManner(), Told()
    manner.heard(no(200, {}, x_ratelimit_limit="600"), pacer)
    assert (manner.tier, pacer.rates) == (None, [])


@pytest.mark.parametrize("odd", ["", "0", "-3", "1e3", "٣", "9" * 30, "30, 30", "100001"])
def test_odd_limits_are_not_believed(odd: str) -> None:
    """A limit that is no number anybody means leaves the pace as it was."""
    manner, pacer = PolySimulatorManner(), Told()
    manner.heard(no(200, {}, **LIMITS | {"x_ratelimit_limit_per_second": odd}), pacer)
    assert pacer.rates == [{"KeyMinute": 1800}]


def test_rates_of_ones_own_are_kept() -> None:
    """Who said how fast to go is not told otherwise, but learns the plan."""
    manner, pacer = PolySimulatorManner(keep_rates=True), Told()
    manner.heard(no(200, {}, **LIMITS), pacer)
    assert (manner.tier, pacer.rates) == ("pro", [])
