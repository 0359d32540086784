"""Drives py-clob-client-v2, whose host is an argument of its client."""

from __future__ import annotations

from typing import Any

from loop import Refused, sandbox, serve
from py_clob_client_v2 import (
    BalanceAllowanceParams,
    BookParams,
    BuilderTradeParams,
    ClobClient,
    DropNotificationParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderMarketCancelParams,
    OrderPayload,
    OrdersScoringParams,
    PartialCreateOrderOptions,
    PostOrdersV2Args,
    PriceHistoryInterval,
    PricesHistoryParams,
    TradeParams,
)
from py_clob_client_v2.exceptions import PolyApiException, PolyException
from quoting import Quoting


def _asked(action: Any, *arguments: Any, **named: Any) -> Any:
    try:
        return action(*arguments, **named)
    except PolyApiException as error:
        told = error.error_msg if isinstance(error.error_msg, dict) else {"error": error.error_msg}
        message = told.get("error") or told.get("error_msg")
        raise Refused(message, error.status_code, expected=told.get("heartbeat_id")) from error
    except PolyException as error:
        raise Refused(error.msg) from error
    except Exception as error:
        # where a book is too thin the package raises the plainest of exceptions
        if type(error) is Exception:
            raise Refused(error) from error
        raise


class Driver(Quoting):
    """One client for each name."""

    def __init__(self) -> None:
        super().__init__("py_clob_client_v2", _asked)
        told = sandbox()
        self._rest, self._chain_id = told["rest"], told["chain_id"]
        self._public = ClobClient(self._rest, self._chain_id)
        self._clients: dict[str, ClobClient] = {}

    def connect(
        self,
        name: str,
        key: str,
        signature_type: int,
        funder: str,
        nonce: int = 0,
        server_time: bool = False,
    ) -> dict[str, str]:
        """Open a client with credentials of its own."""
        wallet = {"signature_type": signature_type, "funder": funder} if signature_type else {}
        client = ClobClient(self._rest, self._chain_id, key, use_server_time=server_time, **wallet)
        creds = _asked(client.create_or_derive_api_key, nonce)
        client.set_api_creds(creds)
        self._clients[name] = client
        return {"address": client.get_address(), "key": creds.api_key}

    def create_key(self, name: str, nonce: int) -> dict[str, str]:
        """Create credentials."""
        return dict(vars(_asked(self._clients[name].create_api_key, nonce)))

    def derive_key(self, name: str, nonce: int) -> dict[str, str]:
        """Derive credentials that exist."""
        return dict(vars(_asked(self._clients[name].derive_api_key, nonce)))

    def keys(self, name: str) -> list[str]:
        """List the keys of a wallet."""
        return list(_asked(self._clients[name].get_api_keys)["apiKeys"])

    def delete_key(self, name: str) -> object:
        """Delete the key that is in use."""
        return _asked(self._clients[name].delete_api_key)

    def closed_only(self, name: str) -> bool:
        """Ask whether a wallet may only close."""
        return bool(_asked(self._clients[name].get_closed_only_mode)["closed_only"])

    def builder_keys(self, name: str) -> dict[str, Any]:
        """Create a builder key, list the keys there are, and revoke it."""
        client = self._clients[name]
        made = _asked(client.create_builder_api_key)
        listed = _asked(client.get_builder_api_keys)
        return {"made": made["key"], "listed": [each.get("key") for each in listed]}

    def readonly_keys(self, name: str) -> dict[str, Any]:
        """Create a key that only reads, list those there are, and delete it."""
        client = self._clients[name]
        made = _asked(client.create_readonly_api_key)["apiKey"]
        listed = _asked(client.get_readonly_api_keys)
        deleted = _asked(client.delete_readonly_api_key, made)
        return {"made": made, "listed": listed, "deleted": deleted}

    # -- what anybody may read --

    def health(self) -> dict[str, Any]:
        """Ask whether the venue is there, what time it is and what orders it takes."""
        return {
            "ok": _asked(self._public.get_ok),
            "time": _asked(self._public.get_server_time),
            "version": self._public.get_version(),
        }

    def book(self, token: str) -> dict[str, Any]:
        """Read one book, and the hash that the peer computes of it."""
        told = _asked(self._public.get_order_book, token)
        return {**told, "own_hash": self._public.get_order_book_hash(told)}

    def books(self, tokens: list[str]) -> list[dict[str, Any]]:
        """Read several books."""
        return list(_asked(self._public.get_order_books, [BookParams(token_id=each) for each in tokens]))

    def terms(self, token: str) -> dict[str, Any]:
        """Read what orders of a token have to keep to, with a client that knows nothing yet."""
        client = ClobClient(self._rest, self._chain_id)
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

    def many_quotes(self, tokens: list[str]) -> dict[str, Any]:
        """Read what is said of several tokens at once."""
        both = [BookParams(token_id=each, side=side) for each in tokens for side in ("BUY", "SELL")]
        plain = [BookParams(token_id=each) for each in tokens]
        return {
            "midpoints": _asked(self._public.get_midpoints, plain),
            "prices": _asked(self._public.get_prices, both),
            "spreads": _asked(self._public.get_spreads, plain),
            "last": {each["token_id"]: each for each in _asked(self._public.get_last_trades_prices, plain)},
        }

    def history(self, token: str) -> list[dict[str, Any]]:
        """Read the prices of the last hour."""
        params = PricesHistoryParams(market=token, interval=PriceHistoryInterval.ONE_HOUR, fidelity=1)
        return list(_asked(self._public.get_prices_history, params)["history"])

    def market(self, condition_id: str) -> dict[str, Any]:
        """Read the terms of a market."""
        return dict(_asked(self._public.get_clob_market_info, condition_id))

    def markets(self) -> list[str]:
        """List all markets, page by page."""
        found: list[str] = []
        cursor = "MA=="
        while cursor != "LTE=":
            page = _asked(self._public.get_markets, cursor)
            found += [each["condition_id"] for each in page["data"]]
            cursor = page["next_cursor"]
        return found

    # -- what belongs to a wallet --

    def balance(self, name: str, kind: str, token: str | None = None) -> dict[str, Any]:
        """Refresh and read a balance and its allowances."""
        params = BalanceAllowanceParams(asset_type=kind, token_id=token)
        _asked(self._clients[name].update_balance_allowance, params)
        told = _asked(self._clients[name].get_balance_allowance, params)
        return {"balance": told["balance"], "allowances": told["allowances"]}

    def open_orders(self, name: str, token: str | None = None) -> list[dict[str, Any]]:
        """List the open orders."""
        return list(_asked(self._clients[name].get_open_orders, OpenOrderParams(asset_id=token)))

    def order(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002 - as the venue calls it
        """Read one order."""
        return dict(_asked(self._clients[name].get_order, id))

    def trades(self, name: str, token: str) -> list[dict[str, Any]]:
        """List the trades of a token."""
        return list(_asked(self._clients[name].get_trades, TradeParams(asset_id=token)))

    def scoring(self, name: str, ids: list[str]) -> dict[str, bool]:
        """Ask which orders earn rewards."""
        return dict(_asked(self._clients[name].are_orders_scoring, OrdersScoringParams(orderIds=ids)))

    def rewards(self, name: str, condition_id: str, day: str) -> dict[str, Any]:
        """Read all there is of rewards."""
        client = self._clients[name]
        return {
            "markets": [each["condition_id"] for each in _asked(client.get_current_rewards)],
            "terms": [
                each["condition_id"] for each in _asked(client.get_raw_rewards_for_market, condition_id)
            ],
            "own": [
                each["condition_id"] for each in _asked(client.get_user_earnings_and_markets_config, day)
            ],
            "earned": _asked(client.get_earnings_for_user_for_day, day),
            "total": _asked(client.get_total_earnings_for_user_for_day, day),
            "shares": _asked(client.get_reward_percentages),
        }

    def notifications(self, name: str) -> list[dict[str, Any]]:
        """Read the notifications and drop them."""
        client = self._clients[name]
        told = _asked(client.get_notifications)
        if told:
            _asked(client.drop_notifications, DropNotificationParams(ids=[str(each["id"]) for each in told]))
        return list(told)

    def builder_trades(self, code: str) -> list[dict[str, Any]]:
        """List the trades a builder brought."""
        return list(_asked(self._public.get_builder_trades, BuilderTradeParams(builder_code=code))["trades"])

    # -- trading --

    def place(self, name: str, **order: Any) -> dict[str, Any]:
        """Sign and place a limit order."""
        signed = self._signed(name, **order)
        post_only = order.get("post_only", False)
        return _placed(_asked(self._clients[name].post_order, signed, order.get("type", "GTC"), post_only))

    def _signed(
        self,
        name: str,
        token: str,
        side: str,
        price: str,
        size: str,
        position: bool = False,
        expiration: int = 0,
        version: int | None = None,
        builder: str | None = None,
        **_: Any,
    ) -> Any:
        asset = {"position_id": token} if position else {"token_id": token}
        more = {"builder_code": builder} if builder else {}
        args = OrderArgs(
            price=float(price), size=float(size), side=side, expiration=expiration, **asset, **more
        )
        return _asked(self._clients[name].create_order, args, PartialCreateOrderOptions(version=version))

    def place_market(
        self,
        name: str,
        token: str,
        side: str,
        amount: str,
        type: str = "FOK",  # noqa: A002
        position: bool = False,
        spend: str | None = None,
    ) -> dict[str, Any]:
        """Place a market order at whatever price the book asks for, fees included in what it may `spend`."""
        asset = {"position_id": token} if position else {"token_id": token}
        more = {"user_usdc_balance": float(spend)} if spend else {}
        args = MarketOrderArgs(amount=float(amount), side=side, order_type=type, **asset, **more)
        return _placed(_asked(self._clients[name].create_and_post_market_order, args, order_type=type))

    def batch(self, name: str, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Place several orders with one request."""
        signed = [PostOrdersV2Args(self._signed(name, **each), each.get("type", "GTC")) for each in orders]
        return [_placed(each) for each in _asked(self._clients[name].post_orders, signed)]

    def cancel(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        """Cancel one order."""
        return dict(_asked(self._clients[name].cancel_order, OrderPayload(orderID=id)))

    def cancel_many(self, name: str, ids: list[str]) -> dict[str, Any]:
        """Cancel several orders."""
        return dict(_asked(self._clients[name].cancel_orders, ids))

    def cancel_all(self, name: str) -> dict[str, Any]:
        """Cancel everything."""
        return dict(_asked(self._clients[name].cancel_all))

    def cancel_market(self, name: str, market: str | None = None, token: str | None = None) -> dict[str, Any]:
        """Cancel everything of a market or of a token."""
        params = OrderMarketCancelParams(market=market, asset_id=token)
        return dict(_asked(self._clients[name].cancel_market_orders, params))

    def heartbeat(self, name: str, id: str) -> str:  # noqa: A002
        """Send a heartbeat and return the id of the next."""
        return str(_asked(self._clients[name].post_heartbeat, id)["heartbeat_id"])


def _placed(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "ok": told["success"] and not told["errorMsg"],
        "id": told["orderID"],
        "status": told["status"],
        "error": told["errorMsg"],
        "making": told["makingAmount"],
        "taking": told["takingAmount"],
        "trades": told.get("tradeIDs") or [],
        "hashes": told.get("transactionsHashes") or [],
    }


if __name__ == "__main__":
    serve(Driver())
