"""A caller of the CLOB sandbox made of httpx, hmac and eth-account only, in process."""

from __future__ import annotations

import asyncio
import base64
import hmac
import itertools
import json
import ssl
import time
from types import SimpleNamespace
from typing import Any

import httpx
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from polyspec.sandbox import Sandbox

ZERO = "0x" + "0" * 64
MESSAGE = "This message attests that I control the given wallet"
V2 = ("0xE111180000d2663C0091e4f400237545B87B996B", "0xe2222d279d744050d28e00520010520000310F59")
V3 = "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa"
V1 = ("0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E", "0xC5d563A36AE78145C45a50134d48A1215220f80a")


def members(text: str) -> list[dict[str, str]]:
    """Return EIP-712 members from `type name` pairs."""
    return [dict(zip(("type", "name"), each.split(), strict=True)) for each in text.split(",")]


FIELDS = (
    "uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    "uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder"
)
FIELDS_V1 = (
    "uint256 salt,address maker,address signer,address taker,uint256 tokenId,uint256 makerAmount,"
    "uint256 takerAmount,uint256 expiration,uint256 nonce,uint256 feeRateBps,uint8 side,uint8 signatureType"
)
ORDER = {"Order": members(FIELDS)}
NESTED = {
    "TypedDataSign": members(
        "Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt"
    ),
    **ORDER,
}
AUTH = {"ClobAuth": members("address address,string timestamp,uint256 nonce,string message")}


class Door:
    """Requests to a sandbox in process, with one key."""

    def __init__(self, sandbox: Sandbox, account: int = 0) -> None:
        self.sandbox = sandbox
        self.venue = sandbox.clob_venue
        self.world = self.venue.world
        self.account = Account.from_key(self.venue.private_keys[account])
        self.address: str = self.account.address
        self.number = account
        self._loop = asyncio.new_event_loop()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.venue.asgi), base_url=self.venue.rest
        )
        self._creds: dict[str, str] | None = None
        self._salts = itertools.count(1 + account * 10**6)

    def of(self, account: int) -> Door:
        """Return a door of another funded key."""
        return Door(self.sandbox, account)

    def close(self) -> None:
        """Close connections and loop."""
        self._loop.run_until_complete(self._http.aclose())
        self._loop.close()

    @property
    def now_ns(self) -> int:
        """The venue's time in nanoseconds."""
        return self.world.clock.now_ns()

    @property
    def now(self) -> int:
        """The venue's time in seconds."""
        return self.now_ns // 10**9

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request without any header of ours."""
        return self._loop.run_until_complete(self._http.request(method, path, **options))

    def together(self, *requests: Any) -> list[httpx.Response]:
        """Run several requests, made by `ask`, at the same time."""

        async def all_of() -> list[httpx.Response]:
            return list(await asyncio.gather(*requests))

        return self._loop.run_until_complete(all_of())

    # -- level 1 --

    def level1(self, nonce: int = 0, **changes: Any) -> dict[str, str]:
        """Return good level-1 headers, with changes to what is signed (and sent)."""
        domain = {"name": "ClobAuthDomain", "version": "1", "chainId": 137}
        made: dict[str, Any] = {
            "address": self.address,
            "timestamp": str(self.now),
            "nonce": nonce,
            "message": MESSAGE,
            **changes,
        }
        signed = self.account.sign_message(encode_typed_data(domain, AUTH, made))
        return {
            "POLY_ADDRESS": made["address"],
            "POLY_SIGNATURE": "0x" + bytes(signed.signature).hex(),
            "POLY_TIMESTAMP": made["timestamp"],
            "POLY_NONCE": str(made["nonce"]),
        }

    @property
    def creds(self) -> dict[str, str]:
        """The credentials of nonce 0, created when first needed."""
        if self._creds is None:
            answer = self.raw("POST", "/auth/api-key", headers=self.level1())
            if answer.status_code == 400:
                answer = self.raw("GET", "/auth/derive-api-key", headers=self.level1())
            self._creds = self.good(answer)
        return self._creds

    # -- level 2 --

    def level2(
        self, method: str, path: str, body: bytes = b"", *, timestamp: int | None = None, **creds: str
    ) -> dict[str, str]:
        """Return good level-2 headers, with other credentials if given."""
        with_ = {**self.creds, **creds}
        stamp = str(self.now if timestamp is None else timestamp)
        return {
            "POLY_ADDRESS": self.address,
            "POLY_API_KEY": with_["apiKey"],
            "POLY_PASSPHRASE": with_["passphrase"],
            "POLY_TIMESTAMP": stamp,
            "POLY_SIGNATURE": hmac_of(with_["secret"], stamp, method, path, body),
        }

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Return a signed request that is not sent yet."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**self.level2(method, path, raw), **options.pop("headers", {})}
        if raw:
            headers["Content-Type"] = "application/json"
        return self._http.request(method, path, content=raw, headers=headers, **options)

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a signed request."""
        # credentials are fetched before the loop is taken
        assert self.creds
        return self._loop.run_until_complete(self.ask(method, path, body, **options))

    def get(self, path: str, **params: Any) -> Any:
        """GET, signed, and return the JSON of a 200."""
        return self.good(self.send("GET", path, params=params))

    def public(self, path: str, **params: Any) -> Any:
        """GET, not signed, and return the JSON of a 200."""
        return self.good(self.raw("GET", path, params=params))

    def post(self, path: str, body: Any) -> Any:
        """POST, signed, and return the JSON of a 200."""
        return self.good(self.send("POST", path, body))

    def delete(self, path: str, body: Any = None) -> Any:
        """DELETE, signed, and return the JSON of a 200."""
        return self.good(self.send("DELETE", path, body))

    @staticmethod
    def good(answer: httpx.Response) -> Any:
        """Return the JSON of a 200."""
        assert answer.status_code == 200, f"{answer.status_code} {answer.text} {dict(answer.headers)}"
        return answer.json()

    # -- control --

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call one of the sandbox's own endpoints."""
        secret = {"x-sandbox-secret": self.venue.secret}
        return self.good(self.raw(method, f"/_sandbox/{path}", headers=secret, json=body))

    def pass_time(self, seconds: float) -> None:
        """Move the venue's clock."""
        self.control("POST", "clock", {"advance": seconds})

    # -- orders --

    def wallet(self, kind: int) -> str:
        """Return the usual maker of a signature type."""
        from polyspec.sandbox.clob.seeds import ACCOUNTS

        return ACCOUNTS[self.number].wallets.of_type(kind)[0]

    def order(
        self,
        side: str = "BUY",
        price: str = "0.40",
        size: str = "10",
        *,
        token: str | None = None,
        kind: int = 0,
        version: int | None = None,
        exchange: str | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        """Return a signed order as it goes over the wire; `changes` are made before it is signed."""
        token = token or self.venue.token_ids[0]
        shares, collateral = units(size), units(price) * units(size) // 10**6
        given, wanted = (collateral, shares) if side == "BUY" else (shares, collateral)
        maker = self.wallet(kind)
        made: dict[str, Any] = {
            "salt": next(self._salts),
            "maker": maker,
            "signer": maker if kind == 3 else self.address,
            "tokenId": token,
            "makerAmount": str(given),
            "takerAmount": str(wanted),
            "side": side,
            "signatureType": kind,
            "timestamp": str(self.now_ns // 10**6),
            "metadata": ZERO,
            "builder": ZERO,
            **changes,
        }
        version = version or (3 if token in self.venue.position_ids else 2)
        exchange = exchange or (V3 if version == 3 else V2[token in self.venue.neg_risk_token_ids])
        signature = self.sign(made, version, exchange)
        return {**made, "expiration": "0", "signature": signature}

    def sign(self, order: dict[str, Any], version: int, exchange: str) -> str:
        """Sign an order for an exchange."""
        domain = {
            "name": "Polymarket CTF Exchange",
            "version": str(version),
            "chainId": 137,
            "verifyingContract": exchange,
        }
        message = {**order, "side": 0 if order["side"] == "BUY" else 1}
        for name in ("tokenId", "makerAmount", "takerAmount", "timestamp"):
            message[name] = int(order[name])
        for name in ("metadata", "builder"):
            message[name] = bytes.fromhex(order[name][2:])
        plain = encode_typed_data(domain, ORDER, message)
        if order["signatureType"] != 3:
            return "0x" + bytes(self.account.sign_message(plain).signature).hex()
        nested = {
            "contents": message,
            "name": "DepositWallet",
            "version": "1",
            "chainId": 137,
            "verifyingContract": order["maker"],
            "salt": bytes(32),
        }
        inner = self.account.sign_message(encode_typed_data(domain, NESTED, nested)).signature
        kind = f"Order({FIELDS})".encode()
        return "0x" + (bytes(inner) + plain.header + plain.body + kind + len(kind).to_bytes(2, "big")).hex()

    def sent(self, order: dict[str, Any], order_type: str = "GTC", **more: Any) -> dict[str, Any]:
        """Return the body that places an order."""
        return {"order": order, "owner": self.creds["apiKey"], "orderType": order_type, **more}

    def post_order(self, *args: Any, order_type: str = "GTC", **options: Any) -> httpx.Response:
        """Place an order; what `order` does not take goes into the body beside it."""
        beside = {name: options.pop(name) for name in ("postOnly", "deferExec", "owner") if name in options}
        expiration = options.pop("expiration", "0")
        order = {**self.order(*args, **options), "expiration": expiration}
        return self.send("POST", "/order", self.sent(order, order_type, **beside))

    def place(self, *args: Any, **options: Any) -> Any:
        """Place an order that is taken, and return the answer."""
        answer = self.good(self.post_order(*args, **options))
        assert answer["success"], answer
        return answer

    def refused(self, *args: Any, **options: Any) -> tuple[int, str]:
        """Place an order that is not taken, and return status and text."""
        answer = self.post_order(*args, **options)
        return answer.status_code, answer.json()["error"]


class FarDoor(Door):
    """The same, at a sandbox in another process, of which only its line is known."""

    def __init__(self, told: dict[str, Any], account: int = 0) -> None:
        self.venue = SimpleNamespace(**told)
        self.account = Account.from_key(told["private_keys"][account])
        self.address = self.account.address
        self.number = account
        self._loop = asyncio.new_event_loop()
        tls = ssl.create_default_context(cafile=told["ca"]) if "ca" in told else True
        self._http = httpx.AsyncClient(base_url=told["rest"], verify=tls)
        self._creds = None
        # other runs must not place the same orders
        self._salts = itertools.count(time.time_ns() // 1000)

    @property
    def now_ns(self) -> int:
        """The time of this machine."""
        return time.time_ns()


def hmac_of(secret: str, stamp: str, method: str, path: str, body: bytes) -> str:
    """Return the signature of a level-2 request."""
    message = f"{stamp}{method}{path}".encode() + body
    digest = hmac.digest(base64.urlsafe_b64decode(secret), message, "sha256")
    return base64.urlsafe_b64encode(digest).decode()


def units(text: str) -> int:
    """Return a decimal in base units."""
    whole, _, fraction = text.partition(".")
    return int(whole) * 10**6 + int((fraction + "000000")[:6])


def hashed(data: bytes) -> bytes:
    """Return the Keccak hash."""
    return bytes(keccak(data))
