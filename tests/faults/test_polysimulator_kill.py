"""The sandbox killed in the middle of everything, under a client that lives on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any

import attrs
import msgspec
import pytest
from attrs import Factory, define

from polyspec import Sandbox
from polyspec.core.sending import Patience
from polyspec.errors import PolyspecError
from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.polysimulator.fate import Accepted, Rejected, Unknown
from polyspec.polysimulator.ticket import NewOrder
from polyspec.sandbox.polysimulator.engine import OrderRow
from tests.faults.at_polysimulator import an_order, open_venue
from tests.faults.hands import Hands
from tests.faults.nursery import Child, Nursery, copied

pytestmark = pytest.mark.usefixtures("hurried")

SETTINGS = PolySimulatorSettings(
    tier="pro_plus",
    settle_window=0.2,
    max_attempts=2,
    patience=Patience(connect=2.0, write=2.0, read=2.0, place=0.5, total=5.0),
)
LIVES = 3
PLUS = "plus@example.com"
SESSIONS = ("supabase_jwt",)
"""What is made anew with every life; keys are not."""
STILL = "mayor"
"""A word of the market whose book stays as it is."""


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Import everything once, for all servers."""
    with Nursery(tmp_path_factory.mktemp("nursery")) as nursery:
        yield nursery


@pytest.fixture
def port() -> int:
    """Find a port that every life of a server can have."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
    return found


@define
class Known:
    """What a trader knows of the orders on one file, over all lives of its server."""

    placed: dict[str, NewOrder] = Factory(dict)
    """Every order ever sent, by client order id."""
    fates: dict[str, Any] = Factory(dict)
    """What the client said last: an outcome, or the error that was raised."""
    cancelled: set[str] = Factory(set)
    """Client order ids of orders whose cancel was acknowledged."""
    acknowledged: int = 0
    replayed: int = 0

    def note(self, name: str, fate: Any) -> None:
        """Write down what became of an order."""
        self.fates[name] = fate
        self.acknowledged += isinstance(fate, Accepted)

    def of(self, kind: type) -> list[Any]:
        """Return the fates of a kind."""
        return [fate for fate in self.fates.values() if isinstance(fate, kind)]

    def absent(self) -> list[str]:
        """Return the client order ids of orders that certainly do not stand."""
        return [name for name, fate in self.fates.items() if isinstance(fate, Rejected | PolyspecError)]


class Burst:
    """Some twenty requests at once, and a bullet after some of the answers."""

    def __init__(self, client: AsyncPolySimulatorClient, market: str, known: Known, random: Random) -> None:
        self._client = client
        self._market = market
        self._known = known
        self._random = random

    async def run(self, child: Child) -> None:
        """Send everything, and kill the server after a random number of answers."""
        last = self._known.acknowledged + self._random.randint(2, 24)
        pause = self._random.random() * 0.01

        async def shoot() -> None:
            for _ in range(400):
                if self._known.acknowledged >= last:
                    break
                await asyncio.sleep(0.001)
            await asyncio.sleep(pause)
            child.kill()

        works = [self._placing] * 14 + [self._listing] * 2 + [self._cancelling] * 3
        self._random.shuffle(works)
        await asyncio.gather(shoot(), *(work() for work in works))

    def _made(self) -> NewOrder:
        shares = Decimal(500 + 2 * len(self._known.placed)) / 100
        terms: dict[str, Any] = {"market": self._market, "side": "BUY", "outcome": "Yes", "quantity": shares}
        if self._random.random() < 0.3:
            terms |= {"order_type": "market", "time_in_force": "FOK", "price": "0.7"}
        else:
            terms["price"] = f"0.{self._random.randint(10, 65)}"
        made = NewOrder(**terms)
        self._known.placed[made.client_order_id] = made
        return made

    async def _placing(self) -> None:
        order = self._made()
        try:
            fate: Any = await self._client.orders.submit(order)
        except PolyspecError as error:
            fate = error
        self._known.note(order.client_order_id, fate)

    async def _listing(self) -> None:
        orders = [self._made() for _ in range(4)]
        try:
            fates: list[Any] = await self._client.orders.place_batch(orders)
        except PolyspecError as error:
            fates = [error] * len(orders)
        for order, fate in zip(orders, fates, strict=True):
            self._known.note(order.client_order_id, fate)

    async def _cancelling(self) -> None:
        resting = [each for each in self._known.of(Accepted) if each.is_open]
        if not resting:
            return
        target = self._random.choice(resting)
        try:
            done = await self._client.orders.cancel(target)
        except PolyspecError:
            return
        if done.canceled:
            self._known.cancelled.add(target.client_order_id)


async def clear_up(client: AsyncPolySimulatorClient, known: Known) -> None:
    """After a restart: resolve what is unknown, place again what never arrived, and replay what stands."""

    async def resolve(unknown: Unknown[Any]) -> None:
        known.note(unknown.client_order_id, await unknown.resolve(30))

    async def again(name: str) -> None:
        known.note(name, await client.orders.submit(known.placed[name], timeout=30))

    async def replay(accepted: Accepted) -> None:
        told = await client.orders.submit(known.placed[accepted.client_order_id], timeout=30)
        assert isinstance(told, Accepted)
        assert (told.order_id, told.is_replay) == (accepted.order_id, True)
        known.replayed += 1

    await asyncio.gather(*(resolve(each) for each in known.of(Unknown)))
    lost = [
        name
        for name in known.absent()
        if isinstance(fate := known.fates[name], PolyspecError) or fate.never_arrived
    ]
    before = known.of(Accepted)[-5:]
    await asyncio.gather(*(again(name) for name in lost), *(replay(each) for each in before))


def check_file(db: Path, copy: Path, known: Known) -> None:
    """Open a copy of what was left on disk, recount all of it, and hold it against what the client said."""
    for venue in ("clob", "polysimulator"):
        copied(db.with_name(f"{db.name}.{venue}"), copy.with_name(f"{copy.name}.{venue}"))
    with Sandbox(venues=["polysimulator"], db=copy, port=False, quiet=True) as sandbox:
        world = sandbox.polysimulator_venue.world
        world.engine.audit()
        user = world.users.of_email(PLUS)
        assert user is not None
        check_orders(known, world.engine.orders(world.engine.wallets(user.id)))


def check_orders(known: Known, rows: list[OrderRow]) -> None:
    """Hold the engine's orders against what the client said of them."""
    orders = {row.client_order_id: row for row in rows}
    assert len(orders) == len(rows)
    assert len({row.quantity for row in rows}) == len(rows)
    assert orders.keys() <= known.placed.keys()
    for accepted in known.of(Accepted):
        row = orders[accepted.client_order_id]
        assert (f"{row.source}:{row.order_id}", row.quantity) == (
            accepted.order_id,
            accepted.quantity * 10_000,
        )
        assert row.filled >= accepted.filled * 10_000
    assert not set(known.absent()) & orders.keys()
    for name in known.cancelled:
        assert orders[name].status == "CANCELLED"


@pytest.mark.parametrize(("seed", "serialise"), [(0, True), (1, False)], ids=["in-line", "at-once"])
def test_what_was_said_holds(nursery: Nursery, tmp_path: Path, port: int, seed: int, serialise: bool) -> None:
    """Some lives on one file: what was accepted is there and replays, what was lost is told, none twice."""
    random, known, db = Random(seed), Known(), tmp_path / "sandbox.db"
    command = (
        "sandbox", "--venues", "polysimulator", "--db", str(db), "--polysimulator-port", str(port)
    )  # fmt: skip
    settings = attrs.evolve(SETTINGS, serialise=serialise)

    async def lives() -> None:
        child = nursery.start(*command)
        told = child.line()["polysimulator"]
        key = told["pro_plus_api_key"]
        async with AsyncPolySimulatorClient(key, told["rest"], settings=settings) as client:
            market = await anext(client.markets.list(q=STILL))
            for number in range(LIVES):
                await Burst(client, market.condition_id, known, random).run(child)
                check_file(db, tmp_path / f"killed-{number}.db", known)
                child = nursery.start(*command)
                again = child.line()["polysimulator"]
                assert {name: again[name] for name in told if name not in SESSIONS} == {
                    name: told[name] for name in told if name not in SESSIONS
                }
                await clear_up(client, known)
                assert known.of(Unknown) == known.of(PolyspecError) == []
            child.kill()
        check_file(db, tmp_path / "last.db", known)

    asyncio.run(lives())
    assert known.acknowledged > 10 * LIVES
    assert known.cancelled
    assert known.replayed >= 3 * LIVES
    # every intent came to its end: an order, or a refusal in the venue's words
    assert known.fates.keys() == known.placed.keys()
    assert all(not fate.never_arrived for fate in known.of(Rejected))


def _without(rows: list[OrderRow]) -> list[OrderRow]:
    return rows[1:]


def _doubled(rows: list[OrderRow]) -> list[OrderRow]:
    return [*rows, msgspec.structs.replace(rows[0], order_id=99)]


def _reopened(rows: list[OrderRow]) -> list[OrderRow]:
    return [msgspec.structs.replace(rows[0], status="PENDING")]


def _renumbered(rows: list[OrderRow]) -> list[OrderRow]:
    return [msgspec.structs.replace(rows[0], source="filled")]


@pytest.mark.parametrize("harm", [_without, _doubled, _reopened, _renumbered])
def test_the_check_notices(harm: Callable[[list[OrderRow]], list[OrderRow]]) -> None:
    """The check can tell: a lost, doubled or renamed order and a forgotten cancel are seen."""
    with open_venue(port=False) as venue:
        hands, person = Hands(), venue.person()
        client, order = hands.connect(venue, person), an_order(venue.market())
        placed = client.orders.submit(order).unwrap()
        assert client.orders.cancel(placed)
        hands.close()
        rows = venue.orders(person)
    name = order.client_order_id
    known = Known(placed={name: order}, fates={name: placed}, cancelled={name})
    check_orders(known, rows)
    with pytest.raises((AssertionError, KeyError)):
        check_orders(known, harm(rows))
