"""Order signatures: every wallet type, every exchange, and whatever does not belong together."""

from __future__ import annotations

from typing import Any

import pytest
from clob_door import V1, V2, V3, ZERO, Door
from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data

from polyspec.sandbox.clob.seeds import ACCOUNTS
from polyspec.sandbox.clob.wallets import wallets_of

STRANGER = Account.from_key("0x" + "77" * 32)
NOT_SIGNED = (400, "invalid signature")
NOT_SIGNER = (400, "the order signer address has to be the address of the API KEY")
NOT_MAKER = (400, "maker address not allowed, please use the deposit wallet flow")
MISMATCH = (400, "order_version_mismatch")
PAYLOAD = (400, "Invalid order payload")


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
@pytest.mark.parametrize("book", ["plain", "neg_risk", "position"])
def test_every_wallet_can_trade_everywhere(door: Door, kind: int, book: str) -> None:
    """Orders of all four types are taken for all three exchanges; their id is the digest that was signed."""
    token = {
        "plain": door.venue.token_ids[0],
        "neg_risk": door.venue.neg_risk_token_ids[0],
        "position": door.venue.position_ids[0],
    }[book]
    order = door.order(price="0.10", token=token, kind=kind)
    answer = door.post("/order", door.sent(order))
    assert answer["success"]
    assert answer["orderID"] == digest_of(door, order)
    shown = door.get(f"/data/order/{answer['orderID']}")
    assert (shown["maker_address"], shown["asset_id"]) == (door.wallet(kind), token)


def digest_of(door: Door, order: dict[str, Any]) -> str:
    """Return the id of an order by eth-account."""
    from clob_door import ORDER, hashed

    version = 3 if order["tokenId"] in door.venue.position_ids else 2
    exchange = V3 if version == 3 else V2[order["tokenId"] in door.venue.neg_risk_token_ids]
    domain = {
        "name": "Polymarket CTF Exchange",
        "version": str(version),
        "chainId": 137,
        "verifyingContract": exchange,
    }
    message = {name: order[name] for name in ("salt", "maker", "signer", "signatureType")}
    message |= {name: int(order[name]) for name in ("tokenId", "makerAmount", "takerAmount", "timestamp")}
    message |= {"side": int(order["side"] == "SELL"), "metadata": bytes(32), "builder": bytes(32)}
    signable = encode_typed_data(domain, ORDER, message)
    return "0x" + hashed(b"\x19\x01" + signable.header + signable.body).hex()


def test_both_forms_of_deposit_wallets_belong_to_a_key(door: Door) -> None:
    """The older form is as good as the current one."""
    for maker in ACCOUNTS[0].wallets.deposits:
        assert door.place(kind=3, maker=maker, signer=maker)["status"] == "live"


def test_listed_wallets_are_the_derived_ones() -> None:
    """What the first morning funds is what CREATE2 says belongs to the keys."""
    for account in ACCOUNTS:
        assert Account.from_key(account.private_key).address == account.wallets.eoa
        assert wallets_of(account.wallets.eoa) == account.wallets


# -- signatures --


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "field", ["salt", "makerAmount", "takerAmount", "side", "timestamp", "metadata", "builder"]
)
def test_everything_signed_is_checked(door: Door, kind: int, field: str) -> None:
    """Whatever is changed after signing makes the signature one of another order."""
    order = door.order(kind=kind)
    other = {
        "salt": order["salt"] + 1,
        "makerAmount": "5000000",
        "takerAmount": "20000000",
        "side": "SELL",
        "timestamp": str(int(order["timestamp"]) + 1),
        "metadata": "0x" + "1" * 64,
        "builder": "0x" + "2" * 64,
    }
    answer = door.send("POST", "/order", door.sent({**order, field: other[field]}))
    assert (answer.status_code, answer.json()["error"]) == NOT_SIGNED


def test_the_expiration_is_not_signed(door: Door) -> None:
    """It is a wire field: an order can be given one after it was signed."""
    order = {**door.order(), "expiration": str(door.now + 600)}
    assert door.post("/order", door.sent(order, "GTD"))["status"] == "live"


@pytest.mark.parametrize(
    "signature",
    [
        "0x",
        "0x" + "00" * 65,
        "0x" + "11" * 64 + "1b",
        "0x" + "11" * 65 + "00",
        "signed",
        "0x" + "ff" * 64 + "1c",
    ],
)
def test_nonsense_is_no_signature(door: Door, signature: str) -> None:
    """Short, long, out of range, not hex: all are invalid signatures."""
    answer = door.send("POST", "/order", door.sent({**door.order(), "signature": signature}))
    assert (answer.status_code, answer.json()["error"]) == NOT_SIGNED


def test_another_key_signs_nothing(door: Door, other: Door) -> None:
    """An order in the name of one key, signed by another, is refused for every type."""
    for kind in (0, 1, 2, 3):
        order = door.order(kind=kind)
        plain = {name: value for name, value in order.items() if name not in ("signature", "expiration")}
        forged = {**order, "signature": other.sign(plain, 2, V2[0])}
        answer = door.send("POST", "/order", door.sent(forged))
        assert (answer.status_code, answer.json()["error"]) == NOT_SIGNED


@pytest.mark.parametrize("book", ["plain", "neg_risk"])
def test_the_exchange_of_the_market_counts(door: Door, book: str) -> None:
    """A neg-risk market has an exchange of its own; a signature for the other one is invalid."""
    neg_risk = book == "neg_risk"
    token = door.venue.neg_risk_token_ids[0] if neg_risk else door.venue.token_ids[0]
    assert door.refused(price="0.10", token=token, exchange=V2[not neg_risk]) == NOT_SIGNED


@pytest.mark.parametrize("cut", [1, 2, 34, 66, 65 + 186])
def test_nested_signatures_carry_their_hashes(door: Door, cut: int) -> None:
    """A deposit wallet's signature without its appendix, or with a shorter one, is none."""
    order = door.order(kind=3)
    answer = door.send("POST", "/order", door.sent({**order, "signature": order["signature"][: -2 * cut]}))
    assert (answer.status_code, answer.json()["error"]) == NOT_SIGNED


@pytest.mark.parametrize("place", [65, 97, 129, -1])
def test_nested_hashes_are_recomputed(door: Door, place: int) -> None:
    """Domain, contents, type and length in the appendix are those of this order."""
    order = door.order(kind=3)
    raw = bytearray.fromhex(order["signature"][2:])
    raw[place] ^= 1
    answer = door.send("POST", "/order", door.sent({**order, "signature": "0x" + raw.hex()}))
    assert (answer.status_code, answer.json()["error"]) == NOT_SIGNED


def test_a_plain_signature_is_not_a_deposit_wallets(door: Door) -> None:
    """Type 3 needs the nested form even when its owner signed the order itself."""
    order = door.order(kind=3)
    plain = {name: value for name, value in order.items() if name not in ("signature", "expiration")}
    as_owner = door.sign({**plain, "signatureType": 0}, 2, V2[0])
    answer = door.send("POST", "/order", door.sent({**order, "signature": as_owner}))
    assert (answer.status_code, answer.json()["error"]) == NOT_SIGNED


def session(door: Door, other: Door, **changes: Any) -> dict[str, Any]:
    """Return an order of the second key's deposit wallet, signed with a session key that the first one is."""
    maker = other.wallet(3)
    order = door.order(kind=3, maker=maker, signer=maker)
    parts = {
        "signer": bytes.fromhex(door.address[2:]).rjust(32, b"\0"),
        "zero": bytes(32),
        "inner": bytes.fromhex(order["signature"][2:]),
        "mark": bytes.fromhex("6492" * 16),
        **changes,
    }
    wrapped = encode(["bytes32", "bytes32", "bytes"], [parts["signer"], parts["zero"], parts["inner"]])
    return {**order, "signature": "0x" + (wrapped + parts["mark"]).hex()}


def test_session_keys_sign_for_wallets_they_were_granted(door: Door, other: Door) -> None:
    """Without a grant the wallet is a stranger's; with it the wrapped signature is taken, and only that."""
    refused = door.send("POST", "/order", door.sent(session(door, other)))
    assert (refused.status_code, refused.json()["error"]) == NOT_SIGNER
    door.control("POST", "modes", {"sessions": {door.address: [other.wallet(3)]}})
    assert door.post("/order", door.sent(session(door, other)))["status"] == "live"
    plain = door.order(kind=3, maker=other.wallet(3), signer=other.wallet(3))
    for bad in (
        plain,
        session(door, other, signer=bytes.fromhex(other.address[2:]).rjust(32, b"\0")),
        session(door, other, zero=b"\1" * 32),
        session(door, other, mark=bytes(32)),
        session(door, other, inner=bytes(65)),
    ):
        answer = door.send("POST", "/order", door.sent(bad))
        assert (answer.status_code, answer.json()["error"]) == NOT_SIGNED


# -- who is who --


def test_the_owner_is_the_key_of_the_request(door: Door, other: Door) -> None:
    """Not another key, not an address, not even another key of the same wallet."""
    second = door.good(door.raw("POST", "/auth/api-key", headers=door.level1(nonce=4)))["apiKey"]
    for owner in (other.creds["apiKey"], door.address, second, ""):
        assert door.refused(owner=owner) == (400, "the order owner has to be the owner of the API KEY")


def test_the_signer_is_the_address_of_the_key(door: Door) -> None:
    """Another signer is refused whoever signed; for type 3 it is the wallet, not its owner."""
    assert door.refused(signer=STRANGER.address) == NOT_SIGNER
    assert door.refused(kind=1, signer=door.wallet(1)) == NOT_SIGNER
    assert door.refused(kind=3, signer=door.address) == NOT_SIGNER
    assert door.refused(kind=3, maker=STRANGER.address, signer=STRANGER.address) == NOT_SIGNER


def test_the_maker_belongs_to_the_signer(door: Door, other: Door) -> None:
    """A wallet of somebody else, or of another type, is not allowed."""
    assert door.refused(maker=door.wallet(1)) == NOT_MAKER
    assert door.refused(kind=1, maker=door.wallet(2)) == NOT_MAKER
    assert door.refused(kind=2, maker=other.wallet(2)) == NOT_MAKER
    assert door.refused(kind=1, maker=door.address) == NOT_MAKER
    first, second = ACCOUNTS[0].wallets.deposits
    assert door.refused(kind=3, maker=first, signer=second) == NOT_MAKER


def test_a_venue_may_take_deposit_wallets_only(open_door: Any) -> None:
    """As with new accounts, the other types are sent to the deposit wallet flow."""
    door = open_door(deposit_wallets_only=True)
    for kind in (0, 1, 2):
        assert door.refused(kind=kind) == NOT_MAKER
    assert door.place(kind=3)["status"] == "live"


@pytest.mark.parametrize("whom", ["maker", "key"])
def test_the_banned_are_told_so(door: Door, whom: str) -> None:
    """Whether the wallet or the key's address is banned."""
    address = (door.wallet(2) if whom == "maker" else door.address).lower()
    door.control("POST", "modes", {"banned": [address]})
    assert door.refused(kind=2) == (400, f"'{address}' address banned")
    batch = door.send("POST", "/orders", [door.sent(door.order(kind=2))])
    assert (batch.status_code, batch.json()["error"]) == (400, f"'{address}' address banned")


def test_who_may_only_close_can_sell(door: Door) -> None:
    """Closed-only addresses are told so for buys, can sell what they have, and can ask."""
    assert door.get("/auth/ban-status/closed-only") == {"closed_only": False}
    door.control("POST", "modes", {"closed_only": [door.address]})
    assert door.get("/auth/ban-status/closed-only") == {"closed_only": True}
    assert door.refused() == (400, f"'{door.address.lower()}' address in closed only mode")
    assert door.place("SELL", "0.90")["status"] == "live"


# -- versions --


def v1(door: Door, **changes: Any) -> dict[str, Any]:
    """Return an order of the first version, signed as it was then."""
    from clob_door import FIELDS_V1, members

    made: dict[str, Any] = {
        "salt": 5,
        "maker": door.address,
        "signer": door.address,
        "taker": "0x" + "0" * 40,
        "tokenId": door.venue.token_ids[0],
        "makerAmount": "4000000",
        "takerAmount": "10000000",
        "expiration": "0",
        "nonce": "0",
        "feeRateBps": "0",
        "side": "BUY",
        "signatureType": 0,
        **changes,
    }
    numbers = ("tokenId", "makerAmount", "takerAmount", "expiration", "nonce", "feeRateBps")
    message = {**made, "side": 0, **{name: int(made[name]) for name in numbers}}
    domain = {
        "name": "Polymarket CTF Exchange",
        "version": "1",
        "chainId": 137,
        "verifyingContract": V1[0],
    }
    signed = door.account.sign_message(encode_typed_data(domain, {"Order": members(FIELDS_V1)}, message))
    return {**made, "signature": "0x" + bytes(signed.signature).hex()}


def test_orders_of_the_first_version_are_refused(door: Door) -> None:
    """Alone and in a batch, with the word clients look for."""
    for path, body in (("/order", door.sent(v1(door))), ("/orders", [door.sent(v1(door))])):
        answer = door.send("POST", path, body)
        assert (answer.status_code, answer.json()["error"]) == MISMATCH


def test_position_ids_are_signed_for_the_third_version(door: Door) -> None:
    """Under the second version's domain their orders are of the wrong version."""
    token = door.venue.position_ids[0]
    assert door.refused(price="0.10", token=token, version=2) == MISMATCH
    assert door.refused(token=door.venue.token_ids[0], version=3) == MISMATCH


def test_the_version_can_be_cut_over(door: Door) -> None:
    """After the cutover plain tokens need the third version too, and the venue says so."""
    assert door.public("/version") == {"version": 2}
    door.control("POST", "modes", {"version": 3})
    assert door.public("/version") == {"version": 3}
    assert door.refused() == MISMATCH
    assert door.place(version=3)["status"] == "live"
    assert door.place(price="0.10", token=door.venue.position_ids[0])["status"] == "live"


# -- payloads --


@pytest.mark.parametrize(
    "changes",
    [
        {"salt": "5"},
        {"salt": -1},
        {"salt": 2**53},
        {"salt": 1.5},
        {"makerAmount": 4000000},
        {"makerAmount": "4000000.0"},
        {"makerAmount": "-4000000"},
        {"makerAmount": "0"},
        {"makerAmount": "04000000"},
        {"makerAmount": ""},
        {"takerAmount": str(2**63)},
        {"tokenId": "0x12"},
        {"tokenId": str(2**256)},
        {"side": 0},
        {"side": "buy"},
        {"signatureType": "0"},
        {"signatureType": 4},
        {"expiration": 0},
        {"expiration": "-1"},
        {"timestamp": 1},
        {"timestamp": ""},
        {"metadata": "0x00"},
        {"builder": "builder"},
        {"maker": "0x1234"},
        {"signer": "0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266"},
    ],
    ids=str,
)
def test_badly_formed_orders_are_refused(door: Door, changes: dict[str, Any]) -> None:
    """Numbers as text where text is due and the reverse, out of range, wrong spelling."""
    answer = door.send("POST", "/order", door.sent({**door.order(), **changes}))
    assert (answer.status_code, answer.json()["error"]) == PAYLOAD


@pytest.mark.parametrize(
    "missing",
    [
        "salt",
        "maker",
        "signer",
        "tokenId",
        "makerAmount",
        "takerAmount",
        "side",
        "expiration",
        "signature",
        "timestamp",
    ],
)
def test_orders_lack_nothing(door: Door, missing: str) -> None:
    """Each field of the order is needed."""
    order = door.order()
    del order[missing]
    answer = door.send("POST", "/order", door.sent(order))
    assert (answer.status_code, answer.json()["error"]) == PAYLOAD


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"{", b'"order"', b"\xff", b"[" * 5000, b'{"order": 1, "owner": "x"}'],
)
def test_bodies_that_are_no_order(door: Door, body: bytes) -> None:
    """Whatever is no placement is an invalid payload."""
    answer = door.send("POST", "/order", body)
    assert (answer.status_code, answer.json()["error"]) == PAYLOAD


def test_metadata_and_builder_are_zero_by_default(door: Door) -> None:
    """They may be left out; what was signed is zeros then."""
    order = {name: value for name, value in door.order().items() if name not in ("metadata", "builder")}
    assert door.post("/order", door.sent(order))["success"]
    assert ZERO == "0x" + "0" * 64
