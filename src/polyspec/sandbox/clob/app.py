"""The HTTP side of the CLOB: an ASGI application made from the specification's operations.

Every request goes through the same steps, in this order: faults, region, restart, limits by address,
authentication, limits by signer, the handler of its operation.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from anyio import to_thread
from polyspec_wire import Operation, RateLimit
from polyspec_wire.clob import OPERATIONS
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from polyspec.core.typed import decoder
from polyspec.sandbox.clob import handlers, proof
from polyspec.sandbox.clob.access import Caller, authenticate
from polyspec.sandbox.clob.control import ClobControl
from polyspec.sandbox.clob.refusals import Refusal, gateway, no_such_key, throttled
from polyspec.sandbox.clob.registry import HANDLERS, Answer, Asked
from polyspec.sandbox.clob.sockets.routes import Sockets
from polyspec.sandbox.clob.world import ClobWorld
from polyspec.sandbox.http.app import make_app
from polyspec.sandbox.http.endpoint import JSON, Endpoint
from polyspec.sandbox.http.faults import Fault
from polyspec.sandbox.http.reading import read_path

__all__ = ["build_app"]

handlers.load()

_ENTRY: Final = frozenset({"Orders_PostOrder", "Orders_PostOrders"})
_TRADING: Final = _ENTRY | {
    "Orders_CancelOrder",
    "Orders_CancelOrders",
    "Orders_CancelAll",
    "Orders_CancelMarketOrders",
}
_MASS: Final = frozenset({"Orders_CancelAll", "Orders_CancelMarketOrders"})
"""What costs more the more it cancels."""
_WORDS: Final = {
    425: "the matching engine is restarting, please retry",
    429: "Too Many Requests",
    500: "could not insert order",
    503: "Trading is currently disabled. Check polymarket.com for updates",
}
_PAGE: Final = (
    "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center>"
    "<hr><center>cloudflare</center></body></html>"
)


def build_app(world: ClobWorld) -> ASGIApp:
    """Return the ASGI application of a world."""
    routes = [*ClobControl(world).routes(), *Sockets(world).routes()]
    return make_app(world, OPERATIONS.values(), lambda each: _ClobEndpoint(world, each), routes, gateway)


class _ClobEndpoint(Endpoint):
    """One operation of the CLOB."""

    def __init__(self, world: ClobWorld, operation: Operation) -> None:
        super().__init__(operation, world.faults)
        self._world = world
        self._by_address = tuple(each for each in operation.rate_limits if each.scope != "signer")
        self._by_signer = next((each for each in operation.rate_limits if each.scope == "signer"), None)

    async def answer(self, request: Request, raw: bytes, fault: Fault | None) -> Response:
        """Carry a request out."""
        if self._world.modes.geoblock == "html":
            return Response(_PAGE, 403, media_type="text/html")
        headers: dict[str, str] = {}
        try:
            await self._pass_limits(request)
            if self._operation.security:
                await _load_proof()
            with self._world.lock:
                self._world.jobs.run_due()
                answer = self._carry_out(request, raw, headers)
            if inspect.isawaitable(answer):
                answer = await answer
        except Refusal as refusal:
            refusal.headers.update(headers)
            return self._shaped(refusal)
        if isinstance(answer, Answer):
            headers |= answer.headers
            answer = answer.content
        return Response(msgspec.json.encode(answer), headers=headers, media_type=JSON)

    async def _pass_limits(self, request: Request) -> None:
        """Wait until the limits by address let the request in; raises Refusal (429)."""
        address = request.client.host if request.client else "local"
        with self._world.lock:
            admission = self._world.ip_limits.admit(self._by_address, address)
        if not admission.admitted:
            raise throttled(admission.wait)
        if admission.wait > 0:
            await asyncio.sleep(admission.wait)

    def _carry_out(self, request: Request, raw: bytes, headers: dict[str, str]) -> Any:
        world, operation = self._world, self._operation
        self._check_modes()
        caller = authenticate(world, operation, request, raw)
        if caller is not None and self._by_signer is not None:
            self._charge(self._by_signer, caller, raw, headers)
        asked = Asked(
            world,
            operation,
            caller,
            read_path(operation, request.path_params),
            _query(request),
            raw,
        )
        handler = HANDLERS.get(operation.id)
        if handler is None:
            raise Refusal(501, f"{operation.id} is not available in the sandbox")
        answer = handler(asked)
        if operation.id in _MASS and caller is not None:
            self._charge_more(caller, len(answer["canceled"]), headers)
        return answer

    def _check_modes(self) -> None:
        """Raise Refusal (403, 425, 503) if this kind of request is not taken now."""
        world, operation = self._world, self._operation
        if operation.id not in _TRADING:
            return
        if operation.id in _ENTRY:
            world.modes.check_region()
        world.modes.check_restart()
        if operation.id in _ENTRY:
            world.modes.check_orders(world.exchange.trading_mode)
        else:
            world.modes.check_cancels(world.exchange.trading_mode)

    def _charge(self, limit: RateLimit, caller: Caller, raw: bytes, headers: dict[str, str]) -> None:
        """Take the cost of a request from its signer's bucket; raises Refusal (429) if that is enforced."""
        world = self._world
        how = world.options.signer_limits
        if how == "off":
            return
        cost = _items(raw) if limit.cost == "items" else 1
        tier = world.modes.tiers.get(caller.address, "standard")
        balance = world.signer_limits.take(limit, caller.address, tier, cost, enforce=how == "enforce")
        headers |= balance.headers()
        if how == "enforce" and not balance.allowed:
            raise throttled(balance.wait)

    def _charge_more(self, caller: Caller, cost: int, headers: dict[str, str]) -> None:
        """Take what a mass cancel turned out to cost."""
        if self._by_signer is None or self._world.options.signer_limits == "off":
            return
        tier = self._world.modes.tiers.get(caller.address, "standard")
        balance = self._world.signer_limits.debit(self._by_signer, caller.address, tier, cost)
        headers |= balance.headers()

    def spoilt(self, fault: Fault) -> Response:
        """Return the answer a fault puts in the place of the true one."""
        headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
        if fault.effect == "html":
            page = fault.body or "<html><body><h1>Bad Gateway</h1></body></html>"
            return Response(page, fault.status or 502, headers=headers, media_type="text/html")
        if fault.effect == "unauthorized":
            return self._shaped(no_such_key(fault.message or "a fault of the sandbox"))
        if fault.effect == "rate_limit":
            return self.refused(429, fault.message or "Too Many Requests", headers)
        status = fault.status or 503
        if fault.body is not None:
            return Response(fault.body, status, headers=headers, media_type=JSON)
        return self.refused(status, fault.message or _WORDS.get(status, "Internal server error"), headers)

    def refused(self, status: int, message: str, headers: Mapping[str, str]) -> Response:
        """Return a refusal of the gateway."""
        return self._shaped(Refusal(status, message, headers=headers))

    @staticmethod
    def _shaped(refusal: Refusal) -> Response:
        return Response(
            msgspec.json.encode(refusal.body), refusal.status, headers=refusal.headers, media_type=JSON
        )


async def _load_proof() -> None:
    """Import the cryptography with the first request that needs it, without holding up all others."""
    if "eth_account.messages" not in sys.modules:
        try:
            await to_thread.run_sync(proof.load)
        except ImportError as error:
            words = "the CLOB of the sandbox needs eth-account: pip install 'polyspec[sandbox]'"
            raise Refusal(500, words) from error


def _query(request: Request) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name.removesuffix("[]"), []).append(value)
    return found


def _items(raw: bytes) -> int:
    """Return how many things a body lists; what is no list is refused later, and counts for one."""
    try:
        plain = decoder(list[msgspec.Raw]).decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 1
    return max(1, len(plain))
