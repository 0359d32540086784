"""Drives py-clob-client against PolySimulator: a key of that venue takes the place of derived credentials.

Orders are signed as ever, with any private key; the venue looks at no signature.
"""

from __future__ import annotations

import base64
from typing import Any

from loop import Refused, sandbox, serve
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import (
    ApiCreds,
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    OpenOrderParams,
    OrderArgs,
    OrderType,
    PostOrdersArgs,
    TradeParams,
)
from py_clob_client.exceptions import PolyApiException

_ANY_KEY = "0x" + "11" * 32
_ANY_SECRET = base64.urlsafe_b64encode(b"nobody looks").decode()


def _asked(action: Any, *arguments: Any, **named: Any) -> Any:
    try:
        return action(*arguments, **named)
    except PolyApiException as error:
        told = error.error_msg if isinstance(error.error_msg, dict) else {"error": error.error_msg}
        raise Refused(
            told.get("message", told.get("error")), error.status_code, code=told.get("error")
        ) from error


class Driver:
    """One client."""

    def __init__(self) -> None:
        host = f"{sandbox('polysimulator')['rest']}/v1"
        self._public = ClobClient(host)
        self._host = host
        self._client = self._public

    def connect(self, key: str) -> None:
        """Open a client with a key of the venue."""
        self._client = ClobClient(self._host, 137, _ANY_KEY, creds=ApiCreds(key, _ANY_SECRET, "any"))

    def market(self, token: str) -> dict[str, Any]:
        """Read what there is to read of a token without a key."""
        client, both = self._public, [BookParams(token_id=token, side="BUY")]
        book = _asked(client.get_order_book, token)
        return {
            "time": _asked(client.get_server_time),
            "book": {**vars(book), "bids": _levels(book.bids), "asks": _levels(book.asks)},
            "books": [each.asset_id for each in _asked(client.get_order_books, both)],
            "midpoint": _asked(client.get_midpoint, token)["mid"],
            "midpoints": _asked(client.get_midpoints, both),
            "bid": _asked(client.get_price, token, "BUY")["price"],
            "ask": _asked(client.get_price, token, "SELL")["price"],
            "prices": _asked(client.get_prices, both),
            "spread": _asked(client.get_spread, token)["spread"],
            "spreads": _asked(client.get_spreads, both),
            "last": _asked(client.get_last_trade_price, token),
            "neg_risk": _asked(client.get_neg_risk, token),
            # known of the book: the venue has no query for it of the form the peer uses
            "tick": _asked(client.get_tick_size, token),
            "fee": _asked(client.get_fee_rate_bps, token),
        }

    def _signed(self, token: str, side: str, price: str, size: str) -> Any:
        _asked(self._client.get_order_book, token)
        args = OrderArgs(token_id=token, price=float(price), size=float(size), side=side)
        return _asked(self._client.create_order, args)

    def place(self, token: str, side: str, price: str, size: str, kind: str = "GTC") -> dict[str, Any]:
        """Sign and place an order."""
        signed = self._signed(token, side, price, size)
        return dict(_asked(self._client.post_order, signed, getattr(OrderType, kind)))

    def place_many(self, orders: list[dict[str, str]]) -> list[dict[str, Any]]:
        """Sign several orders and place them at once."""
        args = [PostOrdersArgs(self._signed(**each), OrderType.GTC) for each in orders]
        return list(_asked(self._client.post_orders, args))

    def order(self, order_id: str) -> dict[str, Any]:
        """Read an order."""
        return dict(_asked(self._client.get_order, order_id))

    def open_orders(self, token: str | None = None) -> list[dict[str, Any]]:
        """List the open orders."""
        return list(_asked(self._client.get_orders, OpenOrderParams(asset_id=token)))

    def trades(self, token: str) -> list[dict[str, Any]]:
        """List the trades of a token."""
        return list(_asked(self._client.get_trades, TradeParams(asset_id=token)))

    def balance(self, token: str | None = None) -> dict[str, Any]:
        """Read a balance, of dollars or of a token."""
        kind = AssetType.CONDITIONAL if token else AssetType.COLLATERAL
        return dict(_asked(self._client.get_balance_allowance, BalanceAllowanceParams(kind, token)))

    def cancel(self, order_id: str) -> dict[str, Any]:
        """Cancel an order."""
        return dict(_asked(self._client.cancel, order_id))

    def cancel_many(self, order_ids: list[str]) -> dict[str, Any]:
        """Cancel several orders."""
        return dict(_asked(self._client.cancel_orders, order_ids))

    def cancel_all(self) -> dict[str, Any]:
        """Ask to cancel everything, without the confirmation the venue wants."""
        return dict(_asked(self._client.cancel_all))


def _levels(levels: Any) -> list[list[str]]:
    return [[each.price, each.size] for each in levels]


if __name__ == "__main__":
    serve(Driver())
