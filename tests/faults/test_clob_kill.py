"""The sandbox killed in the middle of everything, under a client that lives on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, and guards nothing
from typing import Any

import msgspec
import pytest
from attrs import Factory, define

from polyspec.clob.client_async import AsyncClobClient
from polyspec.clob.config import ClobSettings
from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.clob.order import SignedOrder
from polyspec.core.sending import Patience
from polyspec.errors import PolyspecError
from polyspec.sandbox.clob.engine import JournaledClob
from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.seeds import ACCOUNTS
from tests.client.clob.rig import open_venue
from tests.faults.nursery import Child, Nursery, copied

pytestmark = pytest.mark.usefixtures("hurried")

SETTINGS = ClobSettings(
    pacing=False,
    settle_window=0.2,
    max_attempts=2,
    patience=Patience(connect=2.0, write=2.0, read=2.0, place=0.5, total=5.0),
)
FILES, LIVES = 2, 6


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

    posted: dict[str, tuple[SignedOrder, str]] = Factory(dict)
    """Every order ever sent, with its type, by id."""
    fates: dict[str, Any] = Factory(dict)
    """What the client said last: an outcome, or the error that was raised."""
    cancelled: set[str] = Factory(set)
    """Orders whose cancel was acknowledged."""
    acknowledged: int = 0

    def note(self, order_id: str, fate: Any) -> None:
        """Write down what became of an order."""
        self.fates[order_id] = fate
        self.acknowledged += isinstance(fate, Accepted)

    def of(self, kind: type) -> list[Any]:
        """Return the fates of a kind."""
        return [fate for fate in self.fates.values() if isinstance(fate, kind)]

    def absent(self) -> list[str]:
        """Return the ids of orders that certainly do not stand."""
        return [name for name, fate in self.fates.items() if isinstance(fate, Rejected | PolyspecError)]


class Burst:
    """Some thirty requests at once, and a bullet after some of the answers."""

    def __init__(self, client: AsyncClobClient, token: str, known: Known, random: Random) -> None:
        self._client = client
        self._token = token
        self._known = known
        self._random = random

    async def run(self, child: Child) -> None:
        """Send everything, and kill the server after a random number of answers."""
        last = self._known.acknowledged + self._random.randint(0, 30)
        pause = self._random.random() * 0.01

        async def shoot() -> None:
            for _ in range(400):
                if self._known.acknowledged >= last:
                    break
                await asyncio.sleep(0.001)
            await asyncio.sleep(pause)
            child.kill()

        works = [self._placing for _ in range(20)] + [self._listing] * 2 + [self._cancelling] * 4
        self._random.shuffle(works)
        await asyncio.gather(shoot(), *(work() for work in works))

    async def _made(self) -> tuple[SignedOrder, str]:
        kind = self._random.choice(("GTC", "GTC", "GTC", "FAK", "FOK"))
        shares = Decimal(500 + 2 * len(self._known.posted)) / 100
        side = self._random.choice(("BUY", "SELL"))
        # a few cross each other
        cents = self._random.randint(*((10, 60) if side == "BUY" else (40, 90))) if kind == "GTC" else 50
        terms = {"tick_size": "0.01", "neg_risk": False, "token_id": self._token, "size": shares}
        made = await self._client.create_order(**terms, side=side, price=f"0.{cents}")
        self._known.posted[made.order_id] = made, kind
        return made, kind

    async def _placing(self) -> None:
        order, kind = await self._made()
        try:
            fate: Any = await self._client.post_order(order, kind)
        except PolyspecError as error:
            fate = error
        self._known.note(order.order_id, fate)

    async def _listing(self) -> None:
        orders = [await self._made() for _ in range(5)]
        try:
            fates: list[Any] = list(await self._client.post_orders(orders))
        except PolyspecError as error:
            fates = [error] * len(orders)
        for (order, _), fate in zip(orders, fates, strict=True):
            self._known.note(order.order_id, fate)

    async def _cancelling(self) -> None:
        working = [each for each in self._known.of(Accepted) if each.status == "live"]
        if not working:
            return
        target = self._random.choice(working)
        try:
            done = await self._client.cancel(target)
        except PolyspecError:
            return
        self._known.cancelled |= set(done.canceled)


async def clear_up(client: AsyncClobClient, known: Known) -> None:
    """After a restart: resolve what is unknown, and post again, as it was, what provably never arrived."""

    async def resolve(unknown: Unknown[Any]) -> None:
        known.note(unknown.order_id, await unknown.resolve(30))

    async def again(name: str) -> None:
        known.note(name, await client.post_order(*known.posted[name], timeout=30))

    await asyncio.gather(*(resolve(each) for each in known.of(Unknown)))
    lost = [
        name
        for name in known.absent()
        if isinstance(fate := known.fates[name], PolyspecError) or fate.never_arrived
    ]
    await asyncio.gather(*(again(name) for name in lost))


def check_file(db: Path, copy: Path, known: Known) -> None:
    """Open a copy of what was left on disk, recount all of it, and hold it against what the client said."""
    journal = JournaledClob.open(copied(db, copy))
    try:
        journal.exchange.audit()
        wallet = ACCOUNTS[0].wallets.eoa.lower()
        check_orders(known, {order.id: order for order in journal.exchange.orders(wallet=wallet)})
    finally:
        journal.close()


def check_orders(known: Known, orders: dict[str, t.Order]) -> None:
    """Hold the engine's orders against what the client said of them."""
    assert set(orders) <= set(known.posted)
    sizes = [(order.side, order.maker_amount, order.taker_amount) for order in orders.values()]
    assert len(set(sizes)) == len(sizes)
    for accepted in known.of(Accepted):
        order = orders[accepted.order_id]
        assert order.matched >= accepted.matched * 1_000_000
    assert not set(known.absent()) & set(orders)
    for order_id in known.cancelled:
        assert orders[order_id].status is t.OrderStatus.CANCELED


@pytest.mark.parametrize("seed", range(FILES))
def test_what_was_said_holds(nursery: Nursery, tmp_path: Path, port: int, seed: int) -> None:
    """Six lives on one file and one client: what was accepted is there, what was lost is told, none twice."""
    random, known, db = Random(seed), Known(), tmp_path / "sandbox.db"
    journal = tmp_path / "sandbox.db.clob"
    command = ("sandbox", "--quiet", "--venues", "clob", "--db", str(db), "--clob-port", str(port))

    async def lives() -> None:
        child = nursery.start(*command)
        told = child.line()["clob"]
        async with AsyncClobClient(told["rest"], key=told["private_keys"][0], settings=SETTINGS) as client:
            await client.create_or_derive_api_key()
            for number in range(LIVES):
                await Burst(client, told["token_ids"][0], known, random).run(child)
                check_file(journal, tmp_path / f"killed-{number}.db", known)
                child = nursery.start(*command)
                assert child.line()["clob"]["rest"] == told["rest"]
                await clear_up(client, known)
                assert known.of(Unknown) == known.of(PolyspecError) == []
            still_open = {order.id for order in await client.get_open_orders()}
            assert not still_open & known.cancelled
            child.kill()
        check_file(journal, tmp_path / "last.db", known)

    asyncio.run(lives())
    assert known.acknowledged > 10 * LIVES
    assert known.cancelled
    # every intent came to its end: an order, or a refusal in the venue's words
    assert set(known.fates) == set(known.posted)
    assert all(not fate.never_arrived for fate in known.of(Rejected))


def _without(orders: dict[str, t.Order]) -> dict[str, t.Order]:
    return {}


def _doubled(orders: dict[str, t.Order]) -> dict[str, t.Order]:
    (order,) = orders.values()
    return orders | {"another": msgspec.structs.replace(order, id="another")}


def _reopened(orders: dict[str, t.Order]) -> dict[str, t.Order]:
    (order,) = orders.values()
    return {order.id: msgspec.structs.replace(order, status=t.OrderStatus.LIVE)}


@pytest.mark.parametrize("harm", [_without, _doubled, _reopened])
def test_the_check_notices(harm: Callable[[dict[str, t.Order]], dict[str, t.Order]]) -> None:
    """The check can tell: a lost or doubled order and a forgotten cancel are seen."""
    with open_venue(port=False) as venue, venue.sandbox.clob() as client:
        token = venue.market()
        order = client.create_order(**token.known, side="BUY", price="0.4", size=10)
        placed = client.post_order(order)
        client.cancel(placed)
        orders = {each.id: each for each in venue.orders(ACCOUNTS[0].wallets.eoa)}
    posted = {order.order_id: (order, "GTC")}
    known = Known(posted=posted, fates={order.order_id: placed}, cancelled={order.order_id})
    check_orders(known, orders)
    with pytest.raises((AssertionError, KeyError)):
        check_orders(known, harm(orders))
