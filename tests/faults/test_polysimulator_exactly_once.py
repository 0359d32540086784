"""Whatever the weather: every intent stands once or not at all, and the client says which."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from polyspec.core import absence
from polyspec.core.effects import Flow, Now
from polyspec.core.sending import Patience
from polyspec.polysimulator import placing, resolving, seeking
from polyspec.polysimulator.answers import Said, Then, read_error
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.codes import PERSISTENCE_UNKNOWN
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.fate import Accepted, OrderId
from polyspec.polysimulator.ticket import NewOrder, new_client_order_id
from polyspec.sandbox.polysimulator.refusals import Refusal
from polyspec.sandbox.polysimulator.registry import HANDLERS, Asked
from tests.client import doing_async
from tests.faults.at_polysimulator import an_order, open_venue
from tests.faults.hands import Hands
from tests.faults.storm import Verdicts, sail, sail_in_threads
from tests.faults.storm_polysimulator import SIM_WEATHER, FlatStorm, SimStorm

pytestmark = pytest.mark.usefixtures("hurried")

SETTINGS = PolySimulatorSettings(
    pacing=False,
    # the sandbox takes no time to write, and what hangs would hold everybody up
    serialise=False,
    settle_window=0.2,
    patience=Patience(connect=1.0, write=1.0, read=0.4, place=1.5, total=3.0),
)
IN_LINE = attrs.evolve(
    SETTINGS,
    serialise=True,
    patience=Patience(connect=1.0, write=1.0, read=0.4, place=4.0, total=4.0),
)


def _connected(storm: SimStorm, settings: PolySimulatorSettings) -> AsyncPolySimulatorClient:
    venue = storm.venue
    http = None if venue.app is None else doing_async.inside(venue.app)
    return AsyncPolySimulatorClient(**venue.client_options(storm.person), settings=settings, http=http)


async def _sail(
    storm: SimStorm, count: int, settings: PolySimulatorSettings = SETTINGS, *, again: bool = True
) -> None:
    """Sail; then, in good weather, perhaps place once more what certainly does not stand."""
    async with _connected(storm, settings) as client:
        await sail(storm, client, count)
        for lost in storm.lost() if again else ():
            storm.note([lost], await storm.place(client, [lost]))


def test_in_process() -> None:
    """Under faults of every kind every intent ends as one order or a refusal, and the client knows which."""
    with open_venue(port=False, resting_pause=0.2) as venue:
        storm = SimStorm(venue, 1)
        asyncio.run(_sail(storm, 1_000))
        verdicts = storm.judge()
        met = {kind for _, kind in venue.sim.faults.hits}
        ends = {(row.source, row.status) for row in venue.orders(storm.person)}
    assert verdicts.spotless, verdicts
    # placed again in good weather, what never arrived is taken or refused in words
    assert set(verdicts.counts) == {"Accepted", "Rejected"}
    assert verdicts.counts.total() == 1_000
    assert met >= {fault["kind"] for fault in SIM_WEATHER}
    assert ends == {("filled", "FILLED"), *(("pending", end) for end in ("PENDING", "FILLED", "CANCELLED"))}


def test_two_hundred_over_sockets() -> None:
    """The same over real connections, that are really reset."""
    with open_venue() as venue:
        storm = SimStorm(venue, 2)
        asyncio.run(_sail(storm, 200))
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 200


def test_two_hundred_from_threads() -> None:
    """The same with blocking calls from sixteen threads."""
    with open_venue() as venue:
        storm = SimStorm(venue, 3)
        hands = Hands()
        sail_in_threads(storm, hands.connect(venue, storm.person, SETTINGS), 200)
        hands.close()
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 200


def test_sixty_in_line_at_a_venue_that_holds_its_lock() -> None:
    """One write at a time, as a client does by itself, where the venue takes one at a time as well."""
    with open_venue(lock_hold=0.02, lock_wait=0.1) as venue:
        storm = SimStorm(venue, 4, share=0.2)
        asyncio.run(_sail(storm, 60, IN_LINE))
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 60


def test_sixty_that_crowd_at_a_venue_that_holds_its_lock() -> None:
    """Writes that overlap are refused for waiting too long, and none of them is lost or doubled."""
    with open_venue(lock_hold=0.02, lock_wait=0.1) as venue:
        storm = SimStorm(venue, 5, share=0.2)
        asyncio.run(_sail(storm, 60))
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 60


def test_a_hundred_by_token() -> None:
    """Through the flat route, where nothing may be sent again, the client knows what became of each."""
    with open_venue(port=False) as venue:
        storm = FlatStorm(venue, 6)
        asyncio.run(_sail(storm, 100))
        verdicts = storm.judge()
    assert verdicts.spotless, verdicts
    assert verdicts.counts.total() == 100


@pytest.mark.parametrize("alike", [True, False], ids=["the-same", "another"])
def test_one_id_from_three_programs_at_once(alike: bool) -> None:
    """Programs that send one id at the same moment have one order; others are refused."""
    with open_venue(port=False, lock_hold=0.05, lock_wait=5.0) as venue:
        person, market = venue.person(), venue.market()
        options = venue.client_options(person)

        async def submit(number: int) -> list[Any]:
            # without the line that clients of one process share, as if each was in its own
            settings = attrs.evolve(SETTINGS, patience=Patience(place=10.0))
            http = doing_async.inside(venue.app)
            async with AsyncPolySimulatorClient(**options, settings=settings, http=http) as client:
                price = "0.4" if alike else f"0.{40 + number}"
                orders = [an_order(market, client_order_id=f"id-{place}", price=price) for place in range(4)]
                return await asyncio.gather(*(client.orders.submit(order) for order in orders))

        async def together() -> list[list[Any]]:
            return await asyncio.gather(*(submit(number) for number in range(3)))

        fates = list(zip(*asyncio.run(together()), strict=True))
        rows = {row.client_order_id: row for row in venue.orders(person)}
        assert len(venue.orders(person)) == len(rows) == len(fates) == 4
        for place, told in enumerate(fates):
            accepted = [fate for fate in told if isinstance(fate, Accepted)]
            assert len(accepted) == (3 if alike else 1)
            row = rows[f"id-{place}"]
            assert {(each.order_id, each.price) for each in accepted} == {
                (f"pending:{row.order_id}", Decimal(row.limit_price or 0) / 1_000_000)
            }
            others = [fate for fate in told if fate not in accepted]
            assert all("belongs to another order" in fate.text for fate in others)
        venue.audit()


# -- late orders --


class _Resting(SimStorm):
    """Orders that rest, one by one, in good weather."""

    def order(self, number: int) -> NewOrder:
        """Make a resting order up."""
        return self.made(number, price="0.3")

    def intents(self, count: int) -> Iterator[list[NewOrder]]:
        """Make up orders, `count` in all."""
        return ([self.order(number)] for number in range(count))


def _late_orders(monkeypatch: pytest.MonkeyPatch) -> Verdicts:
    """Place orders whose connections break at once, and which the gateway hands on 0.3 seconds later."""
    place = HANDLERS[SimStorm.SINGLE]

    def carry_out(asked: Asked) -> None:
        with asked.world.lock:
            place(asked)

    def hold(asked: Asked) -> Any:
        asyncio.get_running_loop().call_later(0.3, carry_out, asked)
        raise Refusal(500, "INTERNAL_ERROR", "the gateway fails and keeps the order")

    settings = attrs.evolve(SETTINGS, settle_window=0.6, resend=False)
    with open_venue(port=False) as venue:
        storm = _Resting(venue, 1, share=0.0, markets=4)

        async def late() -> None:
            async with _connected(storm, settings) as client:
                monkeypatch.setitem(HANDLERS, SimStorm.SINGLE, hold)
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


def test_a_window_too_short_makes_false_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that takes the first empty look for a proof is wrong about late orders."""
    monkeypatch.setattr(absence.Absence, "note", lambda *_: True)
    assert len(_late_orders(monkeypatch).false) == 8


# -- the judge can tell --


def _judged(count: int, seed: int = 1, settings: PolySimulatorSettings = SETTINGS) -> Verdicts:
    with open_venue(port=False) as venue:
        storm = SimStorm(venue, seed, markets=10)
        asyncio.run(_sail(storm, count, settings, again=False))
        return storm.judge()


def _trusting(self: Any, unknowns: Any, deadline: float) -> Flow[Any]:
    """Take a lost answer for a lost order, as people do."""
    del self, deadline
    yield Now()
    return [resolving._absent(each) for each in unknowns]


def test_who_trusts_timeouts_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that takes a lost answer for a lost order says what is not so."""
    monkeypatch.setattr(resolving.Resolving, "resolve", _trusting)
    assert len(_judged(100, settings=attrs.evolve(SETTINGS, resend=False)).false) >= 3


def _renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a client send whatever it sends again under another client order id."""
    send = placing._Attempts._send

    def anew(self: Any) -> Flow[Any]:
        if self._number > 1:
            name = new_client_order_id()
            body = self._ticket.body.replace(self._ticket.client_order_id.encode(), name.encode())
            self._ticket = attrs.evolve(self._ticket, client_order_id=name, body=body)
            self._call = placing.order_call(self._ticket)
        return (yield from send(self))

    monkeypatch.setattr(placing._Attempts, "_send", anew)


def test_who_makes_up_ids_doubles_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that sends a lost order again under another id doubles orders."""
    _renamed(monkeypatch)
    assert len(_judged(150).duplicates) >= 3


def _again_if_unknown(error: Any) -> Said:
    said = read_error(error)
    return attrs.evolve(said, then=Then.AGAIN) if error.code == PERSISTENCE_UNKNOWN else said


def test_who_sends_what_may_be_stored_under_another_id_doubles_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: where the venue does not know whether it stored an order, another doubles it."""
    monkeypatch.setattr(placing, "read_error", _again_if_unknown)
    _renamed(monkeypatch)
    with open_venue(port=False) as venue:
        storm = _Resting(venue, 1, share=0.0, markets=4)
        venue.sim.faults.add(kind="persistence_unknown", operation=SimStorm.SINGLE, times=12)
        asyncio.run(_sail(storm, 12, again=False))
        assert len(storm.judge().duplicates) >= 2


def test_who_sends_the_same_bytes_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever failed may be repeated as it was: the venue knows the order by its client order id."""
    monkeypatch.setattr(placing, "read_error", lambda error: attrs.evolve(read_error(error), then=Then.AGAIN))
    assert _judged(100).duplicates == []


def test_who_mixes_the_tables_up_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can tell: a client that takes all orders for resting ones names others by their numbers."""

    def pending(self: Any, row: Any, unknown: Any) -> Flow[OrderId]:
        del self, unknown
        yield Now()
        return OrderId(row.order_id, "pending")

    monkeypatch.setattr(seeking.Looker, "_placed", pending)
    assert _judged(100).false
