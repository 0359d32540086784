"""What one attempt proves about the venue, and what may follow from it.

A trading client that treats every failure alike either loses orders or doubles them. So each attempt ends
in one of four verdicts, and only the verdict and the operation's ``x-retry`` class decide about another:

=========== ======================================================================= ===================
verdict     what is known                                                           may be sent again
=========== ======================================================================= ===================
NOT_SENT    no byte of the request reached the venue                                every class
REFUSED     the venue itself said no, in its own error shape: nothing was executed  if the no is passing
DONE        the venue said yes, readably                                            never
UNKNOWN     everything else, unreadable success and every 5xx included              only class ``safe``
=========== ======================================================================= ===================

An answer made up by a proxy on the way (an HTML 429, a bare 502) is no proof of anything: UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final

import msgspec
from attrs import frozen

from polyspec.core.effects import Reply
from polyspec.errors import (
    ApiError,
    BadRequest,
    Conflict,
    DecodeError,
    Forbidden,
    NotFound,
    PolyspecError,
    RateLimited,
    ServerError,
    TransportError,
    Unauthorized,
)

__all__ = ["Verdict", "api_error", "backoff", "classify", "is_venue_body", "may_repeat", "parse_retry_after"]


class Verdict(Enum):
    """What one attempt proves."""

    NOT_SENT = "not sent"
    REFUSED = "refused"
    DONE = "done"
    UNKNOWN = "unknown"


# Statuses by which a venue says no before it executes anything.
_REFUSALS: Final = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 425, 429, 464})
# Refusals that pass by themselves.
_PASSING: Final = frozenset({425, 429})

_BY_STATUS: Final[dict[int, type[ApiError]]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: BadRequest,
    425: ServerError,
    429: RateLimited,
}

# A server may ask for a longer wait than any call would live; beyond a day the number is nonsense.
_LONGEST_WAIT: Final = 86_400.0
# A server that says "now" right after refusing is not taken at its word.
_SHORTEST_WAIT: Final = 0.25


def is_venue_body(reply: Reply) -> bool:
    """Tell whether an error answer has the shape of the venue's own (a JSON object), not of a proxy's page."""
    if not reply.body.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(msgspec.json.decode(reply.body), dict)
    except msgspec.DecodeError:
        return False


def classify(outcome: Reply | PolyspecError) -> Verdict:
    """Say what an attempt proves."""
    if isinstance(outcome, TransportError):
        return Verdict.UNKNOWN if outcome.maybe_executed else Verdict.NOT_SENT
    if isinstance(outcome, DecodeError):
        return Verdict.UNKNOWN
    if isinstance(outcome, PolyspecError):
        return Verdict.NOT_SENT
    if 200 <= outcome.status < 300:
        return Verdict.DONE
    if outcome.status in _REFUSALS and is_venue_body(outcome):
        return Verdict.REFUSED
    return Verdict.UNKNOWN


def may_repeat(verdict: Verdict, retry: str, status: int | None) -> bool:
    """Say whether the identical request may be sent again, given the operation's ``x-retry`` class."""
    if verdict is Verdict.NOT_SENT:
        return True
    if verdict is Verdict.REFUSED:
        return status in _PASSING
    if verdict is Verdict.UNKNOWN:
        # a read that met a redirect or an unexpected 4xx page will meet it again
        return retry == "safe" and (status is None or status < 300 or status in _PASSING or status >= 500)
    return False


@frozen
class _Problem:
    message: str
    code: str | int | None


def _problem(reply: Reply) -> _Problem:
    try:
        body = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        return _Problem("", None)
    if not isinstance(body, dict):
        return _Problem("", None)
    message = body.get("message") or body.get("error_description") or body.get("error") or ""
    code = body.get("code", body.get("error"))
    return _Problem(str(message), code if isinstance(code, str | int) else None)


def api_error(reply: Reply, now_wall: float) -> ApiError:
    """Turn an error answer into the error to raise."""
    problem = _problem(reply)
    kind = _BY_STATUS.get(reply.status, ServerError if reply.status >= 500 else ApiError)
    text = None if problem.message else reply.body[:200].decode("utf-8", "replace")
    error = kind(
        problem.message or "the answer carries no message of the venue",
        status=reply.status,
        code=problem.code,
        request_id=reply.headers.get("x-request-id") or reply.headers.get("poly-correlation-id"),
        retry_after=parse_retry_after(reply.headers, now_wall),
        body=text,
    )
    if classify(reply) is Verdict.UNKNOWN:
        error.maybe_executed = True
    return error


def parse_retry_after(headers: Mapping[str, str], now_wall: float) -> float | None:
    """Read how many seconds the server asks to wait: ``retry-after-ms``, seconds, or an HTTP date.

    Nonsense (negative, not a number, infinite, beyond a day) counts as not said.
    """
    if (text := headers.get("retry-after-ms")) is not None:
        wait = _number(text)
        return None if wait is None else _sane(wait / 1000)
    if (text := headers.get("retry-after")) is None:
        return None
    wait = _number(text)
    return _sane(wait) if wait is not None else _until(text, now_wall)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _until(text: str, now_wall: float) -> float | None:
    try:
        moment = parsedate_to_datetime(text.strip())
        return _sane(max(0.0, moment.timestamp() - now_wall))
    except (ValueError, OverflowError, TypeError, OSError):
        return None


def _sane(wait: float) -> float | None:
    return wait if 0 <= wait <= _LONGEST_WAIT else None


def backoff(attempt: int, retry_after: float | None, chance: float, *, base: float = 0.25, cap: float = 8.0) -> float:
    """Seconds before attempt number `attempt` + 1: full jitter, and never before the server's own word.

    `chance` is uniform in [0, 1) and comes from the caller, so that tests own it.
    """
    spread = min(cap, base * 2.0 ** min(attempt - 1, 16)) * chance
    if retry_after is None:
        return spread
    # the jitter goes on top: many clients told the same second must not come back in it together
    return max(retry_after, _SHORTEST_WAIT) + spread
