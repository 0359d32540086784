"""Events as metrics and spans of OpenTelemetry."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import singledispatchmethod
from typing import Any, Final
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.metrics import Histogram, Meter, MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from polyspec.core.happenings import (
    CallBegan,
    CallEnded,
    CredentialMoved,
    Event,
    LadderEnded,
    LimiterWaited,
    OrderFate,
    RequestEnded,
    RetryPlanned,
    TokenRefreshed,
)

__all__ = ["OtelEvents"]

_NANO: Final = 1_000_000_000
_MOST_OPEN: Final = 10_000
_SCOPE: Final = "polyspec"
# seconds; what is usual otherwise was made for milliseconds, and would have everything in its first bucket
_BUCKETS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 60.0,
)  # fmt: skip


class OtelEvents:
    """Counts events, and makes spans of calls, requests, token refreshes, ladders and placements.

    Providers are the process's own unless others are given. Metrics name servers, operations, statuses and
    kinds of errors; users, wallets and orders are named in spans alone, where they do not multiply series.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=tracer_provider)
        meter = metrics.get_meter(_SCOPE, meter_provider=meter_provider)
        self._wall_ns = wall_ns
        self._open: dict[int, Span] = {}
        self._requests = _histogram(
            meter, "http.client.request.duration", "Requests, from when they left to the end of the answer"
        )
        self._calls = _histogram(
            meter, "polyspec.call.duration", "Calls, with all of their waits and requests"
        )
        self._retries = meter.create_counter("polyspec.retries", "{retry}", "Requests that go again")
        self._waits = _histogram(
            meter, "polyspec.limiter.wait.duration", "Waits for a place in the venue's limits"
        )
        self._tokens = _histogram(
            meter, "polyspec.token.refresh.duration", "Access tokens that were asked for"
        )
        self._ladders = _histogram(
            meter, "polyspec.auth.ladder.duration", "What followed on refused credentials"
        )
        self._moves = meter.create_counter(
            "polyspec.credential.transitions", "{transition}", "Credentials that went to another state"
        )
        self._fates = meter.create_counter("polyspec.order.fates", "{order}", "What became of orders")

    def __call__(self, event: Event) -> None:
        """Count one event."""
        self._take(event)

    @singledispatchmethod
    def _take(self, event: Event) -> None:
        """Pass over what is not known here."""

    @_take.register
    def _(self, event: CallBegan) -> None:
        # the span that is current for the caller is its parent
        span = self._tracer.start_span(event.operation, attributes=_about(event), start_time=self._wall_ns())
        # no lock: one that was held while the process forked would be held in the child for ever
        if len(self._open) >= _MOST_OPEN:
            self._give_up_oldest()
        self._open[event.call] = span

    @_take.register
    def _(self, event: CallEnded) -> None:
        about = _about(event) | _failure(event.error)
        if event.seconds is not None:
            self._calls.record(event.seconds, about)
        span = self._open.pop(event.call, None)
        if span is not None:
            span.set_attribute("polyspec.attempts", event.attempts)
            span.set_attribute("polyspec.maybe_executed", event.maybe_executed)
            _fail(span, event.error)
            span.end(self._wall_ns())

    @_take.register
    def _(self, event: RequestEnded) -> None:
        about = _about(event) | _failure(event.error) | {"http.request.method": event.method}
        if event.status is not None:
            about["http.response.status_code"] = event.status
        self._requests.record(event.seconds, about | {"polyspec.lane": event.lane})
        more = {
            "url.template": event.path,
            "http.request.resend_count": event.attempt - 1,
            "polyspec.verdict": event.verdict,
        }
        self._span(event.method, about | more, event.seconds, event.error, SpanKind.CLIENT, event.call)

    @_take.register
    def _(self, event: RetryPlanned) -> None:
        self._retries.add(1, _about(event) | _failure(event.error))

    @_take.register
    def _(self, event: LimiterWaited) -> None:
        about = _about(event) | {"polyspec.gate": event.gate, "polyspec.given_up": event.given_up}
        self._waits.record(event.seconds, about)

    @_take.register
    def _(self, event: TokenRefreshed) -> None:
        about = {"polyspec.early": event.early} | _failure(event.error)
        if event.seconds is not None:
            self._tokens.record(event.seconds, about)
        self._span("token refresh", about, event.seconds, event.error)

    @_take.register
    def _(self, event: LadderEnded) -> None:
        about = {"polyspec.venue": event.venue, "polyspec.outcome": event.outcome} | _failure(event.error)
        if event.seconds is not None:
            self._ladders.record(event.seconds, about)
        more = {"polyspec.credential": event.credential, "polyspec.state": event.state}
        self._span("auth ladder", about | more, event.seconds, event.error)

    @_take.register
    def _(self, event: CredentialMoved) -> None:
        about = {
            "polyspec.venue": event.venue,
            "polyspec.before": event.before,
            "polyspec.state": event.state,
        }
        self._moves.add(1, about)

    @_take.register
    def _(self, event: OrderFate) -> None:
        about = {"polyspec.venue": event.venue, "polyspec.fate": event.fate, "polyspec.by": event.by}
        self._fates.add(1, about | _failure(event.error))
        more = {
            "polyspec.order_id": event.order_id or "",
            "polyspec.client_order_id": event.client_order_id or "",
        }
        # a rejection is the venue's answer; an order nobody knows about is trouble
        error = event.error if event.fate in ("unknown", "not_placed") else None
        self._span(f"order {event.by}", about | more, event.seconds, error)

    def _give_up_oldest(self) -> None:
        """End the span of a flow that nobody finished or closed."""
        # another thread may be doing the same
        with suppress(RuntimeError, StopIteration):
            span = self._open.pop(next(iter(self._open)), None)
            if span is not None:
                span.end()

    def _span(
        self,
        name: str,
        about: dict[str, Any],
        seconds: float | None,
        error: str | None,
        kind: SpanKind = SpanKind.INTERNAL,
        call: int | None = None,
    ) -> None:
        """Make a span of what is over already."""
        end = self._wall_ns()
        start = end - round((seconds or 0.0) * _NANO)
        parent = None if call is None else self._open.get(call)
        context = None if parent is None else trace.set_span_in_context(parent)
        span = self._tracer.start_span(name, context, kind, about, start_time=start)
        _fail(span, error)
        span.end(end)


def _histogram(meter: Meter, name: str, description: str) -> Histogram:
    return meter.create_histogram(name, "s", description, explicit_bucket_boundaries_advisory=_BUCKETS)


def _about(event: Any) -> dict[str, Any]:
    place = urlsplit(event.server)
    about: dict[str, Any] = {"server.address": place.hostname or "", "polyspec.operation": event.operation}
    if place.port is not None:
        about["server.port"] = place.port
    return about


def _failure(error: str | None) -> dict[str, Any]:
    return {} if error is None else {"error.type": error}


def _fail(span: Span, error: str | None) -> None:
    if error is not None:
        span.set_attribute("error.type", error)
        span.set_status(Status(StatusCode.ERROR, error))
