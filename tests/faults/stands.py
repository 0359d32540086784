"""The venues as the matrix sees them: one way to place, cancel and read, and the truth about it.

A stand is a venue behind a port and a proxy, or inside of this process, where time is virtual. A seat is
somebody at it who is connected and ready, so that the next request is the one that meets a fault.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import attrs
import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polyspec.clob.config import ClobSettings
from polyspec.errors import PolyspecError
from polyspec.polysimulator.config import PolySimulatorSettings
from polyspec.sandbox.engine import types as t
from polyspec.us.config import Settings
from tests.client.clob import rig as clob_rig
from tests.client.us import rig as us_rig
from tests.faults import at_clob, at_us, seas
from tests.faults import at_polysimulator as sim_rig
from tests.faults.hands import AsyncHands, Hands
from tests.faults.proxy import Proxy
from tests.faults.spare import ample
from tests.faults.virtual import Loop, VirtualTime

__all__ = [
    "GRPC",
    "OPERATIONS",
    "VENUES",
    "Canned",
    "Front",
    "Seat",
    "Stand",
    "Stands",
    "VirtualHands",
    "port_of",
]

VENUES = ("us", "clob", "polysimulator")
GRPC = "us-grpc"
OPERATIONS = ("place", "cancel", "read")


@attrs.frozen
class Kind:
    """What tells one venue from another."""

    opened: Callable[..., Any]
    quick: Any
    """Settings under which lost orders are soon given up; a busy machine loses none."""
    patient: Any
    """Settings as they are by themselves, but for pacing."""
    operations: dict[str, str]
    paths: dict[str, bytes]
    prices: tuple[str, ...]
    """The fields of money in what is read."""


KINDS = {
    "us": Kind(
        us_rig.open_venue,
        ample(us_rig.QUICK),
        Settings(pacing=False),
        {"place": at_us.INSERT, "cancel": at_us.CANCEL, "read": at_us.OPEN},
        {
            "place": b"POST /v1/trading/orders ",
            "cancel": b"POST /v1/trading/orders/cancel ",
            "read": b"GET /v1/trading/orders/open",
        },
        ("price", "orderQty"),
    ),
    "clob": Kind(
        clob_rig.open_venue,
        ample(clob_rig.QUICK),
        ClobSettings(pacing=False),
        {"place": at_clob.ORDER, "cancel": "Orders_CancelOrder", "read": at_clob.OPEN},
        {"place": b"POST /order ", "cancel": b"DELETE /order ", "read": b"GET /data/orders"},
        ("price", "original_size"),
    ),
    "polysimulator": Kind(
        sim_rig.open_venue,
        ample(sim_rig.QUICK),
        PolySimulatorSettings(pacing=False),
        {"place": sim_rig.PLACE, "cancel": "Orders_CancelOrder", "read": "Account_GetBalance"},
        {
            "place": b"POST /v1/orders ",
            "cancel": b"DELETE /v1/orders/",
            "read": b"GET /v1/account/balance",
        },
        ("balance",),
    ),
}


class Stand:
    """A venue."""

    def __init__(self, name: str, venue: Any, *, proxy: Proxy | None, clock: VirtualTime | None) -> None:
        self.name = name
        self.kind = KINDS[name.removesuffix("-grpc")]
        self.venue = venue
        self.proxy: Any = proxy
        self.front: Any = None if clock is None else Front(venue.app, clock)
        self.faults = (
            venue.sandbox.faults if self.is_us else venue.clob.faults if self.is_clob else (venue.sim.faults)
        )

    @property
    def met(self) -> int:
        """How many requests and connections met something that was planned for them."""
        in_between = self.proxy if self.front is None else self.front
        return len(self.faults.hits) + (0 if in_between is None else len(in_between.met))

    @property
    def is_us(self) -> bool:
        """Whether it is the US exchange, however it is called."""
        return self.name.startswith("us")

    @property
    def is_clob(self) -> bool:
        """Whether it is the CLOB."""
        return self.name == "clob"

    def seat(self, hands: Hands, settings: Any = None, **changes: Any) -> Seat:
        """Connect somebody with money, who has everything that an order needs to be sent."""
        self.faults.clear()
        person, market = self.venue.person(), self.venue.market()
        options = dict(changes)
        if self.proxy is not None:
            options = {**self.through(), **options}
        if self.front is not None:
            self.front.clear()
            options["http"] = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.front))
        quick = self.kind.quick if self.front is None else self.kind.patient
        client = hands.connect(self.venue, person, settings or quick, **options)
        seat = Seat(self, hands, client, person, market)
        if self.is_us:
            client.whoami()
            client.instruments.get(market)
        elif self.is_clob:
            client.create_or_derive_api_key()
        return seat

    def through(self) -> dict[str, Any]:
        """Return what a client is made with that talks to the venue through its proxy."""
        if self.name == "us-grpc":
            place = f"127.0.0.1:{self.proxy.port}"
            return {"environment": self.venue.environment(grpc=place)}
        return seas.through(self.name, self.venue, self.proxy)

    def clocks(self) -> list[Any]:
        """Return the clocks of the venue."""
        found = [self.venue.world.clock]
        return [*found, self.venue.street.world.clock] if self.name == "polysimulator" else found


@attrs.frozen
class Seat:
    """Somebody at a venue."""

    stand: Stand
    hands: Any
    client: Any
    person: Any
    market: Any

    def afresh(self) -> Seat:
        """Return the same person with another client, which has not talked to anybody yet."""
        known = {"creds": self.client.creds} if self.stand.is_clob else {}
        options = {**self.stand.through(), **known}
        client = self.hands.connect(self.stand.venue, self.person, self.stand.kind.quick, **options)
        return attrs.evolve(self, client=client)

    def order(self, **changes: Any) -> Any:
        """Write an order down that rests."""
        if self.stand.is_us:
            return at_us.an_order(self.market, **changes)
        if self.stand.is_clob:
            return self.client.create_order(**self.market.known, **at_clob.ONE_MORE | changes)
        return sim_rig.an_order(self.market, **changes)

    def submit(self, order: Any, timeout: float | None = None) -> Any:
        """Place an order."""
        if self.stand.is_clob:
            return self.client.post_order(order, timeout=timeout)
        return self.client.orders.submit(order, timeout=timeout)

    def place(self, timeout: float | None = None) -> Any:
        """Place an order that rests."""
        return self.submit(self.order(), timeout)

    def cancel(self, placed: Any, timeout: float | None = None) -> Any:
        """Cancel one."""
        target = self.client if self.stand.is_clob else self.client.orders
        return target.cancel(placed, timeout=timeout)

    def read(self, timeout: float | None = None) -> Any:
        """Read what is open, or the balance."""
        if self.stand.is_us:
            return self.client.orders.open(timeout=timeout)
        if self.stand.is_clob:
            return self.client.get_open_orders(timeout=timeout)
        return self.client.account.balance(timeout=timeout)

    def is_right(self, told: Any) -> bool:
        """Tell whether what was read is what the venue has."""
        if self.stand.name == "polysimulator":
            with self.stand.venue.world.lock:
                engine = self.stand.venue.world.engine
                wallets = engine.wallets(self.person.user_id)
                held = {each.cash for each in wallets}
            return round(told.balance * 1_000_000) in held
        return sorted(each.id for each in told) == sorted(self.open_ids())

    def do(self, operation: str, placed: Any = None, timeout: float | None = None) -> Any:
        """Do one of the three things."""
        if operation == "cancel":
            return self.cancel(placed, timeout)
        return self.place(timeout) if operation == "place" else self.read(timeout)

    def settled(self, placed: Any) -> Any:
        """Resolve what is unknown."""
        return self.hands.done(placed.resolve()) if hasattr(placed, "resolve") else placed

    def ids(self) -> list[str]:
        """Return the ids of all orders the venue took from this person, whatever became of them."""
        if self.stand.name == "polysimulator":
            found: list[str] = self.stand.venue.ids(self.person)
            return found
        orders = self.stand.venue.orders(self.person)
        # the US exchange keeps what it refuses as well
        return [each.id for each in orders if getattr(each, "state", None) is not t.OrderState.REJECTED]

    def open_ids(self) -> list[str]:
        """Return the ids of the open ones."""
        if self.stand.name == "polysimulator":
            found: list[str] = self.stand.venue.ids(self.person, status="PENDING")
            return found
        return [each.id for each in self.stand.venue.orders(self.person, open_only=True)]

    def seen(self, operation: str) -> int:
        """Return how many requests of an operation arrived at the venue."""
        number: int = self.stand.venue.seen[self.stand.kind.operations[operation]]
        return number

    def path(self, operation: str) -> bytes:
        """Return how requests of an operation begin."""
        return b"" if self.stand.name == "us-grpc" else self.stand.kind.paths[operation]

    def failed(self, call: Callable[[], Any]) -> PolyspecError:
        """Return the error that a call ends with."""
        try:
            told = call()
        except PolyspecError as error:
            return error
        raise AssertionError(f"no error but {told!r}")


# -- inside of the process --


class VirtualHands(AsyncHands):
    """Asynchronous clients in time that passes by itself."""

    def __init__(self, clock: VirtualTime) -> None:
        Hands.__init__(self)
        self.clock = clock
        self._runner = asyncio.Runner(loop_factory=lambda: Loop(clock))

    def run(self, work: Any) -> Any:
        """Run something of a client as it is."""
        return self._runner.run(work)


@attrs.frozen(kw_only=True)
class Canned:
    """What happens to a request in front of the venue."""

    path: bytes
    status: int = 0
    """Of what is answered in the venue's place; 0 to let it answer."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    carried: bool = False
    """Whether the venue gets a request that is answered in its place."""
    change: Callable[[bytes], bytes] | None = None
    """What is done to the body of its answer."""
    rename: tuple[str, str] = ("", "")
    """A header of its answer that gets another name."""
    times: int = 1


class Front:
    """Stands in front of a venue's application, notes when what came, and answers what it is told to."""

    def __init__(self, app: ASGIApp, clock: VirtualTime) -> None:
        self._app = app
        self._clock = clock
        self._plans: list[Canned] = []
        self.log: list[tuple[float, bytes]] = []
        """When each request came, and how it began."""
        self.met: list[Canned] = []
        """The plans that made a difference to an answer, as often as they did."""
        self.turns = 0
        """How often others have their turn before a request is carried out, and again before its answer."""

    def add(self, **plan: Any) -> None:
        """Have the next request that a plan is about meet it."""
        self._plans.append(Canned(**plan))

    def clear(self) -> None:
        """Forget all plans, and what came."""
        self._plans.clear()
        self.log.clear()
        self.turns = 0

    def times(self, path: bytes) -> list[float]:
        """Return when requests came that begin like this."""
        return [moment for moment, began in self.log if began.startswith(path)]

    def _take(self, began: bytes) -> Canned | None:
        for place, plan in enumerate(self._plans):
            if began.startswith(plan.path):
                if plan.times == 1:
                    del self._plans[place]
                else:
                    self._plans[place] = attrs.evolve(plan, times=plan.times - 1)
                return plan
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = f"{scope['method']} {scope['raw_path'].decode()} ".encode()
        self.log.append((self._clock.monotonic(), began))
        plan = self._take(began)
        if plan is None:
            await self._pause()
            await self._app(scope, receive, self._later(send))
            return
        status, headers, body = plan.status, [], plan.body
        if plan.carried or not plan.status:
            told, headers, given = await self._told(scope, receive)
            if not plan.status:
                status, body = told, plan.change(given) if plan.change else given
                if body != given or any(name.decode() == plan.rename[0] for name, _ in headers):
                    self.met.append(plan)
        if plan.status:
            self.met.append(plan)
            headers = []
        headers = [
            (plan.rename[1].encode() if name == plan.rename[0].encode() else name, value)
            for name, value in headers
            if name != b"content-length"
        ]
        headers += [(name.encode(), value.encode()) for name, value in plan.headers]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _pause(self) -> None:
        for _ in range(self.turns):
            await asyncio.sleep(0)

    def _later(self, send: Send) -> Send:
        async def later(message: Message) -> None:
            await self._pause()
            await send(message)

        return later

    async def _told(self, scope: Scope, receive: Receive) -> tuple[int, list[Any], bytes]:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start, *rest = messages
        body = b"".join(each.get("body", b"") for each in rest)
        return start["status"], list(start["headers"]), body


class Stands:
    """All venues, opened when they are asked for."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._open: dict[str, Stand] = {}
        self.clock = VirtualTime()

    def of(self, name: str) -> Stand:
        """Return a venue behind a proxy."""
        return self._found(name, lambda: self._behind_a_proxy(name))

    def inside(self, name: str) -> Stand:
        """Return a venue in this process."""
        return self._found(f"{name} inside", lambda: self._inside(name))

    def _found(self, key: str, made: Callable[[], Stand]) -> Stand:
        if key not in self._open:
            self._open[key] = made()
        return self._open[key]

    def _behind_a_proxy(self, name: str) -> Stand:
        venue = self._stack.enter_context(KINDS[name.removesuffix("-grpc")].opened())
        if name == "us-grpc":
            venue.transport = "grpc"
            address = str(venue.environment().grpc)
        else:
            address = {
                "us": lambda: venue.environment().base_url,
                "clob": lambda: venue.clob.rest,
                "polysimulator": lambda: venue.sim.rest,
            }[name]()
        proxy = self._stack.enter_context(Proxy(port_of(address)))
        return Stand(name, venue, proxy=proxy, clock=None)

    def _inside(self, name: str) -> Stand:
        # a venue that has seen a later moment would stand still until then
        self.clock.catch_up()
        venue = self._stack.enter_context(KINDS[name].opened(port=False))
        stand = Stand(name, venue, proxy=None, clock=self.clock)
        self.clock.rules(*stand.clocks())
        return stand

    def close(self) -> None:
        """Close what was opened."""
        self._stack.close()


def port_of(address: str) -> int:
    """Return the port that an address names."""
    return int(address.rstrip("/").rpartition(":")[2])


@contextmanager
def all_stands() -> Iterator[Stands]:
    """Open venues as they are needed, and close them."""
    stands = Stands()
    try:
        yield stands
    finally:
        stands.close()


def taken(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns or raises, and the seconds it took."""
    start = time.monotonic()
    try:
        told = call()
    except PolyspecError as error:
        told = error
    return told, time.monotonic() - start
