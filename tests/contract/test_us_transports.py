"""The whole of the US exchange over gRPC: every call that it has, and the same answers as over REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from polyspec_wire.us_exchange import OPERATIONS
from starlette.types import ASGIApp

from polyspec import AsyncUsExchangeClient, Sandbox, UsExchangeClient
from polyspec.core.codec import decode
from polyspec.core.effects import Reply, Request
from polyspec.io.http import Http
from polyspec.io.http_async import AsyncHttp
from polyspec.us.protos import ours
from tests.contract.colours import AsyncColour, Colour, partner
from tests.contract.tour import Tour

# what is made for the one who asks has the moment of being asked in it
SOON = dt.timedelta(seconds=2)


class Twice:
    """Asks over REST again what was asked over gRPC, if that changes nothing, and compares."""

    def __init__(self, calls: Any, plain: Any) -> None:
        self._calls = calls
        self._plain = plain
        self.seen: dict[str, set[int]] = {}
        """Statuses over gRPC, by operation."""
        self.compared: set[str] = set()
        self.different: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._calls, name)

    def send(self, request: Request) -> Any:
        """Send over gRPC what it has, and that over REST as well."""
        if request.call is None or self._calls._find(request.call.operation) is None:
            return self._calls.send(request)
        if isinstance(self._calls, AsyncHttp):
            return self._both_async(request)
        reply = self._calls.send(request)
        if self._note(request, reply):
            self._compare(request, reply, self._plain.send(request))
        return reply

    async def _both_async(self, request: Request) -> Reply:
        reply: Reply = await self._calls.send(request)
        if self._note(request, reply):
            self._compare(request, reply, await self._plain.send(request))
        return reply

    def _note(self, request: Request, reply: Reply) -> bool:
        assert request.call is not None
        operation = request.call.operation
        self.seen.setdefault(operation.id, set()).add(reply.status)
        return operation.lane == "read" or reply.status != 200

    def _compare(self, request: Request, over_grpc: Reply, over_rest: Reply) -> None:
        assert request.call is not None
        operation = request.call.operation
        self.compared.add(operation.id)
        if over_grpc.status != over_rest.status:
            self.different.append(f"{operation.id}: {over_grpc.status} and {over_rest.status}")
            return
        kind = operation.success[200] if over_grpc.status == 200 else operation.failure
        one, other = decode(over_grpc.body, kind), decode(over_rest.body, kind)
        if one != other:
            self.different += [f"{operation.id}: {pair}" for pair in _differences(one, other)]


def _differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    if isinstance(one, msgspec.Struct) and type(one) is type(other):
        for name in one.__struct_fields__:
            yield from _differences(getattr(one, name), getattr(other, name), f"{where}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{where}[{number}]")
    elif one != other and not (isinstance(one, dt.datetime) and abs(one - other) < SOON):
        yield f"{where} is {one!r} and {other!r}"


class Walk(Tour):
    """Leaves out the bodies of calls of which only paths are published: no message has fields for them."""

    def refused(self, call: Any, status: int) -> None:
        """Send a call that has to be refused."""
        super().refused(msgspec.structs.replace(call, body={}) if call.body else call, status)


@pytest.fixture(scope="module", params=[Colour, AsyncColour], ids=["blocking", "asynchronous"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """What came of a tour of one colour over both ways."""

    class Grpc(request.param):  # type: ignore[misc]
        def connect(self, sandbox: Sandbox, app: ASGIApp) -> Any:
            blocking = request.param is Colour
            made: Any = UsExchangeClient if blocking else AsyncUsExchangeClient
            client = made(**partner(sandbox), transport="grpc")
            plain = (Http if blocking else AsyncHttp)(client.settings.http)
            client._http = Twice(client._http, plain)
            return client

    colour = Grpc()
    with Sandbox(venues=["us"], quiet=True, rate_limits=False) as sandbox:
        tour = Walk(colour, sandbox, sandbox.asgi, tmp_path_factory.mktemp("downloads"))
        both: Twice = tour.client._http
        try:
            tour.walk()
        finally:
            for each in (both._plain, tour.client):
                colour.do(each.aclose() if hasattr(each, "aclose") else each.close())
    colour.close()
    return both


def unary() -> set[str]:
    """Return the operations that a call of the protos answers with one message."""
    found = set()
    for file in ours().files:
        for service in ours().pool.FindFileByName(file).services_by_name.values():
            found |= {f"{service.name}_{each.name}" for each in service.methods if not each.server_streaming}
    return found & set(OPERATIONS)


def test_every_call_of_the_protos_is_made(both: Twice) -> None:
    """All operations that gRPC has went over it, and were answered well unless nobody serves them."""
    assert set(both.seen) == unary()
    assert {name for name, statuses in both.seen.items() if 200 not in statuses} == {
        name for name in unary() if name.startswith(("AeropayAPI_", "CheckoutAPI_"))
    }


def test_answers_are_the_same_over_both(both: Twice) -> None:
    """What can be asked twice is answered the same over gRPC and over REST, typed and to the last field."""
    assert both.different == []
    reads = {name for name in unary() if OPERATIONS[name].lane == "read"}
    assert both.compared >= reads
