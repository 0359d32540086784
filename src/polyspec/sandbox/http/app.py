"""An ASGI application made from the operations of a specification.

There is no table of paths; a new operation in the specification has a route as soon as it is generated.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final

from polyspec_wire import Operation
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp

from polyspec.sandbox.http.endpoint import JSON, Endpoint
from polyspec.sandbox.http.guard import Guard
from polyspec.sandbox.http.venue import Manner, Venue

__all__ = ["make_app"]

_LOG: Final = logging.getLogger(__name__)


def make_app(
    venue: Venue,
    operations: Iterable[Operation],
    endpoint: Callable[[Operation], Endpoint],
    more: Sequence[BaseRoute],
    manner: Manner,
) -> ASGIApp:
    """Return the application of a venue; `more` are routes beside its operations."""
    routes: list[BaseRoute] = [
        Route(operation.path, endpoint(operation), methods=[operation.method])
        # a fixed path goes before a template that would match it too
        for operation in sorted(operations, key=lambda each: each.path.count("{"))
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_run_jobs(venue))
        yield
        task.cancel()

    async def shaped(request: Request, error: Exception) -> Response:
        return _shaped(request, error, manner)

    app = Starlette(routes=[*routes, *more], exception_handlers={HTTPException: shaped}, lifespan=lifespan)
    app.router.redirect_slashes = False
    return Guard(app, venue, manner)


async def _run_jobs(venue: Venue) -> None:
    """Let time pass while nobody asks anything."""
    while True:
        with venue.lock:
            try:
                venue.jobs.run_due()
            except Exception:
                # one job that fails must not stop time for all others
                _LOG.exception("a job of the sandbox failed")
            pause = venue.jobs.wait()
        await asyncio.sleep(pause)


def _shaped(request: Request, error: Exception, manner: Manner) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return Response(manner(404, "Not Found"), 404, media_type=JSON)
    # a path may have a route for each of its methods
    routes = [each for each in request.app.routes if each.matches(request.scope)[0] is not Match.NONE]
    allowed = sorted({method for each in routes for method in each.methods})
    body = manner(405, "Method Not Allowed")
    return Response(body, 405, headers={"allow": ", ".join(allowed)}, media_type=JSON)
