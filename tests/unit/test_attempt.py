"""What one attempt proves, as a table: every outcome against every retry class."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from polyspec.core.attempt import Verdict, api_error, backoff, classify, is_venue_body, may_repeat
from polyspec.core.effects import Reply
from polyspec.errors import (
    ApiError,
    AuthError,
    BadRequest,
    ConfigError,
    Conflict,
    ConnectFailed,
    DecodeError,
    Forbidden,
    InvalidOrder,
    NotFound,
    PolyspecError,
    RateLimited,
    ServerError,
    TimedOut,
    TransportError,
    Unauthorized,
)
from tests.unit.calls import a_reply

NOT_SENT, REFUSED, DONE, UNKNOWN = Verdict.NOT_SENT, Verdict.REFUSED, Verdict.DONE, Verdict.UNKNOWN

_OWN = b'{"code":3,"message":"bad price","details":[]}'
_PAGE = b"<html><body>Access denied</body></html>"

# outcome, verdict, repeated for safe, repeated for resolve and never
ROWS: list[tuple[str, Reply | PolyspecError, Verdict, bool, bool]] = [
    ("no connection", ConnectFailed("refused"), NOT_SENT, True, True),
    ("broken", TransportError("reset"), UNKNOWN, True, False),
    ("too slow", TimedOut("hung"), UNKNOWN, True, False),
    ("unreadable", DecodeError("truncated"), UNKNOWN, True, False),
    ("200", a_reply(200), DONE, False, False),
    ("201", a_reply(201), DONE, False, False),
    ("204", a_reply(204, b""), DONE, False, False),
    ("299", a_reply(299), DONE, False, False),
    ("101", a_reply(101, b""), UNKNOWN, True, False),
    ("301", a_reply(301, b""), UNKNOWN, False, False),
    ("304", a_reply(304, b""), UNKNOWN, False, False),
    ("307 in the venue's words", a_reply(307, _OWN), UNKNOWN, False, False),
    *[
        (f"{status} of the venue", a_reply(status, _OWN), REFUSED, passing, passing)
        for status, passing in (
            (400, False),
            (401, False),
            (403, False),
            (404, False),
            (405, False),
            (409, False),
            (413, False),
            (415, False),
            (422, False),
            (425, True),
            (429, True),
            (464, False),
        )
    ],
    *[
        (f"{status} of a proxy", a_reply(status, _PAGE), UNKNOWN, passing, False)
        for status, passing in (
            (400, False),
            (401, False),
            (403, False),
            (404, False),
            (405, False),
            (408, True),
            (409, False),
            (413, False),
            (415, False),
            (418, False),
            (422, False),
            (425, True),
            (429, True),
            (464, False),
        )
    ],
    *[
        (f"{status} {words}", a_reply(status, body), UNKNOWN, status != 501, False)
        for status in (500, 501, 502, 503, 504, 520, 522, 530)
        for words, body in (("in the venue's words", _OWN), ("of a proxy", _PAGE))
    ],
    ("408 in the venue's words", a_reply(408, _OWN), UNKNOWN, True, False),
    ("402 in the venue's words", a_reply(402, _OWN), UNKNOWN, False, False),
    ("429 without a body", a_reply(429, b""), UNKNOWN, True, False),
    ("429 of an empty object", a_reply(429, b"{}"), UNKNOWN, True, False),
    ("400 of a list", a_reply(400, b'["bad"]'), UNKNOWN, False, False),
    ("400 cut off", a_reply(400, _OWN[:-1]), UNKNOWN, False, False),
    ("400 of text", a_reply(400, b"bad request"), UNKNOWN, False, False),
    ("400 with an error", a_reply(400, b'{"error":"bad"}'), REFUSED, False, False),
    ("400 of strange keys", a_reply(400, b'{"detail":"x"}'), UNKNOWN, False, False),
    ("400 nested without end", a_reply(400, b'{"message":' + b"[" * 60_000), UNKNOWN, False, False),
    ("400 of a megabyte", a_reply(400, b'{"message":"' + b"x" * 1_000_000 + b'"}'), UNKNOWN, False, False),
]


def test_the_table_is_large() -> None:
    """The table keeps the size it was agreed to have."""
    assert len(ROWS) >= 60


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_verdict_and_repetition(row: tuple[str, Any, Verdict, bool, bool]) -> None:
    """Each outcome has its verdict, and only safe operations are repeated without proof."""
    _, outcome, verdict, safe, other = row
    assert classify(outcome) is verdict
    status = outcome.status if isinstance(outcome, Reply) else None
    assert may_repeat(verdict, "safe", status) is safe
    # a restarting engine may have taken a placement along: that is looked up, never repeated blindly
    assert may_repeat(verdict, "resolve", status) is (other and status != 425)
    assert may_repeat(verdict, "never", status) is other


@pytest.mark.parametrize("retry", ["safe", "resolve", "never"])
def test_rules_for_all_statuses(retry: str) -> None:
    """Nothing done is repeated, all that was not sent is, and an unknown outcome only if it is safe."""
    for status in (None, *range(100, 600)):
        assert not may_repeat(DONE, retry, status)
        assert may_repeat(NOT_SENT, retry, status)
        assert may_repeat(REFUSED, retry, status) is (status == 429 or (status == 425 and retry != "resolve"))
        assert retry == "safe" or not may_repeat(UNKNOWN, retry, status)


def test_success_is_never_assumed() -> None:
    """No status outside of 2xx is done, whatever its body says."""
    for status in (*range(100, 200), *range(300, 600)):
        assert classify(a_reply(status, b'{"orderId":"1","message":"ok"}')) in (REFUSED, UNKNOWN)
        assert classify(a_reply(status, b"")) is UNKNOWN


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (302, ApiError, False),
        (400, BadRequest, False),
        (401, Unauthorized, False),
        (402, ApiError, False),
        (403, Forbidden, False),
        (404, NotFound, False),
        (409, Conflict, False),
        (418, ApiError, False),
        (422, BadRequest, False),
        (425, ServerError, True),
        (429, RateLimited, True),
        (500, ServerError, True),
        (503, ServerError, True),
        (599, ServerError, True),
    ],
)
def test_kinds_of_errors(status: int, kind: type[ApiError], retryable: bool) -> None:
    """Each status becomes the error callers would look for, with what the venue said."""
    error = api_error(a_reply(status, _OWN, x_request_id="r1", retry_after="7"), 0.0)
    assert type(error) is kind
    assert (error.status, error.message, error.code) == (status, "bad price", 3)
    assert (error.request_id, error.retry_after, error.retryable) == ("r1", 7.0, retryable)
    assert error.maybe_executed is (classify(a_reply(status, _OWN)) is UNKNOWN)
    assert error.body is None


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"message":"no","code":"E1"}', "no", "E1"),
        (b'{"error":"invalid_client","error_description":"unknown"}', "unknown", "invalid_client"),
        (b'{"error":"no"}', "no", None),
        (b'{"error":{"code":7,"message":"deep"}}', "deep", 7),
        (b'{"code":5,"message":""}', "the answer carries no message of the venue", 5),
        (b'{"message":["a"],"code":[1]}', "['a']", None),
        (_PAGE, "the answer carries no message of the venue", None),
        (b"\xff\xfe", "the answer carries no message of the venue", None),
    ],
)
def test_words_of_the_venue(body: bytes, message: str, code: object) -> None:
    """The venue's words are found in each of its shapes; what is not its shape is quoted briefly."""
    error = api_error(a_reply(403, body), 0.0)
    assert (error.message, error.code) == (message, code)


def test_long_answers_are_quoted_briefly() -> None:
    """Neither a long message nor a long page ends up in logs as a whole."""
    assert len(str(api_error(a_reply(400, b'{"message":"' + b"x" * 9000 + b'"}'), 0.0))) < 600
    page = api_error(a_reply(502, b"<html>" + b"y" * 9000), 0.0)
    assert page.body is not None
    assert len(page.body) == 200


def test_redirects_say_so() -> None:
    """A redirect is named as what it is."""
    assert "redirects are not followed" in str(api_error(a_reply(302, b""), 0.0))


def test_strange_bodies_are_judged_quickly() -> None:
    """A refusal of 30 MB costs no parsing."""
    assert not is_venue_body(a_reply(429, b'{"message":"' + b"x" * 30_000_000 + b'"}'))


@pytest.mark.parametrize("attempt", [1, 2, 3, 5, 8, 100, 100_000])
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_backoff_without_a_word(attempt: int, chance: float) -> None:
    """Without the server's word the wait is anything up to a bound that doubles and ends at eight seconds."""
    bound = min(8.0, 0.25 * 2 ** (min(attempt, 20) - 1))
    assert backoff(attempt, None, chance) == pytest.approx(bound * chance)


@pytest.mark.parametrize("asked", [0.0, 0.1, 0.25, 1.0, 30.0, 86_400.0])
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_backoff_keeps_the_servers_word(asked: float, chance: float) -> None:
    """No retry comes before the server's word, nor within a quarter of a second; jitter goes on top."""
    for attempt in (1, 3, 9):
        assert backoff(attempt, asked, chance) >= max(asked, 0.25)
    assert backoff(3, asked, 0.9) > backoff(3, asked, 0.1)


ERRORS = [
    ConfigError("c"),
    InvalidOrder("i", field="price", nearest=("0.5", "0.6")),
    AuthError("a"),
    TransportError("t"),
    ConnectFailed("f"),
    TimedOut("o"),
    DecodeError("d"),
    api_error(a_reply(429, _OWN, retry_after="3", x_request_id="r"), 0.0),
    api_error(a_reply(502, _PAGE), 0.0),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_can_travel(error: PolyspecError) -> None:
    """An error keeps all it says when it is copied or sent to another process."""
    error.operation, error.attempts, error.maybe_executed = "POST /x", 3, True
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert twin.__dict__ == error.__dict__
        assert twin.args == error.args
