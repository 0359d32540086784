"""Clients with one guard off each: what the matrix says must not happen happens to them.

Run as a plugin of pytest (``-p tests.faults.broken``) it takes the guard that POLYSPEC_BROKEN names for each
test, as ``guard=node id`` lines, and turns it off around that test alone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import attrs
import pytest

from polyspec.core.effects import Flow, Now

__all__ = ["BREAKS", "VARIABLE"]

VARIABLE = "POLYSPEC_BROKEN"
"""Where the plugin finds which guard is off for which test: JSON, guards by node id."""

Break = Callable[[pytest.MonkeyPatch], None]
BREAKS: dict[str, Break] = {}
"""What turns each guard off, by its name."""


def breaks(name: str) -> Callable[[Break], Break]:
    """Give a way to break a client a name."""

    def named(function: Break) -> Break:
        BREAKS[name] = function
        return function

    return named


# -- sending again --


@breaks("repeats")
def _repeats(patch: pytest.MonkeyPatch) -> None:
    """Send whatever failed again, at once and whatever it was."""
    from polyspec.core import sending

    patch.setattr(sending, "may_repeat", lambda *_: True)


@breaks("gives-up")
def _gives_up(patch: pytest.MonkeyPatch) -> None:
    """Send nothing again, not even a cancel."""
    from polyspec.core import sending

    patch.setattr(sending, "may_repeat", lambda *_: False)


@breaks("renames")
def _renames(patch: pytest.MonkeyPatch) -> None:
    """Send an order again under another client order id."""
    from polyspec.polysimulator import placing
    from polyspec.polysimulator.ticket import new_client_order_id

    send = placing._Attempts._send

    def anew(self: Any) -> Flow[Any]:
        if self._number > 1:
            name = new_client_order_id()
            body = self._ticket.body.replace(self._ticket.client_order_id.encode(), name.encode())
            self._ticket = attrs.evolve(self._ticket, client_order_id=name, body=body)
            self._call = placing.order_call(self._ticket)
        return (yield from send(self))

    patch.setattr(placing._Attempts, "_send", anew)


@breaks("no-twins")
def _no_twins(patch: pytest.MonkeyPatch) -> None:
    """Take "there is one already" for "there is none"."""
    from polyspec.us import resolving

    patch.setattr(resolving, "_TAKEN", "words nobody says")


@breaks("trusts-timeouts")
def _trusts_timeouts(patch: pytest.MonkeyPatch) -> None:
    """Take a lost answer for a lost order."""
    from polyspec.clob import resolving as clob
    from polyspec.polysimulator import resolving as sim
    from polyspec.us import resolving as us

    def one(self: Any, unknown: Any, timeout: float) -> Flow[Any]:
        del self, timeout
        yield Now()
        return us._never_arrived(unknown) if unknown.order_id is None else unknown

    def many(made: Callable[[Any], Any]) -> Callable[..., Flow[Any]]:
        def resolve(self: Any, unknowns: Any, deadline: float) -> Flow[Any]:
            del self, deadline
            yield Now()
            return [made(each) for each in unknowns]

        return resolve

    patch.setattr(us.Resolving, "resolve", one)
    patch.setattr(clob.Resolving, "resolve", many(clob._never_arrived))
    patch.setattr(sim.Resolving, "resolve", many(sim._absent))


# -- time --


@breaks("no-deadline")
def _no_deadline(patch: pytest.MonkeyPatch) -> None:
    """Give each answer some seconds of its own, whatever the call may take."""
    from polyspec.core import sending
    from polyspec.core.effects import Timeouts

    made = sending._Attempt._timeouts

    def longer(self: Any, left: float) -> Any:
        usual = made(self, left)
        return Timeouts(usual.connect, usual.write, read=left + 2.5, total=left + 2.5)

    patch.setattr(sending._Attempt, "_timeouts", longer)


@breaks("impatient")
def _impatient(patch: pytest.MonkeyPatch) -> None:
    """Wait for a moment, whatever the venue asks for."""
    from polyspec.core import attempt

    patch.setattr(attempt, "parse_retry_after", lambda *_: 0.3)


@breaks("no-floor")
def _no_floor(patch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    from polyspec.core import sending

    patch.setattr(sending, "backoff", lambda *_, **__: 0.001)


@breaks("storms")
def _storms(patch: pytest.MonkeyPatch) -> None:
    """Try again as long as there is time."""
    from polyspec.core.effects import Sleep
    from polyspec.polysimulator import placing

    def again(self: Any, *_: Any, **__: Any) -> Flow[bool]:
        now = yield Now()
        if now.monotonic + 1 > self._sending:
            return False
        yield Sleep(0.05)
        return True

    patch.setattr(placing._Attempts, "_again", again)


@breaks("no-quota")
def _no_quota(patch: pytest.MonkeyPatch) -> None:
    """Have no budget of retries."""
    from polyspec.core.pacing import RetryQuota

    patch.setattr(RetryQuota, "take", lambda *_, **__: True)


@breaks("own-clock")
def _own_clock(patch: pytest.MonkeyPatch) -> None:
    """Take this machine's clock for the right one."""
    from polyspec.core.clock import ClockOffset

    patch.setattr(ClockOffset, "seconds", property(lambda _: 0.0))


@breaks("believes-dates")
def _believes_dates(patch: pytest.MonkeyPatch) -> None:
    """Believe whatever an answer says the time is."""
    from polyspec.core import clock

    patch.setattr(clock, "_ABSURD", float("inf"))


# -- credentials and beats --


@breaks("no-renewal")
def _no_renewal(patch: pytest.MonkeyPatch) -> None:
    """Take the first 401 for the last word."""
    from polyspec.core import sending

    patch.setattr(sending._Attempt, "_renew", lambda *_: False)


@breaks("no-second-token")
def _no_second_token(patch: pytest.MonkeyPatch) -> None:
    """Ask for a token once, however that ends."""
    from polyspec.us import token_flow

    def gives_up(self: Any, error: Exception) -> Flow[None]:
        del self
        yield Now()
        raise error

    found = next(each for each in vars(token_flow).values() if hasattr(each, "_correct"))
    patch.setattr(found, "_wait", gives_up)


@breaks("beats-on")
def _beats_on(patch: pytest.MonkeyPatch) -> None:
    """Beat every second with a key that is revoked."""
    from polyspec.clob import beating as clob
    from polyspec.polysimulator import beating as sim

    for module in (clob, sim):
        patch.setattr(module, "_REFUSED", 1.0)


@breaks("always-alive")
def _always_alive(patch: pytest.MonkeyPatch) -> None:
    """Never say that orders may be gone."""
    from polyspec.clob import beating as clob
    from polyspec.polysimulator import beating as sim

    for module in (clob, sim):
        patch.setattr(module.Pulse, "alive", lambda *_: True)


@breaks("no-hold")
def _no_hold(patch: pytest.MonkeyPatch) -> None:
    """Take the first refusal of a cancel for the last."""
    from polyspec.clob import cancelling

    patch.setattr(cancelling, "_TRIES", 1)


@breaks("no-notes")
def _no_notes(patch: pytest.MonkeyPatch) -> None:
    """Forget what was under way when a task is cancelled."""
    from polyspec.clob import placing as clob
    from polyspec.us import orders_async

    patch.setattr(clob.Noted, "__exit__", lambda *_: None)
    patch.setattr(orders_async, "noted", lambda *_: nullcontext())


# -- answers --


@breaks("keeps-leftovers")
def _keeps_leftovers(patch: pytest.MonkeyPatch) -> None:
    """Take what comes behind an answer for the next one."""
    import aiohttp
    from aiohttp.client_proto import ResponseHandler

    from polyspec.io import lending, pool_async

    patch.setattr(lending, "_is_spoilt", lambda _: False)
    patch.setattr(pool_async, "_Connector", aiohttp.TCPConnector)
    patch.setattr(ResponseHandler, "should_close", property(lambda self: self._should_close))


@breaks("unread-is-unsent")
def _unread_is_unsent(patch: pytest.MonkeyPatch) -> None:
    """Take an order whose answer cannot be read for one that did not arrive."""
    from polyspec.core import sending
    from polyspec.core.attempt import Verdict, classify
    from polyspec.errors import DecodeError

    patch.setattr(
        sending,
        "classify",
        lambda outcome: Verdict.NOT_SENT if isinstance(outcome, DecodeError) else classify(outcome),
    )


def _refusing(patch: pytest.MonkeyPatch, word: bytes) -> None:
    from polyspec.core import sending
    from polyspec.core.codec import decode
    from polyspec.errors import DecodeError

    def strict(data: bytes, kind: Any, **options: Any) -> Any:
        if word in data:
            raise DecodeError("this is new to me")
        return decode(data, kind, **options)

    patch.setattr(sending, "decode", strict)


@breaks("closed-words")
def _closed_words(patch: pytest.MonkeyPatch) -> None:
    """Refuse words that are not in the list."""
    _refusing(patch, b"MARINATING")


@breaks("strict-fields")
def _strict_fields(patch: pytest.MonkeyPatch) -> None:
    """Refuse fields that are not in the list."""
    _refusing(patch, b"zzNewField")


@breaks("lenient")
def _lenient(patch: pytest.MonkeyPatch) -> None:
    """Read what is no amount as if it was one."""
    from polyspec.core import sending
    from polyspec.core.codec import decode

    odd = re.compile(rb'"?(-?Infinity|NaN|1e400)"?')
    patch.setattr(sending, "decode", lambda data, kind, **more: decode(odd.sub(b"1", data), kind, **more))


@breaks("unbounded")
def _unbounded(patch: pytest.MonkeyPatch) -> None:
    """Read whatever comes, whole."""
    from polyspec.io.body import Body

    made = Body.__init__
    patch.setattr(Body, "__init__", lambda self, encoding, _: made(self, encoding, 1 << 30))


@breaks("follows")
def _follows(patch: pytest.MonkeyPatch) -> None:
    """Go wherever an answer points."""
    import httpx

    for kind in (httpx.Client, httpx.AsyncClient):
        send = kind.send

        def followed(self: Any, request: Any, *, _send: Any = send, **options: Any) -> Any:
            return _send(self, request, **options | {"follow_redirects": True})

        patch.setattr(kind, "send", followed)


# -- gRPC --


@breaks("one-connection")
def _one_connection(patch: pytest.MonkeyPatch) -> None:
    """Connect once, and never again."""
    from polyspec.io.grpc_base import unreachable
    from polyspec.io.grpc_channel import Channel

    reach, had = Channel._reach, set()

    def once(self: Any, inner: Any, seconds: float) -> None:
        # two is ready
        if inner in had and inner.check_connectivity_state(False) != 2:
            raise unreachable(self.place)
        reach(self, inner, seconds)
        had.add(inner)

    patch.setattr(Channel, "_reach", once)


@breaks("no-pings")
def _no_pings(patch: pytest.MonkeyPatch) -> None:
    """Leave it to the network to say that nobody is there any more."""
    from polyspec.io import grpc_channel, grpc_channel_async
    from polyspec.io.grpc_base import channel_options

    def silent(options: Any) -> Any:
        return tuple(each for each in channel_options(options) if "keepalive" not in each[0])

    for module in (grpc_channel, grpc_channel_async):
        patch.setattr(module, "channel_options", silent)


# -- what others built --


@breaks("any-file")
def _any_file(patch: pytest.MonkeyPatch) -> None:
    """Read a vault whoever may read and write it."""
    from polyspec.vault import private_files

    patch.setattr(private_files, "_check_owner", lambda *_: None)


@breaks("open-when-down")
def _open_when_down(patch: pytest.MonkeyPatch) -> None:
    """Take the whole limit when nobody can be asked what is left of it."""
    from polyspec.limits.share import Share

    patch.setattr(Share, "_parts", property(lambda _: 1, lambda *_: None), raising=False)


@breaks("failed-counts")
def _failed_counts(patch: pytest.MonkeyPatch) -> None:
    """Count a trade whatever became of its settlement."""
    from polyspec_wire.clob import models as wire

    from polyspec.clob import unsettled

    patch.setattr(unsettled, "_ON_THE_WAY", tuple(wire.TradeStatus))


# -- the plugin --


def _wanted() -> dict[str, str]:
    found: dict[str, str] = json.loads(os.environ.get(VARIABLE, "{}"))
    return found


@pytest.fixture(autouse=True)
def _broken(request: pytest.FixtureRequest) -> Iterator[None]:
    wanted, name = _wanted(), request.node.nodeid
    # one that is named without parameters means all of them
    guard = wanted.get(name, wanted.get(name.partition("[")[0]))
    if guard is None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        BREAKS[guard](patch)
        yield
