"""Drives one of the venue's own clients in an environment of its own: a command a line in, its seconds out.

    python -m benchmarks.clob_worker py-clob-client-v2 URL WALLET

Only what the peers publish is called, on clients that keep what they looked up before. WALLET is the deposit
wallet of the key.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from benchmarks import clob_terms as terms
from benchmarks.harness import repeated

__all__ = ["answer", "checked"]


class _Peer(Protocol):
    """What is measured of a client."""

    def create(self) -> object:
        """Make and sign one order of the key's own address."""
        ...

    def create_for_wallet(self) -> object:
        """Make and sign one order of its deposit wallet."""
        ...

    def l1_headers(self) -> object:
        """Sign what asks for API keys."""
        ...

    def l2_headers(self) -> object:
        """Sign one request with the API key."""
        ...

    def place(self) -> object:
        """Make one order, post it and read the answer."""
        ...

    def place_many(self, count: int) -> object:
        """Make some orders and post them in one request."""
        ...


class _V2:
    """py-clob-client-v2."""

    def __init__(self, url: str, wallet: str) -> None:
        from py_clob_client_v2 import ApiCreds, ClobClient, OrderArgs, PartialCreateOrderOptions
        from py_clob_client_v2.clob_types import PostOrdersV2Args, RequestArgs
        from py_clob_client_v2.headers.headers import create_level_1_headers, create_level_2_headers

        creds = ApiCreds(terms.API_KEY, terms.SECRET, terms.PASSPHRASE)
        self._client = ClobClient(url, terms.CHAIN_ID, terms.KEY, creds)
        self._of_wallet = ClobClient(url, terms.CHAIN_ID, terms.KEY, creds, signature_type=3, funder=wallet)
        price, size, options = (
            float(terms.PRICE),
            float(terms.SIZE),
            PartialCreateOrderOptions(tick_size=terms.TICK, neg_risk=False),
        )
        self._made = lambda client: client.create_order(
            OrderArgs(token_id=terms.TOKEN, price=price, size=size, side=terms.SIDE), options
        )
        self._in_batch = PostOrdersV2Args
        request = RequestArgs("POST", "/order", body={}, serialized_body=terms.BODY.decode())
        signer = self._client.signer
        self.l1_headers = lambda: create_level_1_headers(signer, 0)
        self.l2_headers = lambda: create_level_2_headers(signer, creds, request)

    def create(self) -> object:
        return self._made(self._client)

    def create_for_wallet(self) -> object:
        return self._made(self._of_wallet)

    def place(self) -> object:
        return checked(self._client.post_order(self.create())["success"])

    def place_many(self, count: int) -> object:
        answers = self._client.post_orders([self._in_batch(self.create(), "GTC") for _ in range(count)])
        return checked(len(answers) == count)


class _Unified:
    """polymarket-client, the blocking half."""

    def __init__(self, url: str, wallet: str) -> None:
        from eth_account import Account
        from polymarket import PRODUCTION, SecureClient
        from polymarket._internal.environment import get_environment_config, with_environment_config
        from polymarket._internal.hmac import build_hmac_signature
        from polymarket._internal.l1_auth import sign_api_key_auth
        from polymarket.models import ApiKeyCreds

        hosts = {"clob_url": url, "relayer_url": url, "chain_id": terms.CHAIN_ID}
        config = dataclasses.replace(get_environment_config(PRODUCTION), **hosts)
        signer = Account.from_key(terms.KEY)
        self._client, self._of_wallet = (
            SecureClient.create(
                private_key=terms.KEY,
                wallet=each,
                environment=with_environment_config(PRODUCTION, config=config),
                credentials=ApiKeyCreds(
                    apiKey=terms.API_KEY, secret=terms.SECRET, passphrase=terms.PASSPHRASE
                ),
            )
            for each in (signer.address, wallet)
        )
        self._order = {
            "token_id": terms.TOKEN,
            "price": Decimal(terms.PRICE),
            "size": Decimal(terms.SIZE),
            "side": terms.SIDE,
        }
        self.l1_headers = lambda: sign_api_key_auth(
            signer, chain_id=terms.CHAIN_ID, timestamp=int(time.time())
        )
        body = terms.BODY.decode()
        self.l2_headers = lambda: build_hmac_signature(
            secret=terms.SECRET, timestamp=int(time.time()), method="POST", path="/order", body=body
        )

    def create(self) -> object:
        return self._client.create_limit_order(**self._order)

    def create_for_wallet(self) -> object:
        return self._of_wallet.create_limit_order(**self._order)

    def place(self) -> object:
        return checked(self._client.place_limit_order(**self._order).ok)

    def place_many(self, count: int) -> object:
        return checked(len(self._client.post_orders([self.create() for _ in range(count)])) == count)


_PEERS: dict[str, Callable[[str, str], _Peer]] = {"py-clob-client-v2": _V2, "polymarket-client": _Unified}


def checked(good: bool) -> object:  # noqa: FBT001
    """End unless what a peer was answered is what it asked for."""
    if not good:
        raise SystemExit("the peer was not served as it should be")
    return None


def _batches(peer: _Peer, count: int) -> None:
    for start in range(0, count, terms.BATCH):
        peer.place_many(min(terms.BATCH, count - start))


def _threads(peer: _Peer, count: int, threads: int) -> dict[str, Any]:
    """Place orders from several threads; what fails is counted by its kind."""
    failed: Counter[str] = Counter()

    def one(_: int) -> None:
        try:
            peer.place()
        except Exception as error:
            failed[type(error).__name__] += 1

    def all_of_them() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(count)))

    peer.place()
    return {"spent": repeated(all_of_them, 1, each=count)(), "failed": failed}


def _do(peer: Any, told: dict[str, Any]) -> dict[str, Any]:
    what, times = told["do"], told["times"]
    if what == "threads":
        return _threads(peer, times, told["threads"])
    if what == "batches":
        return {"spent": repeated(lambda: _batches(peer, told["count"]), times)()}
    do, count = getattr(peer, what), told.get("count")
    # what does several at a time is told how many
    return {"spent": repeated(do if count is None else partial(do, count), times, each=count or 1)()}


def _commands() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def answer(make: Callable[[], object], name: str) -> None:
    """Make a client, and let it do as it is told until the input ends."""
    # what a peer logs of its failures is none of its cost
    logging.disable(logging.CRITICAL)
    peer = make()
    print(json.dumps({"ready": name}), flush=True)
    for told in _commands():
        print(json.dumps(_do(peer, told)), flush=True)


def main() -> None:
    """Answer commands until the input ends."""
    name, url, wallet = sys.argv[1:]
    answer(lambda: _PEERS[name](url, wallet), name)


if __name__ == "__main__":
    main()
