"""Trades of the caller and of builders."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.engine.units import units_text
from polyspec.sandbox.clob.paging import page
from polyspec.sandbox.clob.refusals import bad_request
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.views import SECOND, status_text, trade_view
from polyspec.sandbox.clob.world import ClobWorld

__all__: list[str] = []

_PAGE: Final = 500
_BUILDER_PAGE: Final = 300
_BAD: Final = "Invalid trade params payload"
_BAD_BUILDER: Final = "invalid builder trade params"
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_SECONDS: Final = re.compile(r"[0-9]{1,10}")


def _selected(asked: Asked, words: str, **who: Any) -> list[t.Trade]:
    """Return trades by the usual parameters, newest first; raises Refusal (400)."""
    market, before, after = (asked.text(name) for name in ("market", "before", "after"))
    good = (
        (not market or _HASH.fullmatch(market))
        and (not before or _SECONDS.fullmatch(before))
        and (not after or _SECONDS.fullmatch(after))
    )
    if not good:
        raise bad_request(words)
    found = asked.world.exchange.trades(
        condition_id=market.lower(),
        token_id=asked.text("asset_id"),
        after_ns=int(after) * SECOND - 1 if after else None,
        before_ns=(int(before) + 1) * SECOND if before else None,
        **who,
    )
    wanted = asked.text("id")
    return [each for each in reversed(found) if not wanted or each.id == wanted]


@handles("Trades_GetTrades")
def trades(asked: Asked) -> dict[str, Any]:
    """List the trades of the key, as taker or maker, newest first."""
    wallet = asked.text("maker_address")
    if wallet and not _ADDRESS.fullmatch(wallet):
        raise bad_request(_BAD)
    owner = asked.caller.owner
    found = _selected(asked, _BAD, owner=owner, wallet=wallet.lower())
    shown = page(found, asked.text("next_cursor"), _PAGE)
    data = [trade_view(asked.world, each, taker=each.owner == owner) for each in shown["data"]]
    return {**shown, "data": data}


# -- builders --


@handles("Trades_GetBuilderTrades")
def builder_trades(asked: Asked) -> dict[str, Any]:
    """List the trades that carry a builder's code, newest first."""
    code = asked.text("builder_code")
    if not _HASH.fullmatch(code):
        raise bad_request(_BAD_BUILDER)
    found = _selected(asked, _BAD_BUILDER, builder=code.lower())
    shown = page(found, asked.text("next_cursor"), _BUILDER_PAGE)
    return {**shown, "data": [_builder_trade(asked.world, each, code) for each in shown["data"]]}


def _builder_trade(world: ClobWorld, trade: t.Trade, code: str) -> dict[str, Any]:
    """Return a trade as its builder sees it: the taker's side, or that of the first maker with the code."""
    taker = trade.builder == code.lower()
    fill = None if taker else next(each for each in trade.makers if each.builder == code.lower())
    outcome = trade.outcome if fill is None else fill.outcome
    builder_fee = trade.builder_fee if fill is None else fill.builder_fee
    return {
        "id": trade.id,
        "tradeType": "TAKER" if fill is None else "MAKER",
        "takerOrderHash": trade.taker_order_id,
        # live, the code is in the second of these
        "builder": "",
        "builderCode": code,
        "market": trade.condition_id,
        "assetId": trade.token_id if fill is None else fill.token_id,
        "side": str(trade.side if fill is None else fill.side),
        "size": units_text(trade.size if fill is None else fill.matched),
        "sizeUsdc": units_text(trade.amount if fill is None else fill.amount),
        "price": units_text(trade.price if fill is None else fill.price),
        "status": status_text(world, "TRADE", str(trade.status)),
        "outcome": world.listings[trade.condition_id].outcomes[outcome],
        "outcomeIndex": outcome,
        "owner": trade.owner if fill is None else fill.owner,
        "maker": (trade if fill is None else fill).tags.get("maker", ""),
        "transactionHash": trade.transaction_hash,
        "matchTime": str(trade.match_time // SECOND),
        "bucketIndex": trade.bucket_index,
        "fee": units_text(trade.fee if fill is None else 0),
        "feeUsdc": units_text(trade.fee if fill is None else 0),
        "builderFee": units_text(builder_fee),
        "createdAt": _moment(trade.match_time),
        "updatedAt": _moment(trade.last_update),
    }


def _moment(moment_ns: int) -> str:
    return datetime.fromtimestamp(moment_ns // SECOND, UTC).isoformat().replace("+00:00", "Z")


@handles("Trades_GetBuilderFees")
def builder_fees(asked: Asked) -> dict[str, int]:
    """Show what a builder takes; nothing if nobody registered the code."""
    code = asked.path["builder_code"]
    if not _HASH.fullmatch(code):
        raise bad_request(_BAD_BUILDER)
    known = asked.world.exchange.builder(code.lower())
    return {
        "builder_maker_fee_rate_bps": 0 if known is None else known.maker_bps,
        "builder_taker_fee_rate_bps": 0 if known is None else known.taker_bps,
    }
