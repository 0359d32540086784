"""Drives py-clob-client, which knows only orders of the first version; its host is an argument."""

from __future__ import annotations

from typing import Any

from loop import Refused, sandbox, serve
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    OpenOrderParams,
    OrderArgs,
    TradeParams,
)
from py_clob_client.exceptions import PolyApiException, PolyException
from quoting import Quoting


def _asked(action: Any, *arguments: Any, **named: Any) -> Any:
    try:
        return action(*arguments, **named)
    except PolyApiException as error:
        told = error.error_msg if isinstance(error.error_msg, dict) else {"error": error.error_msg}
        raise Refused(told.get("error"), error.status_code) from error
    except PolyException as error:
        raise Refused(error.msg) from error


class Driver(Quoting):
    """One client for each name."""

    def __init__(self) -> None:
        super().__init__("py_clob_client", _asked)
        told = sandbox()
        self._rest, self._chain_id = told["rest"], told["chain_id"]
        self._public = ClobClient(self._rest)
        self._clients: dict[str, ClobClient] = {}

    def connect(self, name: str, key: str, signature_type: int, funder: str) -> dict[str, str]:
        """Open a client with credentials of its own."""
        client = ClobClient(self._rest, self._chain_id, key, signature_type=signature_type, funder=funder)
        creds = _asked(client.create_or_derive_api_creds)
        client.set_api_creds(creds)
        self._clients[name] = client
        return {"address": client.get_address(), "key": creds.api_key}

    def derive_key(self, name: str, nonce: int) -> dict[str, str]:
        """Derive credentials that exist."""
        return dict(vars(_asked(self._clients[name].derive_api_key, nonce)))

    def keys(self, name: str) -> list[str]:
        """List the keys of a wallet."""
        return list(_asked(self._clients[name].get_api_keys)["apiKeys"])

    def closed_only(self, name: str) -> bool:
        """Ask whether a wallet may only close."""
        return bool(_asked(self._clients[name].get_closed_only_mode)["closed_only"])

    def readonly_keys(self, name: str) -> dict[str, Any]:
        """Create a key that only reads, ask for it, list those there are, and delete it."""
        client = self._clients[name]
        made = _asked(client.create_readonly_api_key).api_key
        listed = _asked(client.get_readonly_api_keys)
        valid = _asked(client.validate_readonly_api_key, client.get_address(), made)
        return {
            "made": made,
            "listed": listed,
            "valid": valid,
            "deleted": _asked(client.delete_readonly_api_key, made),
        }

    def health(self) -> dict[str, Any]:
        """Ask whether the venue is there and what time it is."""
        return {"ok": _asked(self._public.get_ok), "time": _asked(self._public.get_server_time)}

    def book(self, token: str) -> dict[str, Any]:
        """Read one book, and the hash that the peer computes of it."""
        told = _asked(self._public.get_order_book, token)
        sides = {side: [dict(vars(each)) for each in getattr(told, side)] for side in ("bids", "asks")}
        hashed = told.hash
        return {**vars(told), **sides, "hash": hashed, "own_hash": self._public.get_order_book_hash(told)}

    def books(self, tokens: list[str]) -> list[dict[str, Any]]:
        """Read several books."""
        found = _asked(self._public.get_order_books, [BookParams(token_id=each) for each in tokens])
        return [{"asset_id": each.asset_id, "hash": each.hash} for each in found]

    def terms(self, token: str) -> dict[str, Any]:
        """Read what orders of a token have to keep to, with a client that knows nothing yet."""
        client = ClobClient(self._rest)
        return {"tick": _asked(client.get_tick_size, token), "neg_risk": _asked(client.get_neg_risk, token)}

    def quotes(self, token: str) -> dict[str, Any]:
        """Read everything that is said of the prices of a token."""
        client = self._public
        return {
            "midpoint": _asked(client.get_midpoint, token)["mid"],
            "bid": _asked(client.get_price, token, "BUY")["price"],
            "ask": _asked(client.get_price, token, "SELL")["price"],
            "spread": _asked(client.get_spread, token)["spread"],
        }

    def quotes_last(self, token: str) -> dict[str, Any]:
        """Read the last trade of a token."""
        return dict(_asked(self._public.get_last_trade_price, token))

    def balance(self, name: str, kind: str, token: str | None = None) -> dict[str, Any]:
        """Read a balance and its allowances."""
        params = BalanceAllowanceParams(asset_type=getattr(AssetType, kind), token_id=token)
        told = _asked(self._clients[name].get_balance_allowance, params)
        return {"balance": told["balance"], "allowances": told["allowances"]}

    def open_orders(self, name: str, token: str | None = None) -> list[dict[str, Any]]:
        """List the open orders."""
        return list(_asked(self._clients[name].get_orders, OpenOrderParams(asset_id=token)))

    def trades(self, name: str, token: str) -> list[dict[str, Any]]:
        """List the trades of a token."""
        return list(_asked(self._clients[name].get_trades, TradeParams(asset_id=token)))

    def place(self, name: str, token: str, side: str, price: str, size: str) -> dict[str, Any]:
        """Sign and place a limit order."""
        args = OrderArgs(token_id=token, price=float(price), size=float(size), side=side)
        client = self._clients[name]
        return dict(_asked(client.post_order, _asked(client.create_order, args)))

    def cancel_all(self, name: str) -> dict[str, Any]:
        """Cancel everything."""
        return dict(_asked(self._clients[name].cancel_all))


if __name__ == "__main__":
    serve(Driver())
