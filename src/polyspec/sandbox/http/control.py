"""The sandbox's own endpoints, outside the venue's paths: what each of them has, and what any venue has.

They need the secret of this run in ``x-sandbox-secret``.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from polyspec.core.nesting import read_plain
from polyspec.sandbox.http.endpoint import JSON
from polyspec.sandbox.http.reading import BodyTooLarge, read_body
from polyspec.sandbox.http.refused import Refused
from polyspec.sandbox.http.venue import Manner, Venue

__all__ = ["SECRET_HEADER", "Control"]

SECRET_HEADER: Final = "x-sandbox-secret"  # noqa: S105 - a name, not a secret
PREFIX: Final = "/_sandbox"

Action = Callable[[Request, dict[str, Any]], Any]
"""Gets the request and its JSON object, and returns a JSON value."""


class Control:
    """Faults and the clock, which every venue has; subclasses add what is theirs."""

    def __init__(self, venue: Venue, manner: Manner) -> None:
        self._venue = venue
        self._manner = manner

    def routes(self) -> list[Route]:
        """Return the routes; subclasses add to them."""
        return [
            self.route("/faults", self.faults, "GET", "POST", "DELETE"),
            self.route("/clock", self.clock, "POST"),
        ]

    def route(self, path: str, action: Action, *methods: str, secret: bool = True) -> Route:
        """Return the route of an action, which demands the secret unless told otherwise."""
        return Route(PREFIX + path, self._endpoint(action, secret=secret), methods=list(methods))

    def _endpoint(self, action: Action, *, secret: bool) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            try:
                if secret:
                    self._check(request.headers.get(SECRET_HEADER, ""))
                body = await _object(request)
                with self._venue.lock:
                    self._venue.jobs.run_due()
                    answer = action(request, body)
                    self._venue.jobs.run_due()
            except Refused as refusal:
                return Response(refusal.encoded(self._manner), refusal.status, media_type=JSON)
            except BodyTooLarge:
                return Response(self._manner(413, "request body too large"), 413, media_type=JSON)
            return Response(msgspec.json.encode(answer), media_type=JSON)

        return serve

    def _check(self, given: str) -> None:
        if not secrets.compare_digest(given.encode(), self._venue.secret.encode()):
            raise Refused(403, f"permission denied: missing or wrong {SECRET_HEADER}")

    def faults(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Add faults (POST one, or a list under `faults`), list them (GET) or clear them (DELETE)."""
        plan = self._venue.faults
        if request.method == "DELETE":
            plan.clear()
        elif request.method == "POST":
            try:
                # all of them are good, or none is added
                made = [plan.made_of.from_json(each) for each in body.get("faults", [body])]
            except (ValueError, TypeError, AttributeError) as error:
                raise Refused(400, str(error)) from error
            for fault in made:
                plan.add(fault)
        return {"faults": plan.pending(), "hits": plan.hits}

    def clock(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Move the clock (`advance`), stop it (`frozen`), shift the Date header (`header_offset`)."""
        clock = self._venue.clock
        try:
            if "frozen" in body:
                (clock.freeze if body["frozen"] else clock.thaw)()
            if "header_offset" in body:
                clock.header_offset = float(body["header_offset"])
            clock.advance(float(body.get("advance", 0)))
        except (ValueError, TypeError, OverflowError) as error:
            raise Refused(400, str(error)) from error
        self.moved()
        return {"now": clock.now().isoformat(), "header_offset": clock.header_offset}

    def moved(self) -> None:
        """Let the venue notice that the clock was moved."""


async def _object(request: Request) -> dict[str, Any]:
    raw = await read_body(request)
    if not raw.strip():
        return {}
    try:
        body = read_plain(raw)
    except msgspec.DecodeError as error:
        raise Refused(400, f"malformed JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused(400, "expected a JSON object")
    return body
