"""Trade on prediction markets with typed, exact, honest clients.

Everything public is here; a venue's libraries are imported when its client is first used.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from polyspec.errors import (
    ApiError,
    AuthError,
    BadRequest,
    CircuitOpen,
    ConfigError,
    Conflict,
    ConnectFailed,
    DamagedRecord,
    DecodeError,
    Forbidden,
    InsufficientFunds,
    InvalidOrder,
    JournalUnavailable,
    NotFound,
    OrderRejected,
    PolyspecError,
    RateLimited,
    SequenceGap,
    ServerError,
    StreamClosed,
    StreamError,
    TimedOut,
    TradingRestricted,
    TransportError,
    Unauthorized,
    VaultError,
    VaultUnavailable,
    VersionConflict,
    WrongKey,
)

if TYPE_CHECKING:
    from polyspec.clob.client import ClobClient
    from polyspec.clob.client_async import AsyncClobClient
    from polyspec.clob.config import ClobSettings
    from polyspec.clob.credentials import ApiCreds
    from polyspec.clob.signers import LocalSigner
    from polyspec.connecting import connect, connect_async
    from polyspec.core.desk import Desk
    from polyspec.core.desk_async import AsyncDesk
    from polyspec.core.fate import Accepted, Rejected, Unknown
    from polyspec.core.sending import Answer, Patience
    from polyspec.core.values import Balance, Book, Market, OpenOrder, Position
    from polyspec.io.options import HttpOptions
    from polyspec.polysimulator.client import PolySimulatorClient
    from polyspec.polysimulator.client_async import AsyncPolySimulatorClient
    from polyspec.polysimulator.config import PolySimulatorSettings
    from polyspec.sandbox import Sandbox
    from polyspec.us.auth import PrivateKeyJwt
    from polyspec.us.client import UsExchangeClient
    from polyspec.us.client_async import AsyncUsExchangeClient
    from polyspec.us.config import Environment, Settings
    from polyspec.us.instrument import Instrument
    from polyspec.us.ticket import NewOrder

__version__ = "0.1.0"

# silent until the application says where logs go
logging.getLogger("polyspec").addHandler(logging.NullHandler())

_LAZY = {
    "Accepted": "polyspec.core.fate",
    "Answer": "polyspec.core.sending",
    "ApiCreds": "polyspec.clob.credentials",
    "AsyncClobClient": "polyspec.clob.client_async",
    "AsyncDesk": "polyspec.core.desk_async",
    "AsyncPolySimulatorClient": "polyspec.polysimulator.client_async",
    "AsyncUsExchangeClient": "polyspec.us.client_async",
    "Balance": "polyspec.core.values",
    "Book": "polyspec.core.values",
    "ClobClient": "polyspec.clob.client",
    "ClobSettings": "polyspec.clob.config",
    "Desk": "polyspec.core.desk",
    "Environment": "polyspec.us.config",
    "HttpOptions": "polyspec.io.options",
    "Instrument": "polyspec.us.instrument",
    "LocalSigner": "polyspec.clob.signers",
    "Market": "polyspec.core.values",
    "NewOrder": "polyspec.us.ticket",
    "OpenOrder": "polyspec.core.values",
    "Patience": "polyspec.core.sending",
    "PolySimulatorClient": "polyspec.polysimulator.client",
    "PolySimulatorSettings": "polyspec.polysimulator.config",
    "Position": "polyspec.core.values",
    "PrivateKeyJwt": "polyspec.us.auth",
    "Rejected": "polyspec.core.fate",
    "Sandbox": "polyspec.sandbox",
    "Settings": "polyspec.us.config",
    "Unknown": "polyspec.core.fate",
    "UsExchangeClient": "polyspec.us.client",
    "connect": "polyspec.connecting",
    "connect_async": "polyspec.connecting",
}
# modules people look for here: polyspec.wire.us_exchange.trading.insert_order(...)
_MODULES = {"wire": "polyspec_wire"}
_EXTRAS = {
    "polyspec.us": "us",
    "polyspec.clob": "clob",
    "polyspec.polysimulator": "polysimulator",
    "polyspec.sandbox": "sandbox",
}

__all__ = [
    "Accepted",
    "Answer",
    "ApiCreds",
    "ApiError",
    "AsyncClobClient",
    "AsyncDesk",
    "AsyncPolySimulatorClient",
    "AsyncUsExchangeClient",
    "AuthError",
    "BadRequest",
    "Balance",
    "Book",
    "CircuitOpen",
    "ClobClient",
    "ClobSettings",
    "ConfigError",
    "Conflict",
    "ConnectFailed",
    "DamagedRecord",
    "DecodeError",
    "Desk",
    "Environment",
    "Forbidden",
    "HttpOptions",
    "Instrument",
    "InsufficientFunds",
    "InvalidOrder",
    "JournalUnavailable",
    "LocalSigner",
    "Market",
    "NewOrder",
    "NotFound",
    "OpenOrder",
    "OrderRejected",
    "Patience",
    "PolySimulatorClient",
    "PolySimulatorSettings",
    "PolyspecError",
    "Position",
    "PrivateKeyJwt",
    "RateLimited",
    "Rejected",
    "Sandbox",
    "SequenceGap",
    "ServerError",
    "Settings",
    "StreamClosed",
    "StreamError",
    "TimedOut",
    "TradingRestricted",
    "TransportError",
    "Unauthorized",
    "Unknown",
    "UsExchangeClient",
    "VaultError",
    "VaultUnavailable",
    "VersionConflict",
    "WrongKey",
    "connect",
    "connect_async",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _LAZY:
        raise AttributeError(f"module 'polyspec' has no attribute {name!r}")
    path = _LAZY[name]
    try:
        found = getattr(import_module(path), name)
    except ModuleNotFoundError as error:
        extra = next((extra for prefix, extra in _EXTRAS.items() if path.startswith(prefix)), None)
        if extra is None or error.name is None or error.name.startswith("polyspec"):
            raise
        raise ImportError(f"polyspec.{name} needs {error.name}: pip install 'polyspec[{extra}]'") from error
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]
