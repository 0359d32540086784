"""Read the pieces of events, and over REST what the stream of spot prices did not tell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import msgspec
from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import spot

from polyspec.core.effects import Flow
from polyspec.core.nesting import check_depth
from polyspec.core.sending import Session
from polyspec.core.typed import convert, decoder
from polyspec.errors import ConfigError, NotFound, PolyspecError, StreamError
from polyspec.polysimulator.price_reading import read_prices, said
from polyspec.polysimulator.socket_feed import LOOK

__all__ = ["price_of", "read_spot", "updates"]

_PLAIN: Final = decoder(dict[str, Any], float_hook=Decimal)
_MANY: Final = decoder(list[msgspec.Raw])
_BATCH: Final = decoder(dict[str, msgspec.Raw])
_TEXTS: Final = frozenset(
    {"best_ask", "best_bid", "buy", "last_trade", "last_trade_size", "price", "sell", "volume"}
)


def updates(data: bytes) -> list[bytes]:
    """Return the pieces of a batch; raises what cannot be read."""
    if data.lstrip()[:1] == b"[":
        return [bytes(each) for each in _MANY.decode(data)]
    whole = _BATCH.decode(data)
    if "updates" not in whole:
        raise ValueError("a batch without updates")
    return [bytes(each) for each in _MANY.decode(bytes(whole["updates"]))]


def price_of(data: bytes) -> wire.PriceEvent:
    """Read a market's price as the websocket tells it; raises what cannot be read."""
    check_depth(data)
    plain: dict[str, Any] = _PLAIN.decode(data)
    inner = plain.get("data")
    flat = {**plain, **inner} if isinstance(inner, dict) else plain
    named = {"market_id": flat.get("condition_id"), **flat, "type": "price"}
    return convert(_spelt(named), wire.PriceEvent)


def _spelt(plain: dict[str, Any]) -> dict[str, Any]:
    """Return amounts as texts, which they may be numbers in place of here."""
    found = dict(plain)
    for name in _TEXTS & found.keys():
        if isinstance(found[name], int | Decimal) and not isinstance(found[name], bool):
            found[name] = str(found[name])
    outcomes = found.get("outcomes")
    if isinstance(outcomes, list):
        found["outcomes"] = [_spelt(each) if isinstance(each, dict) else each for each in outcomes]
    return found


def read_spot(session: Session, symbols: list[str], conditions: list[str]) -> Flow[dict[str, Any]]:
    """Return prices of symbols and markets; in its place the error of what the venue does not know."""
    found: dict[str, Any] = {}
    if symbols:
        told = (yield from session.send(spot.get_spot_prices(), LOOK)).value
        rows = {name.upper(): _crypto(name, each) for name, each in told.prices.items()}
        known = {each.upper() for each in told.supported_symbols} | rows.keys()
        for symbol in symbols:
            if symbol == "*":
                found[symbol] = [each for each in rows.values() if each is not None]
            elif symbol in known:
                row = rows.get(symbol)
                found[symbol] = [] if row is None else [row]
            else:
                listed = ", ".join(sorted(known)[:20])
                found[symbol] = NotFound(f"no prices of {symbol}; there are some of {listed}", status=404)
    if conditions:
        found |= yield from _markets(session, conditions)
    return found


def _crypto(name: str, row: wire.ListedSpotPrice) -> wire.CryptoPriceData | None:
    if row.price is None:
        return None
    return wire.CryptoPriceData(
        symbol=row.symbol or name, price=row.price, source=row.source, timestamp=row.timestamp
    )


def _markets(session: Session, conditions: list[str]) -> Flow[dict[str, Any]]:
    try:
        told = yield from read_prices(session, conditions)
    except ConfigError:
        # the stream is for anybody, and the prices of markets over REST are not
        error = StreamError("the venue told nothing of it; with an API key it could be seen why")
        return dict.fromkeys(conditions, error)
    return {key: each if isinstance(each, PolyspecError) else said(key, each) for key, each in told.items()}
