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

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, Final

import msgspec
from attrs import frozen

from polyspec.core.effects import Reply
from polyspec.core.nesting import read_plain
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

__all__ = [
    "Verdict",
    "api_error",
    "asked",
    "backoff",
    "classify",
    "is_venue_body",
    "may_repeat",
    "parse_retry_after",
]


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
# What a read may meet once and not again, whoever said it.
_PASSING_FOR_READS: Final = _PASSING | {408}
_UNIMPLEMENTED: Final = 501

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

# No call lives for a day, so a longer wait says the same.
_LONGEST_WAIT: Final = 86_400.0
# A server that says "now" right after refusing is not taken at its word.
_SHORTEST_WAIT: Final = 0.25

# A venue's refusal is short; beyond this it is somebody's page, and not worth parsing.
_LONGEST_REFUSAL: Final = 65_536
_LONGEST_MESSAGE: Final = 500
# One of these is in every refusal of a venue; an object without them proves nothing.
_WORDS: Final = ("message", "error_description", "error", "error_msg")
_TELLING: Final = ("message", "error", "error_msg", "code")


def is_venue_body(reply: Reply) -> bool:
    """Tell whether an error answer has the shape of a venue's own (a JSON object), not of a proxy's page."""
    body = _object(reply)
    return any(body.get(name) not in (None, "") for name in _TELLING)


def _object(reply: Reply) -> dict[str, Any]:
    """Read an error answer as a JSON object; empty if it is none."""
    if len(reply.body) > _LONGEST_REFUSAL or not reply.body.lstrip().startswith(b"{"):
        return {}
    try:
        found = read_plain(reply.body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def classify(outcome: Reply | PolyspecError) -> Verdict:
    """Say what an attempt proves."""
    if isinstance(outcome, Reply):
        if 200 <= outcome.status < 300:
            return Verdict.DONE
        if outcome.status in _REFUSALS and is_venue_body(outcome):
            return Verdict.REFUSED
        return Verdict.UNKNOWN
    if isinstance(outcome, TransportError):
        return Verdict.UNKNOWN if outcome.maybe_executed else Verdict.NOT_SENT
    return Verdict.UNKNOWN if isinstance(outcome, DecodeError) else Verdict.NOT_SENT


def may_repeat(verdict: Verdict, retry: str, status: int | None) -> bool:
    """Say whether the identical request may be sent again, given the operation's ``x-retry`` class."""
    if verdict is Verdict.NOT_SENT:
        return True
    if verdict is Verdict.REFUSED:
        # an engine that restarts may or may not have taken a placement along: that is looked up
        return status == 429 or (status in _PASSING and retry != "resolve")
    if verdict is Verdict.UNKNOWN:
        # a read that met a redirect, an unexpected 4xx page or what nobody implements will meet it again
        return retry == "safe" and (
            status is None
            or status < 300
            or status in _PASSING_FOR_READS
            or (status >= 500 and status != _UNIMPLEMENTED)
        )
    return False


@frozen
class _Problem:
    message: str
    code: str | int | None
    details: dict[str, Any]


def _problem(reply: Reply) -> _Problem:
    details = body = _object(reply)
    nested = body.get("error")
    if isinstance(nested, dict):
        body = nested
    message = (
        body.get("message") or body.get("error_description") or body.get("error") or body.get("error_msg")
    )
    code = body.get("code", body.get("error"))
    told = isinstance(code, str | int) and code != message
    return _Problem(str(message or "")[:_LONGEST_MESSAGE], code if told else None, details)


def _without_words(status: int) -> str:
    if 300 <= status < 400:
        return "the server points elsewhere, and redirects are not followed"
    return "the answer carries no message of the venue"


def api_error(reply: Reply, now_wall: float) -> ApiError:
    """Turn an error answer into the error to raise."""
    problem = _problem(reply)
    kind = _BY_STATUS.get(reply.status, ServerError if reply.status >= 500 else ApiError)
    text = None if problem.message else reply.body[:200].decode("utf-8", "replace")
    error = kind(
        problem.message or _without_words(reply.status),
        status=reply.status,
        code=problem.code,
        request_id=reply.headers.get("x-request-id") or reply.headers.get("poly-correlation-id"),
        retry_after=parse_retry_after(reply.headers, now_wall),
        body=text,
    )
    error.details = problem.details
    if classify(reply) is Verdict.UNKNOWN:
        error.maybe_executed = True
    return error


def parse_retry_after(headers: Mapping[str, str], now_wall: float) -> float | None:
    """Read how many seconds the server asks to wait: ``retry-after-ms``, seconds, or an HTTP date.

    `now_wall` is the server's time if its ``Date`` does not tell. Of several values the longest counts, a day
    at most; nonsense (negative, not a number, infinite) counts as not said.
    """
    milliseconds = [_seconds(piece) for piece in _pieces(headers.get("retry-after-ms", ""))]
    told = [wait / 1000 for wait in milliseconds if wait is not None]
    if not told:
        pieces = _pieces(headers.get("retry-after", ""))
        told = [wait for piece in pieces if (wait := _wait(piece, headers, now_wall)) is not None]
    return min(max(told), _LONGEST_WAIT) if told else None


def _pieces(text: str) -> Iterator[str]:
    """Take a repeated header apart, whose values arrive joined by commas; a date has one comma of its own."""
    parts = [part.strip() for part in text.split(",")]
    while parts:
        part = parts.pop(0)
        dated = part.isalpha() and parts and _seconds(parts[0]) is None
        yield f"{part}, {parts.pop(0)}" if dated else part


def _wait(text: str, headers: Mapping[str, str], now_wall: float) -> float | None:
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    # both dates are of one clock, and counted from its last whole second no wait is too short
    until, date = _moment(text), _moment(headers.get("date", ""))
    return None if until is None else max(0.0, until - (now_wall if date is None else date))


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]+(?:\.[0-9]*)?", text) else None


def _moment(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        # a date without a zone is in UTC, not in the zone of this machine
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def backoff(
    attempt: int, retry_after: float | None, chance: float, *, base: float = 0.25, cap: float = 8.0
) -> float:
    """Seconds before attempt number `attempt` + 1: full jitter, and never before the server's own word.

    `chance` is uniform in [0, 1) and comes from the caller, so that tests own it.
    """
    spread = min(cap, base * 2.0 ** min(attempt - 1, 16)) * chance
    if retry_after is None:
        return spread
    # the jitter goes on top: many clients told the same second must not come back in it together
    return max(retry_after, _SHORTEST_WAIT) + spread


def asked(error: PolyspecError) -> float | None:
    """Return the seconds an error asks to wait; a 429 asks for the shortest wait if it says nothing."""
    wait = error.retry_after if isinstance(error, ApiError) else None
    return 0.0 if wait is None and isinstance(error, RateLimited) else wait
