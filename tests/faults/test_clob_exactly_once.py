"""Whatever the weather: every intent stands once or not at all, and the client says which."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from polyspec_wire.clob import models as wire

from polyspec.clob import placing, resolving, seeking
from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.fate import Rejected, Unknown
from polyspec.clob.placing import Placing, Posting
from polyspec.core import absence, sending
from polyspec.core.effects import Flow, Now
from polyspec.core.sending import Patience
from polyspec.sandbox.clob.refusals import Refusal
from polyspec.sandbox.clob.registry import HANDLERS, Asked
from tests.client import doing_async
from tests.client.clob import connect, connect_async
from tests.client.clob.rig import open_venue
from tests.faults.storm import WEATHER, Verdicts, sail, sail_in_threads
from tests.faults.storm_clob import ClobStorm, Intent

pytestmark = pytest.mark.usefixtures("hurried")

SETTINGS = ClobSettings(
    pacing=False,
    settle_window=0.2,
    patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.5, total=3.0),
)
LAPSES = 97
"""Every so many-th request is refused although its credentials are good."""


def _connected(storm: ClobStorm, settings: ClobSettings) -> AsyncClobClient:
    venue = storm.venue
    http = None if venue.app is None else doing_async.inside(venue.app)
    return connect_async.connect(venue, storm.person, settings, http=http)


async def _sail(
    storm: ClobStorm, count: int, settings: ClobSettings = SETTINGS, *, again: bool = True
) -> None:
    """Sail; then, in good weather, perhaps post once more what certainly does not stand."""
    async with _connected(storm, settings) as client:
        await client.create_or_derive_api_key()
        await sail(storm, client, count)
        for lost in storm.lost() if again else ():
            storm.note([lost], await client.post_order(*lost))


@pytest.mark.parametrize(("seed", "count"), [(1, 400), (2, 200)])
def test_in_process(seed: int, count: int) -> None:
    """Under faults of every kind every intent ends as one order or a refusal, and the client knows which."""
    with open_venue(port=False, key_lapse_every=LAPSES) as venue:
        storm = ClobStorm(venue, seed)
        asyncio.run(_sail(storm, count))
        verdicts = storm.judge()
        met = {kind for _, kind in venue.clob.faults.hits}
    assert verdicts.spotless, verdicts
    # posted again in good weather, what never arrived is taken or refused in words
    assert set(verdicts.counts) == {"Accepted", "Rejected"}
    assert verdicts.counts.total() == count
    assert met >= {fault["kind"] for fault in WEATHER}


def test_two_hundred_over_sockets() -> None:
    """The same over real connections, that are really reset."""
    with open_venue(key_lapse_every=LAPSES) as venue:
        storm = ClobStorm(venue, 3)
        asyncio.run(_sail(storm, 200))
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 200


def test_two_hundred_from_threads() -> None:
    """The same with blocking calls from sixteen threads."""
    with open_venue(key_lapse_every=LAPSES) as venue:
        storm = ClobStorm(venue, 4)
        with connect.connect(venue, storm.person, SETTINGS) as client:
            client.create_or_derive_api_key()
            sail_in_threads(storm, client, 200)
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 200


# -- late orders, answers in the wrong place --


class _Resting(ClobStorm):
    """Orders that rest, one by one, in good weather."""

    def order(self, number: int) -> Intent:
        """Make a resting order up."""
        return self.made(number, price="0.3")

    def intents(self, count: int) -> Iterator[list[Intent]]:
        """Make up orders, `count` in all."""
        return ([self.order(number)] for number in range(count))


def _late_orders(monkeypatch: pytest.MonkeyPatch) -> Verdicts:
    """Place orders whose connections break at once, and which the gateway hands on 0.3 seconds later."""
    place = HANDLERS[ClobStorm.SINGLE]

    def hold(asked: Asked) -> Any:
        asyncio.get_running_loop().call_later(0.3, lambda: place(asked))
        raise Refusal(500, "the gateway fails and keeps the order")

    settings = attrs.evolve(SETTINGS, settle_window=0.6, resend=False)
    with open_venue(port=False) as venue:
        storm = _Resting(venue, 1, share=0.0)

        async def late() -> None:
            async with _connected(storm, settings) as client:
                await client.create_or_derive_api_key()
                monkeypatch.setitem(HANDLERS, ClobStorm.SINGLE, hold)
                await sail(storm, client, 8)
                # whatever the client believes by now, the last of the orders is executed
                await asyncio.sleep(0.4)

        asyncio.run(late())
        return storm.judge()


def test_late_orders_are_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders that the gateway hands on after their answer was lost are found all the same."""
    verdicts = _late_orders(monkeypatch)
    assert verdicts.spotless, verdicts
    assert verdicts.counts == {"Accepted": 8}


class _Lists(ClobStorm):
    """Lists of orders that rest and orders that nobody can pay, in good weather."""

    def order(self, number: int) -> Intent:
        """Make an order up; every third is too large."""
        return self.made(number, price="0.3", more=10_000_000 * (number % 3 == 0))

    def intents(self, count: int) -> Iterator[list[Intent]]:
        """Make up orders in lists of five, `count` in all."""
        return ([self.order(start + place) for place in range(5)] for start in range(0, count, 5))


def _mixed_up_answers(monkeypatch: pytest.MonkeyPatch) -> Verdicts:
    """Post lists which the venue answers in another order than it was asked in."""
    place = HANDLERS[ClobStorm.LIST]
    monkeypatch.setitem(HANDLERS, ClobStorm.LIST, lambda asked: place(asked)[::-1])
    with open_venue(port=False) as venue:
        storm = _Lists(venue, 1, share=0.0)
        asyncio.run(_sail(storm, 40))
        return storm.judge()


def test_answers_in_the_wrong_place_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids that are not in the place of their order make the client look, and what it then says is so."""
    verdicts = _mixed_up_answers(monkeypatch)
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 40


def _with_matched_orders_forgotten(monkeypatch: pytest.MonkeyPatch) -> Verdicts:
    """Sail where the venue shows an order by its id only as long as it is open."""
    show = HANDLERS["Orders_GetOrder"]

    def shown(asked: Asked) -> Any:
        found = show(asked)
        if found["status"] != "LIVE":
            raise Refusal(404, "Order not found")
        return found

    monkeypatch.setitem(HANDLERS, "Orders_GetOrder", shown)
    with open_venue(port=False) as venue:
        storm = ClobStorm(venue, 5)
        asyncio.run(_sail(storm, 150, attrs.evolve(SETTINGS, resend=False), again=False))
        return storm.judge()


def test_matched_orders_are_found_among_trades(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that was matched and is shown no more is known by its trades."""
    assert _with_matched_orders_forgotten(monkeypatch).spotless


# -- the judge can tell --


def test_who_asks_for_no_trades_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that looks among orders alone says that what was matched never arrived."""
    monkeypatch.setattr(seeking, "_concerns", lambda *_: False)
    assert _with_matched_orders_forgotten(monkeypatch).false


def _trusting(self: Any, unknowns: Any, deadline: float) -> Flow[Any]:
    """Take a lost answer for a lost order, as people do."""
    del self, deadline
    yield Now()
    return [resolving._never_arrived(each) for each in unknowns]


def test_who_trusts_timeouts_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that takes a lost answer for a lost order says what is not so."""
    monkeypatch.setattr(resolving.Resolving, "resolve", _trusting)
    with open_venue(port=False) as venue:
        storm = ClobStorm(venue, 1)
        asyncio.run(_sail(storm, 100, attrs.evolve(SETTINGS, resend=False), again=False))
        assert len(storm.judge().false) >= 3


def test_who_signs_anew_doubles_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that also sends another order for each lost answer doubles orders."""
    monkeypatch.setattr(resolving.Resolving, "resolve", _trusting)
    attempt = Placing._attempt
    with open_venue(port=False) as venue:
        storm = ClobStorm(venue, 1)

        tried: set[str] = set()

        def anew(self: Any, posting: Posting, *moments: Any) -> Flow[Any]:
            chosen = posting.of(storm.another(posting.order)) if posting.order.order_id in tried else posting
            tried.add(posting.order.order_id)
            return (yield from attempt(self, chosen, *moments))

        monkeypatch.setattr(Placing, "_attempt", anew)
        asyncio.run(_sail(storm, 150, again=False))
        assert len(storm.judge().duplicates) >= 3


def test_who_sends_the_same_bytes_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever failed is repeated at once, as it was: the venue knows the order by its hash."""
    monkeypatch.setattr(sending, "may_repeat", lambda *_: True)
    with open_venue(port=False) as venue:
        storm = ClobStorm(venue, 1)
        asyncio.run(_sail(storm, 100))
        assert storm.judge().duplicates == []


def test_who_ignores_ids_of_trades_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that takes any trade of its wallet for the order's says what is not so."""
    monkeypatch.setattr(seeking, "_concerns", lambda *_: True)
    with open_venue(port=False) as venue:
        storm = ClobStorm(venue, 1)
        asyncio.run(_sail(storm, 100))
        assert storm.judge().false


def test_who_ignores_ids_of_answers_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that goes by places alone says what is not so."""

    def by_place(unknown: Unknown[Any], told: wire.SendOrderResponse | None, error: Any) -> Any:
        assert told is not None, error
        return Rejected(order_id=unknown.order_id, order=unknown.order, text=told.error_msg or "")

    monkeypatch.setattr(placing, "mismatch", lambda *_: None)
    monkeypatch.setattr(placing, "is_taken", lambda _, told: told.success)
    monkeypatch.setattr(placing, "judge", by_place)
    assert _mixed_up_answers(monkeypatch).false


def test_a_window_too_short_makes_false_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that takes the first empty look for a proof is wrong about late orders."""
    monkeypatch.setattr(absence.Absence, "note", lambda *_: True)
    assert len(_late_orders(monkeypatch).false) == 8
