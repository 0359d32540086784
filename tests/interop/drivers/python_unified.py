"""Drives polymarket-client, blocking or, with the argument ``async``, asynchronous.

Its hosts belong to an `Environment`, of which it publishes one. The package makes others with a function of
its own (`with_environment_config`), which is taken here. Smart wallets are looked up at the venue's relayer,
another service than the CLOB: here it is a stand-in that knows every wallet.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
import threading
from collections.abc import Iterable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import polymarket
from loop import Refused, sandbox, serve
from polymarket import (
    PRODUCTION,
    AsyncPublicClient,
    AsyncSecureClient,
    BuilderApiKey,
    OrderHeartbeatMismatchError,
    PolymarketError,
    PublicClient,
    RequestRejectedError,
    SecureClient,
)
from polymarket._internal.environment import get_environment_config, with_environment_config
from polymarket.models import PriceRequest


class _Relayer(BaseHTTPRequestHandler):
    """Says that every wallet exists."""

    def do_GET(self) -> None:
        """Answer ``/deployed``, the only thing a client asks before it trades."""
        known = self.path.startswith("/deployed?")
        body = json.dumps({"deployed": True} if known else {"error": "not here"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def _environment(rest: str, chain_id: int) -> Any:
    relayer = ThreadingHTTPServer(("127.0.0.1", 0), _Relayer)
    threading.Thread(target=relayer.serve_forever, daemon=True).start()
    config = dataclasses.replace(
        get_environment_config(PRODUCTION),
        chain_id=chain_id,
        clob_url=rest,
        relayer_url=f"http://127.0.0.1:{relayer.server_port}",
    )
    return with_environment_config(PRODUCTION, config=config)


class _Blocking:
    """An asynchronous client, called from code that is not."""

    def __init__(self, client: Any, run: Any) -> None:
        self._client, self._run = client, run

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def called(*arguments: Any, **named: Any) -> Any:
            answer = found(*arguments, **named)
            if asyncio.iscoroutine(answer):
                return self._run(answer)
            return self._run(_all(answer)) if hasattr(answer, "__aiter__") else answer

        return called


async def _all(paginator: Any) -> list[Any]:
    return [page async for page in paginator]


def _asked(action: Any, *arguments: Any, **named: Any) -> Any:
    try:
        return action(*arguments, **named)
    except OrderHeartbeatMismatchError as error:
        raise Refused(error, error.status, expected=error.heartbeat_id) from error
    except RequestRejectedError as error:
        more = {"code": error.code, "restriction": error.restriction, "retry_after": error.retry_after}
        raise Refused(error, error.status, **more) from error
    except polymarket.UnexpectedResponseError:
        # the sandbox answered what the peer cannot read: no refusal but a failure
        raise
    except PolymarketError as error:
        raise Refused(error) from error


def _items(action: Any, **named: Any) -> list[dict[str, Any]]:
    # a paginator asks for nothing before its pages are taken
    pages: Iterable[Any] = _asked(lambda: list(action(**named)))
    return [each.model_dump(mode="json") for page in pages for each in page.items]


class Driver:
    """One client for each name."""

    def __init__(self, *, asynchronous: bool) -> None:
        told = sandbox()
        self._environment = _environment(told["rest"], told["chain_id"])
        self._run = asyncio.new_event_loop().run_until_complete if asynchronous else None
        self._public: Any = self._dressed(
            (AsyncPublicClient if asynchronous else PublicClient)(environment=self._environment)
        )
        self._clients: dict[str, Any] = {}
        self._limits: list[Any] = []
        self._opened: dict[str, dict[str, Any]] = {}

    def _dressed(self, client: Any) -> Any:
        return client if self._run is None else _Blocking(client, self._run)

    def _open(self, **named: Any) -> Any:
        named |= {"environment": self._environment, "on_rate_limit_update": self._limits.append}
        if self._run is None:
            return _asked(SecureClient.create, **named)
        return self._dressed(_asked(self._run, AsyncSecureClient.create(**named)))

    def connect(
        self, name: str, key: str, signature_type: int, funder: str, nonce: int = 0
    ) -> dict[str, str]:
        """Open a client with credentials of its own; which type of signature to use it finds out itself."""
        self._opened[name] = {"private_key": key, "wallet": funder}
        client = self._open(**self._opened[name], nonce=nonce)
        kinds = {"EOA": 0, "POLY_PROXY": 1, "GNOSIS_SAFE": 2, "DEPOSIT_WALLET": 3}
        if kinds[client.wallet_type] != signature_type:
            raise AssertionError(f"{funder} is taken for {client.wallet_type}")
        self._clients[name] = client
        return {"address": client.signer, "key": client.credentials.key}

    def derive_key(self, name: str, nonce: int) -> dict[str, str]:
        """Derive the credentials of another nonce, or create them."""
        creds = self._open(**self._opened[name], nonce=nonce).credentials
        return {"api_key": creds.key, "api_secret": creds.secret, "api_passphrase": creds.passphrase}

    create_key = derive_key

    def keys(self, name: str) -> list[str]:
        """List the keys of a wallet."""
        return list(_asked(self._clients[name].fetch_api_keys))

    def delete_key(self, name: str) -> object:
        """Delete the key that is in use."""
        return _asked(self._clients[name].delete_api_key)

    def limits(self) -> dict[str, Any]:
        """Return what was last told of the limits of a signer."""
        return dataclasses.asdict(self._limits[-1])

    def closed_only(self, name: str) -> bool:
        """Ask whether a wallet may only close."""
        return bool(_asked(self._clients[name].get_closed_only_mode))

    def builder_keys(self, name: str) -> dict[str, Any]:
        """Create a builder key, list the keys there are, and revoke it with its own signature."""
        client = self._clients[name]
        made: BuilderApiKey = _asked(client.create_builder_api_key)
        listed = [each.key for each in _asked(client.fetch_builder_api_keys)]
        _asked(self._open(**self._opened[name], api_key=made).revoke_builder_api_key)
        left = [each.key for each in _asked(client.fetch_builder_api_keys) if each.revoked_at is None]
        return {"made": made.key, "listed": listed, "left": left}

    # -- what anybody may read --

    def book(self, token: str) -> dict[str, Any]:
        """Read one book."""
        return dict(_asked(self._public.get_order_book, asset_id=token).model_dump(mode="json"))

    def books(self, tokens: list[str]) -> list[dict[str, Any]]:
        """Read several books."""
        return [
            each.model_dump(mode="json") for each in _asked(self._public.get_order_books, asset_ids=tokens)
        ]

    def terms(self, token: str) -> dict[str, Any]:
        """Read what orders of a token have to keep to: this client has it from the book."""
        book = _asked(self._public.get_order_book, asset_id=token)
        return {"tick": str(book.tick_size), "neg_risk": book.neg_risk}

    def quotes(self, token: str) -> dict[str, Any]:
        """Read everything that is said of the prices of a token."""
        client = self._public
        return {
            "midpoint": str(_asked(client.get_midpoint, asset_id=token)),
            "bid": str(_asked(client.get_price, asset_id=token, side="BUY")),
            "ask": str(_asked(client.get_price, asset_id=token, side="SELL")),
            "spread": str(_asked(client.get_spread, asset_id=token)),
        }

    def quotes_last(self, token: str) -> dict[str, Any]:
        """Read the last trade of a token."""
        last = _asked(self._public.get_last_trade_price, asset_id=token)
        return {"price": "0.5", "side": ""} if last is None else dict(last.model_dump(mode="json"))

    def many_quotes(self, tokens: list[str]) -> dict[str, Any]:
        """Read what is said of several tokens at once."""
        client = self._public
        both = [PriceRequest(each, side) for each in tokens for side in ("BUY", "SELL")]
        prices = _asked(client.get_prices, requests=both)
        last = _asked(client.get_last_trade_prices, asset_ids=tokens)
        return {
            "midpoints": _texts(_asked(client.get_midpoints, asset_ids=tokens)),
            "prices": {token: _texts(sides) for token, sides in prices.items()},
            "spreads": _texts(_asked(client.get_spreads, asset_ids=tokens)),
            "last": {each.asset_id: each.model_dump(mode="json") for each in last},
        }

    # -- what belongs to a wallet --

    def balance(self, name: str, kind: str, token: str | None = None) -> dict[str, Any]:
        """Read a balance and its allowances."""
        told = _asked(self._clients[name].get_balance_allowance, asset_type=kind, asset_id=token)
        return {"balance": str(told.balance), "allowances": _texts(told.allowances)}

    def open_orders(self, name: str, token: str | None = None) -> list[dict[str, Any]]:
        """List the open orders."""
        return [_order(each) for each in _items(self._clients[name].list_open_orders, asset_id=token)]

    def order(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002 - as the venue calls it
        """Read one order."""
        return _order(_asked(self._clients[name].get_order, order_id=id).model_dump(mode="json"))

    def trades(self, name: str, token: str) -> list[dict[str, Any]]:
        """List the trades of a token."""
        return _items(self._clients[name].list_account_trades, asset_id=token)

    def scoring(self, name: str, ids: list[str]) -> dict[str, bool]:
        """Ask which orders earn rewards."""
        return dict(_asked(self._clients[name].get_orders_scoring, order_ids=ids))

    def rewards(self, name: str, condition_id: str, day: str) -> dict[str, Any]:
        """Read all there is of rewards."""
        client = self._clients[name]
        total = _asked(client.get_total_earnings_for_user_for_day, date=day)
        return {
            "markets": [each["condition_id"] for each in _items(client.list_current_rewards)],
            "terms": [
                each["condition_id"] for each in _items(client.list_market_rewards, condition_id=condition_id)
            ],
            "own": [
                each["condition_id"]
                for each in _items(client.list_user_earnings_and_markets_config, date=day)
            ],
            "earned": _items(client.list_user_earnings_for_day, date=day),
            "total": [each.model_dump(mode="json") for each in total],
            "shares": dict(_asked(client.get_reward_percentages)),
        }

    def notifications(self, name: str) -> list[dict[str, Any]]:
        """Read the notifications and drop them."""
        client = self._clients[name]
        told = _asked(client.get_notifications)
        if told:
            _asked(client.drop_notifications, ids=[each.id for each in told])
        return [each.model_dump(mode="json") for each in told]

    def builder_trades(self, code: str) -> list[dict[str, Any]]:
        """List the trades a builder brought."""
        return _items(self._public.list_builder_trades, builder_code=code)

    # -- trading --

    def place(self, name: str, **order: Any) -> dict[str, Any]:
        """Sign and place a limit order."""
        return _placed(_asked(self._clients[name].place_limit_order, **_limit(**order)))

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
        """Place a market order at whatever price the book asks for, and wait until it is settled."""
        client = self._clients[name]
        terms: dict[str, Any] = {"amount": amount} if side == "BUY" else {"shares": amount}
        if spend:
            terms["max_spend"] = spend
        answer = _asked(client.place_market_order, asset_id=token, side=side, order_type=type, **terms)
        placed = _placed(answer)
        if placed["ok"]:
            placed["hashes"] = list(_asked(client.wait_for_order_fill_settlement, answer, timeout_s=20))
        return placed

    def batch(self, name: str, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Place several orders with one request."""
        client = self._clients[name]
        signed = [_asked(client.create_limit_order, **_limit(**each)) for each in orders]
        return [_placed(each) for each in _asked(client.post_orders, signed)]

    def cancel(self, name: str, id: str) -> dict[str, Any]:  # noqa: A002
        """Cancel one order."""
        return _cancelled(_asked(self._clients[name].cancel_order, order_id=id))

    def cancel_many(self, name: str, ids: list[str]) -> dict[str, Any]:
        """Cancel several orders."""
        return _cancelled(_asked(self._clients[name].cancel_orders, order_ids=ids))

    def cancel_all(self, name: str) -> dict[str, Any]:
        """Cancel everything."""
        return _cancelled(_asked(self._clients[name].cancel_all))

    def cancel_market(self, name: str, market: str | None = None, token: str | None = None) -> dict[str, Any]:
        """Cancel everything of a market or of a token."""
        return _cancelled(_asked(self._clients[name].cancel_market_orders, market=market, asset_id=token))

    def heartbeat(self, name: str, id: str) -> str:  # noqa: A002
        """Send a heartbeat and return the id of the next."""
        return str(_asked(self._clients[name].send_order_heartbeat, heartbeat_id=id).heartbeat_id)


def _texts(values: Any) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _limit(
    token: str,
    side: str,
    price: str,
    size: str,
    post_only: bool = False,
    expiration: int = 0,
    builder: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    return {
        "asset_id": token,
        "side": side,
        "price": price,
        "size": size,
        "post_only": post_only,
        "expiration": expiration or None,
        "builder_code": builder,
    }


def _order(told: dict[str, Any]) -> dict[str, Any]:
    ends = told["expires_at"]
    return {**told, "expiration": str(int(datetime.fromisoformat(ends).timestamp())) if ends else "0"}


def _placed(told: Any) -> dict[str, Any]:
    if not told.ok:
        return {"ok": False, "id": "", "status": "", "error": told.message, "code": told.code}
    return {
        "ok": True,
        "id": told.order_id,
        "status": told.status,
        "error": "",
        "making": str(told.making_amount),
        "taking": str(told.taking_amount),
        "trades": list(told.trade_ids),
        "hashes": list(told.transactions_hashes),
    }


def _cancelled(told: Any) -> dict[str, Any]:
    return {"canceled": list(told.canceled), "not_canceled": dict(told.not_canceled)}


if __name__ == "__main__":
    serve(Driver(asynchronous=sys.argv[1:] == ["async"]))
