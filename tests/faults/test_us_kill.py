"""The sandbox killed in the middle of everything: what it acknowledged is there afterwards, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any

import msgspec
import pytest
from attrs import Factory, define
from polyspec_wire.us_exchange import models as wire

from polyspec.core.sending import Patience
from polyspec.errors import PolyspecError
from polyspec.sandbox.engine import JournaledExchange
from polyspec.sandbox.engine import types as t
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Environment, Settings
from polyspec.us.fate import Accepted, Rejected, Unknown
from polyspec.us.ticket import NewOrder
from tests.client.us.rig import open_venue
from tests.faults.nursery import Child, Nursery, copied

SYMBOL = "tec-nfl-sbw-2026-02-08-kc"
MAKER, TAKER = (f"firms/ISV-Participant-Sandbox/users/trader-{number}" for number in (1, 2))
SETTINGS = Settings(
    pacing=False,
    settle_window=0.2,
    max_attempts=2,
    patience=Patience(connect=2.0, write=2.0, read=2.0, place=0.5, total=5.0),
)
KILLS, FILES = 30, 5


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Import everything once, for all servers."""
    with Nursery(tmp_path_factory.mktemp("nursery")) as nursery:
        yield nursery


@define
class Known:
    """What a trader knows of the orders on one file, over all lives of its server."""

    taken: dict[str, str] = Factory(dict)
    """Order ids by client order id, of all orders that were acknowledged."""
    refused: set[str] = Factory(set)
    """Client order ids of orders that certainly do not stand."""
    sent: set[str] = Factory(set)
    resting: list[Accepted | Unknown[Any]] = Factory(list)
    """Orders nobody has touched yet, at prices nobody trades at."""
    cancelled: set[str] = Factory(set)
    """Order ids whose cancel was acknowledged."""
    replaced: dict[str, int] = Factory(dict)
    """New quantities by order id, of acknowledged replaces."""
    acknowledged: int = 0


def connected(line: dict[str, Any], participant: str) -> AsyncUsExchangeClient:
    """Return a real client of a running command, with little patience."""
    us = line["us_exchange"]
    credentials = PrivateKeyJwt.from_file(
        us["private_key_path"],
        client_id=us["client_id"],
        token_url=us["token_url"],
        audience=us["audience"],
    )
    environment = Environment("sandbox", us["rest"], us["token_url"], us["audience"])
    return AsyncUsExchangeClient(credentials, environment, participant_id=participant, settings=SETTINGS)


class Burst:
    """Forty requests at once, and a bullet after some of the answers."""

    def __init__(self, client: AsyncUsExchangeClient, known: Known, random: Random, name: str) -> None:
        self._maker = client
        self._taker = client.for_participant(TAKER)
        self._known = known
        self._random = random
        self._name = name

    async def run(self, child: Child) -> None:
        """Send everything, and kill the server after a random number of answers."""
        if self._known.resting:
            # on a busy machine none of the storm's may come through, and there would be none to look for
            await self._replacing(self._known.resting.pop())()
        last = self._known.acknowledged + self._random.randint(0, 40)
        pause = self._random.random() * 0.03

        async def shoot() -> None:
            for _ in range(400):
                if self._known.acknowledged >= last:
                    break
                await asyncio.sleep(0.001)
            await asyncio.sleep(pause)
            child.kill()

        await asyncio.gather(shoot(), *(work() for work in self._works()))

    def _works(self) -> list[Callable[[], Awaitable[None]]]:
        random, known = self._random, self._known
        works = [self._placing(f"{self._name}-{number}") for number in range(22)]
        works.append(self._listing(f"{self._name}-list"))
        random.shuffle(known.resting)
        targets, known.resting[:] = known.resting[:14], known.resting[14:]
        works += [self._cancelling(target) for target in targets[:8]]
        works += [self._replacing(target) for target in targets[8:]]
        random.shuffle(works)
        return works

    def _placing(self, name: str) -> Callable[[], Awaitable[None]]:
        kind, confirm = self._random.choice(("rest", "rest", "offer", "take")), self._random.random() < 0.3
        client = self._taker if kind == "take" else self._maker
        price = {"rest": f"0.0{self._random.randint(1, 9)}"}.get(kind, "0.5")
        order = NewOrder(
            market=SYMBOL,
            side="SELL" if kind == "offer" else "BUY",
            price=price,
            quantity=self._random.randint(1, 5),
            time_in_force="IOC" if kind == "take" else "GTC",
            clord_id=name,
        )

        async def place() -> None:
            self._known.sent.add(name)
            try:
                placed = await client.orders.submit(order, confirm=confirm)
            except PolyspecError as error:
                if not error.maybe_executed:
                    self._known.refused.add(name)
                return
            self._note(placed, rests=kind == "rest")

        return place

    def _listing(self, name: str) -> Callable[[], Awaitable[None]]:
        orders = [
            NewOrder(market=SYMBOL, side="BUY", price="0.02", quantity=1, clord_id=f"{name}-{number}")
            for number in range(6)
        ]

        async def place() -> None:
            self._known.sent |= {order.clord_id for order in orders}
            try:
                placed = await self._maker.orders.place_list(orders)
            except PolyspecError as error:
                if not error.maybe_executed:
                    self._known.refused |= {order.clord_id for order in orders}
                return
            for each in placed:
                self._note(each, rests=True)

        return place

    def _note(self, placed: Any, *, rests: bool) -> None:
        if isinstance(placed, Rejected):
            return
        if placed.order_id:
            self._known.taken[placed.clord_id] = placed.order_id
            self._known.acknowledged += 1
            if rests:
                self._known.resting.append(placed)

    def _cancelling(self, target: Accepted | Unknown[Any]) -> Callable[[], Awaitable[None]]:
        async def cancel() -> None:
            try:
                await self._maker.orders.cancel(target)
            except PolyspecError:
                return
            self._known.cancelled.add(str(target.order_id))
            self._known.acknowledged += 1

        return cancel

    def _replacing(self, target: Accepted | Unknown[Any]) -> Callable[[], Awaitable[None]]:
        quantity = self._random.randint(10, 99)

        async def replace() -> None:
            try:
                await self._maker.orders.replace(target, quantity=quantity)
            except PolyspecError:
                return
            self._known.replaced[str(target.order_id)] = quantity
            self._known.acknowledged += 1

        return replace


def check_file(db: Path, copy: Path, known: Known) -> None:
    """Open a copy of what was left on disk, recount all of it, and look for everything acknowledged."""
    journal = JournaledExchange.open(copied(db, copy))
    try:
        exchange = journal.exchange
        exchange.audit()
        check_orders(known, {order.id: order for order in exchange.orders()})
    finally:
        journal.close()


def check_orders(known: Known, orders: dict[str, t.Order]) -> None:
    """Hold the engine's orders against what the trader was told."""
    names = Counter(order.client_order_id for order in orders.values())
    assert [name for name, count in names.items() if count > 1] == []
    assert set(names) <= known.sent
    assert not known.refused & set(names)
    for name, order_id in known.taken.items():
        assert orders[order_id].client_order_id == name
    for order_id in known.cancelled:
        assert orders[order_id].state is t.OrderState.CANCELED
    for order_id, quantity in known.replaced.items():
        assert orders[order_id].quantity == quantity


async def check_answers(client: AsyncUsExchangeClient, known: Known) -> None:
    """Ask the restarted server itself, with a client of its own, for every order."""
    query = wire.SearchOrdersRequest(page_size=1000)
    found = [
        order
        for each in (client, client.for_participant(TAKER))
        async for order in each.reports.orders(query)
    ]
    names = {order.clord_id: order for order in found}
    assert len(names) == len(found)
    for name, order_id in known.taken.items():
        assert names[name].id == order_id
    still_open = {order.id for order in await client.orders.open()}
    assert not still_open & known.cancelled


@pytest.mark.parametrize("seed", range(FILES))
def test_what_was_acknowledged_survives(nursery: Nursery, tmp_path: Path, seed: int) -> None:
    """Six lives on one file, each ended by SIGKILL: acknowledged orders, cancels and replaces hold, once."""
    random, known, db = Random(seed), Known(), tmp_path / "sandbox.db"

    async def live(number: int) -> None:
        child = nursery.start("sandbox", "--quiet", "--db", str(db))
        async with connected(child.line(), MAKER) as client:
            await check_answers(client, known)
            await client.instruments.get(SYMBOL)
            await Burst(client, known, random, f"{seed}-{number}").run(child)

    for number in range(KILLS // FILES):
        asyncio.run(live(number))
        check_file(db, tmp_path / f"copy-{number}.db", known)
    assert known.acknowledged > 10 * KILLS // FILES
    assert known.cancelled
    assert known.replaced


def test_next_life_is_the_same_venue(nursery: Nursery, tmp_path: Path) -> None:
    """After a kill the command starts on the same file with the same key, client and participants."""
    db = tmp_path / "sandbox.db"
    first = nursery.start("sandbox", "--quiet", "--db", str(db))
    told = first.line()["us_exchange"]
    first.kill()
    second = nursery.start("sandbox", "--quiet", "--db", str(db)).line()["us_exchange"]
    same = ("client_id", "private_key_path", "participant_id", "symbols")
    assert {name: told[name] for name in same} == {name: second[name] for name in same}


def _without(orders: dict[str, t.Order]) -> dict[str, t.Order]:
    return {}


def _doubled(orders: dict[str, t.Order]) -> dict[str, t.Order]:
    (order,) = orders.values()
    return orders | {"another": msgspec.structs.replace(order, id="another")}


def _reopened(orders: dict[str, t.Order]) -> dict[str, t.Order]:
    (order,) = orders.values()
    return {order.id: msgspec.structs.replace(order, state=t.OrderState.NEW)}


def _shrunk(orders: dict[str, t.Order]) -> dict[str, t.Order]:
    (order,) = orders.values()
    return {order.id: msgspec.structs.replace(order, quantity=1)}


@pytest.mark.parametrize("harm", [_without, _doubled, _reopened, _shrunk])
def test_the_check_notices(harm: Callable[[dict[str, t.Order]], dict[str, t.Order]]) -> None:
    """The check can tell: a lost or doubled order, a forgotten cancel or replace are seen."""
    with open_venue(port=False) as venue:
        person, symbol = venue.person(), venue.market()
        with venue.world.lock:
            command = t.PlaceOrder(
                participant=person.name,
                account=person.accounts[0],
                symbol=symbol,
                side=t.Side.BUY,
                quantity=100,
                price=500,
                client_order_id="one",
            )
            placed = venue.sandbox.exchange.placed(venue.world.apply(command))
            assert placed is not None
            venue.world.apply(t.CancelOrder(participant=person.name, order_id=placed.id))
        orders = {order.id: order for order in venue.orders(person)}
    known = Known(taken={"one": placed.id}, sent={"one"}, cancelled={placed.id}, replaced={placed.id: 100})
    check_orders(known, orders)
    with pytest.raises((AssertionError, KeyError)):
        check_orders(known, harm(orders))
