"""How PolySimulator answers: refusals with a code, limits in headers, an edge that blocks in plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from polyspec.core.attempt import Verdict, api_error, classify, is_venue_body
from polyspec.core.effects import Reply
from polyspec.core.manner import Manner
from polyspec.core.pacing import Pacer
from polyspec.core.sharing import SharedPacer
from polyspec.errors import ApiError, Forbidden, RateLimited
from polyspec.polysimulator.codes import (
    CONFLICT_PENDING,
    IN_VAIN,
    PASSING,
    VENUE_UNAVAILABLE,
    code_of,
    kind_of,
    worded,
)

__all__ = ["PolySimulatorManner"]

SECOND: Final = "KeySecond"
MINUTE: Final = "KeyMinute"

_UPGRADE: Final = 402
_REFUSALS: Final = frozenset({400, 401, _UPGRADE, 403, 404, 405, 409, 413, 415, 422, 429})
# The family 1xxx is the edge's own: it turned the request away before the venue.
_EDGE: Final = re.compile(rb"\s*error code: (1[0-9]{3})\s*")
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]+")
_DAY: Final = 86_400
# Longer than any window of the pace, shorter than it matters for a day.
_LONGEST_WINDOW: Final = 60.0
_MIDNIGHT: Final = 90.0
_LONGEST_MESSAGE: Final = 500
# More than any plan has, and few enough to keep count of.
_FASTEST: Final = 100_000


class PolySimulatorManner(Manner):
    """Reads refusals by their code, and learns plan and limits of the key from the headers of answers."""

    renews: ClassVar[bool] = False

    def __init__(self, *, tier: str | None = None, keep_rates: bool = False) -> None:
        self.tier = tier
        """The plan of the key, as the last answer said; None before it is known."""
        self._keep_rates = keep_rates
        self._last: tuple[str | None, ...] = ()

    def classify(self, reply: Reply) -> Verdict:
        """Say what an answer proves: with a code in the header, or JSON, it is the venue's own."""
        if 200 <= reply.status < 300:
            return Verdict.DONE
        if _edge_code(reply):
            return Verdict.REFUSED
        if not self.is_own(reply):
            return classify(reply)
        code = code_of(reply.status, reply.headers, _body(reply))
        if code == CONFLICT_PENDING:
            # what is being worked on right now may have been ours
            return Verdict.UNKNOWN
        if code == VENUE_UNAVAILABLE:
            return Verdict.REFUSED
        return Verdict.REFUSED if reply.status in _REFUSALS else classify(reply)

    def is_own(self, reply: Reply) -> bool:
        """Tell whether the venue itself refused: its edge does so in other words."""
        if _edge_code(reply):
            return False
        return "x-polysim-code" in reply.headers or is_venue_body(reply) or bool(_body(reply).get("detail"))

    def error(self, reply: Reply, now_wall: float) -> ApiError:
        """Turn an error answer into the error to raise."""
        plain = api_error(reply, now_wall)
        if edge := _edge_code(reply):
            return _blocked(plain, edge)
        if not self.is_own(reply):
            return plain
        verdict, body = self.classify(reply), plain.details
        code = code_of(reply.status, reply.headers, body)
        kind = (kind_of(code) if verdict is not Verdict.UNKNOWN or code == CONFLICT_PENDING else None) or (
            Forbidden if reply.status == _UPGRADE else type(plain)
        )
        error = kind(
            worded(code, _said(body)) + _more(reply, body),
            status=reply.status,
            code=code,
            request_id=plain.request_id or _text(body.get("request_id")),
            retry_after=plain.retry_after if plain.retry_after is not None else _wait(body),
            body=plain.body,
        )
        error.details = body
        error.maybe_executed = verdict is Verdict.UNKNOWN
        if code in PASSING or code in IN_VAIN:
            error.retryable = code in PASSING
        if (until := _until_midnight(error, now_wall)) is not None:
            error.message += f"; the orders this account may place in a day are used up until {until:%FT%TZ}"
        return error

    def passing(self, error: ApiError) -> bool | None:
        """Say what the code announces."""
        if error.code in PASSING:
            return True
        # what a plan caps does not grow by waiting, with whichever status it came
        capped = error.status == 429 and not isinstance(error, RateLimited)
        return False if capped or error.code in IN_VAIN else None

    def about_pace(self, error: ApiError) -> bool:
        """Tell a limit of requests from one of orders a day, or of requests at once."""
        if error.code in ("RATE_LIMITED", "API_KEY_CONCURRENCY_EXCEEDED"):
            return False
        wait = error.retry_after
        return isinstance(error, RateLimited) and (wait is None or wait <= _LONGEST_WINDOW)

    def heard(self, reply: Reply, pacer: Pacer | SharedPacer) -> None:
        """Keep to the limits of the key from the first answer on that tells them."""
        headers = reply.headers
        told = tuple(_header(headers, name) for name in ("tier", "limit-per-second", "limit"))
        # only what was asked with a key tells its plan; other answers tell the limit of this machine
        if told == self._last or told[0] is None:
            return
        self._last = told
        self.tier = told[0]
        if not self._keep_rates:
            rates = {SECOND: _rate(told[1]), MINUTE: _rate(told[2])}
            pacer.learn({bucket: rate for bucket, rate in rates.items() if rate is not None})


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return headers.get("x-ratelimit-" + name) or headers.get("x-polysim-ratelimit-" + name) or None


def _rate(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= len(str(_FASTEST))):
        return None
    return int(text) if 0 < int(text) <= _FASTEST else None


def _edge_code(reply: Reply) -> str | None:
    if not 400 <= reply.status < 500:
        return None
    found = _EDGE.fullmatch(reply.body[:100]) if len(reply.body) <= 100 else None
    return None if found is None else found[1].decode()


def _blocked(plain: ApiError, edge: str) -> ApiError:
    kind = type(plain)
    error = kind(
        f"the edge in front of the venue turned the request away (error code: {edge}), and nothing reached "
        "the venue; 1010 means that it takes the client for a robot: give PolySimulatorSettings another "
        "user_agent, or ask the venue to let this address in",
        status=plain.status,
        code=f"EDGE_{edge}",
        retry_after=plain.retry_after,
        body=plain.body,
    )
    error.maybe_executed = False
    return error


def _body(reply: Reply) -> Mapping[str, Any]:
    # the shared reader keeps to the length and depth a refusal may have
    return api_error(reply, 0.0).details


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _said(body: Mapping[str, Any]) -> str | None:
    """Return the prose of a refusal, in whichever of its forms it came."""
    if found := _text(body.get("message")):
        return found[:_LONGEST_MESSAGE]
    error = _text(body.get("error"))
    if error is not None and not _CODE.fullmatch(error):
        return error[:_LONGEST_MESSAGE]
    return _framework(body.get("detail"))


def _framework(detail: object) -> str | None:
    """Read what the framework below the venue says by itself: a text, or a list of what is wrong where."""
    if isinstance(detail, dict):
        return _text(detail.get("message")) or _text(detail.get("error"))
    if not isinstance(detail, list):
        return None if _text(detail) is None else str(detail)[:_LONGEST_MESSAGE]
    said = []
    for each in detail[:5]:
        if isinstance(each, dict) and (words := _text(each.get("msg"))):
            where = each.get("loc")
            path = ".".join(map(str, where[1:])) if isinstance(where, list) else ""
            said.append(f"{path}: {words}" if path else words)
    return "; ".join(said)[:_LONGEST_MESSAGE] or None


def _more(reply: Reply, body: Mapping[str, Any]) -> str:
    """Add what only this answer can tell."""
    said = ""
    if reply.status == _UPGRADE and (feature := _text(body.get("feature_key"))):
        said += f" ({feature[:100]})"
    taken = body.get("supported_intervals")
    if isinstance(taken, list) and taken:
        said += f"; it takes {', '.join(str(each)[:20] for each in taken[:20])}"
    if reply.headers.get("x-api-beta-cutoff") == "expired":
        said += "; the beta this key came from has ended, and it can only read from now on"
    return said


def _wait(body: Mapping[str, Any]) -> float | None:
    found = body.get("retry_after")
    # true is a number to Python; a text is none of the venue's forms
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return min(float(found), float(_DAY)) if found >= 0 else None


def _until_midnight(error: ApiError, now_wall: float) -> datetime | None:
    """Return until when a 429 holds if it is for the rest of the day; it has no code of its own."""
    wait = error.retry_after
    if error.status != 429 or wait is None or wait <= _LONGEST_WINDOW:
        return None
    ends = now_wall + wait
    midnight = round(ends / _DAY) * _DAY
    return datetime.fromtimestamp(midnight, UTC) if abs(ends - midnight) <= _MIDNIGHT else None
