"""Clients of the fixed-answer server, and an order to send."""

from __future__ import annotations

import secrets
from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from polyspec_wire import Call
from polyspec_wire.us_exchange import models as wire
from polyspec_wire.us_exchange import trading

from benchmarks.payloads import SYMBOL
from benchmarks.server import Server
from polyspec.us.auth import PrivateKeyJwt
from polyspec.us.client import UsExchangeClient
from polyspec.us.client_async import AsyncUsExchangeClient
from polyspec.us.config import Environment, Settings

__all__ = ["async_client", "client", "credentials", "environment", "order"]

_PARTICIPANT = "firms/ISV-Participant-Bench/users/bench"
_UNPACED = Settings(pacing=False)
_ACCOUNT = "firms/ISV-Bench/accounts/4bf92f3577b34da6a3ce929d0e0e4736"


@cache
def _pem() -> bytes:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def environment(server: Server) -> Environment:
    """Return where the server is."""
    return Environment("bench", server.url, server.url + "/oauth/token", server.url)


def credentials(server: Server) -> PrivateKeyJwt:
    """Return credentials nobody used before, so that no token is cached for them."""
    return PrivateKeyJwt.from_pem(
        _pem(), client_id=secrets.token_hex(16), token_url=server.url + "/oauth/token", audience=server.url
    )


def client(
    server: Server, key: PrivateKeyJwt | None = None, settings: Settings = _UNPACED
) -> UsExchangeClient:
    """Return a blocking client, not paced unless told otherwise."""
    return UsExchangeClient(
        key or credentials(server),
        environment(server),
        participant_id=_PARTICIPANT,
        account=_ACCOUNT,
        settings=settings,
    )


def async_client(server: Server, key: PrivateKeyJwt | None = None) -> AsyncUsExchangeClient:
    """Return an asynchronous client that is not paced."""
    return AsyncUsExchangeClient(
        key or credentials(server),
        environment(server),
        participant_id=_PARTICIPANT,
        account=_ACCOUNT,
        settings=_UNPACED,
    )


def order() -> Call[wire.InsertOrderResponse]:
    """Return the call that places one order."""
    return trading.insert_order(
        wire.InsertOrderRequest(
            type=wire.OrderType.LIMIT,
            side=wire.Side.BUY,
            order_qty=1000,
            symbol=SYMBOL,
            price=50,
            time_in_force=wire.TimeInForce.GOOD_TILL_CANCEL,
            clord_id=secrets.token_hex(16),
            account=_ACCOUNT,
            manual_order_indicator=wire.ManualOrderIndicator.AUTOMATED,
        )
    )
