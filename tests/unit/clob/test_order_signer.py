"""Orders: signed as a general library signs them, refused when they cannot be, sent as they were signed."""

from __future__ import annotations

import json
import pickle
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from eth_abi.abi import decode
from eth_account import Account as EthAccount
from eth_account.messages import SignableMessage, encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from polyspec.clob.order import ZERO_BYTES32, SignedOrder, UnsignedOrder
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.signers import LocalSigner, as_signer
from polyspec.clob.wallets import Account, choose_wallet
from polyspec.errors import ConfigError, InvalidOrder
from tests.unit.clob.checks import ADDRESSES, KEYS, OWNER, TOKEN, account_of

KEY = KEYS[0]
SIGNER = LocalSigner.from_key(KEY)
WALLET = "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"
POSITION = str(2 << 248 | 77 << 104 | 5)
BYTES32 = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
UINT256 = st.one_of(st.integers(1, 10**12), st.integers(1, 2**256 - 1))
TOKENS = st.integers(0, 2**248 - 1)
V2_FIELDS = (
    "salt:uint256 maker:address signer:address tokenId:uint256 makerAmount:uint256 takerAmount:uint256"
    " side:uint8 signatureType:uint8 timestamp:uint256 metadata:bytes32 builder:bytes32"
)
V1_FIELDS = (
    "salt:uint256 maker:address signer:address taker:address tokenId:uint256 makerAmount:uint256"
    " takerAmount:uint256 expiration:uint256 nonce:uint256 feeRateBps:uint256 side:uint8 signatureType:uint8"
)
DOMAIN_FIELDS = "name:string version:string chainId:uint256 verifyingContract:address"


def orders_of(kind: int = 0, version: int = 2, *, neg_risk: bool = False, **changes: Any) -> OrderSigner:
    """Make a signer of orders for one of the four kinds of account."""
    account = account_of(SIGNER, kind, None if kind == 0 else WALLET)
    return OrderSigner(
        changes.get("signer", SIGNER), account, changes.get("chain_id", 137), version, neg_risk
    )


def plain(orders: OrderSigner, **changes: Any) -> UnsignedOrder:
    """Make an ordinary order, but for the changes."""
    fields = {"token_id": TOKEN if orders.version != 3 else POSITION, "side": "BUY"}
    fields |= {"maker_amount": 5_200_000, "taker_amount": 10_000_000, "timestamp_ms": 1_777_374_000_000}
    return orders.order(**(fields | {"salt": 479249096354} | changes))


def typed(fields: str) -> list[dict[str, str]]:
    """Write fields as EIP-712 libraries want them."""
    return [dict(zip(("name", "type"), each.split(":"), strict=True)) for each in fields.split()]


def struct_of(order: UnsignedOrder) -> dict[str, Any]:
    """Return what is signed of an order, by the contract's names."""
    found: dict[str, Any] = {
        "salt": order.salt,
        "maker": order.maker,
        "signer": order.signer,
        "tokenId": int(order.token_id),
        "makerAmount": order.maker_amount,
        "takerAmount": order.taker_amount,
        "side": ("BUY", "SELL").index(order.side),
        "signatureType": order.signature_type,
    }
    if order.version == 1:
        return found | {
            "taker": order.taker,
            "expiration": order.expiration,
            "nonce": order.nonce,
            "feeRateBps": order.fee_rate_bps,
        }
    return found | {
        "timestamp": order.timestamp_ms,
        "metadata": bytes.fromhex(order.metadata[2:]),
        "builder": bytes.fromhex(order.builder[2:]),
    }


def message_of(order: UnsignedOrder) -> SignableMessage:
    """Encode what the key signs with eth-account, which shares no code with us."""
    types = {
        "EIP712Domain": typed(DOMAIN_FIELDS),
        "Order": typed(V1_FIELDS if order.version == 1 else V2_FIELDS),
    }
    content: dict[str, Any] = struct_of(order)
    primary = "Order"
    if order.signature_type == 3:
        primary = "TypedDataSign"
        types[primary] = typed(f"contents:Order {DOMAIN_FIELDS} salt:bytes32")
        content = {"contents": content, "name": "DepositWallet", "version": "1", "chainId": order.chain_id}
        content |= {"verifyingContract": order.maker, "salt": bytes(32)}
    domain = {"name": "Polymarket CTF Exchange", "version": str(order.version), "chainId": order.chain_id}
    domain["verifyingContract"] = order.exchange
    return encode_typed_data(
        full_message={"types": types, "primaryType": primary, "domain": domain, "message": content}
    )


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_as_eth_account_signs_it(data: st.DataObject) -> None:
    """Whatever an order says, its digest and its signature are those of a general EIP-712 library."""
    version = data.draw(st.sampled_from([1, 2, 3]))
    kind = data.draw(st.sampled_from([0, 1, 2] if version == 1 else [0, 1, 2, 3]))
    chain_id = data.draw(st.sampled_from([137, 80002]))
    orders = orders_of(kind, version, neg_risk=data.draw(st.booleans()), chain_id=chain_id)
    token = data.draw(TOKENS)
    changes: dict[str, Any] = {"token_id": token if version != 3 else 3 << 248 | token >> 104 << 104}
    changes |= {
        name: data.draw(UINT256) for name in ("maker_amount", "taker_amount", "timestamp_ms", "expiration")
    }
    changes |= {
        "salt": data.draw(st.integers(0, 2**53 - 1)),
        "side": data.draw(st.sampled_from(["BUY", "SELL"])),
    }
    if version == 1:
        changes |= {"nonce": data.draw(UINT256), "fee_rate_bps": data.draw(UINT256), "taker": ADDRESSES[2]}
    else:
        changes |= {"metadata": data.draw(BYTES32), "builder": data.draw(BYTES32)}
    order = plain(orders, **changes)
    theirs = EthAccount.from_key(KEY).sign_message(message_of(order))
    assert orders.digest(order) == theirs.message_hash
    signed = orders.sign(order)
    assert signed.signature.startswith("0x" + theirs.signature.hex())
    if kind != 3:
        assert len(signed.signature) == 132
        assert signed.order_id == "0x" + theirs.message_hash.hex()
    assert signed == orders.finish(order, theirs.signature)
    assert signed.order_id == orders.order_id(order)


@pytest.mark.parametrize(
    "make",
    [
        lambda: EthAccount.from_key(KEY),
        lambda: as_signer(EthAccount.from_key(KEY)),
        lambda: SimpleNamespace(address=SIGNER.address, sign_hash=SIGNER.sign_hash),
        lambda: SimpleNamespace(
            address=SIGNER.address, sign_hash=lambda digest: SIGNER.sign_hash(digest).hex()
        ),
    ],
)
@pytest.mark.parametrize(("kind", "version"), [(0, 1), (1, 2), (2, 3), (3, 2), (3, 3)])
def test_any_signer_makes_the_same_order(make: Any, kind: int, version: int) -> None:
    """An account of eth-account and a signer of somebody else's give the order the key itself gives."""
    ours, theirs = orders_of(kind, version), orders_of(kind, version, signer=make())
    for salt in range(3):
        order = plain(ours, salt=salt)
        assert theirs.sign(order) == ours.sign(order)


class Vault:
    """A signer that counts how often it is asked, and may hold another key than it says."""

    def __init__(self, key: str, address: str = SIGNER.address) -> None:
        self.address = address
        self.asked = 0
        self._signer = LocalSigner.from_key(key)

    def sign_hash(self, digest: bytes) -> bytes:
        """Sign and count."""
        self.asked += 1
        return self._signer.sign_hash(digest)


@pytest.mark.parametrize("kind", [0, 3])
def test_signer_of_another_key_is_found_out(kind: int) -> None:
    """A signer that does not sign for its address is refused at its first order, and at every one."""
    vault = Vault(KEYS[1])
    orders = orders_of(kind, signer=vault)
    for count in (1, 2):
        with pytest.raises(ConfigError, match=f"{SIGNER.address} gave a signature of {ADDRESSES[1]}"):
            orders.sign(plain(orders))
        assert vault.asked == count


def test_a_signer_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signer that proved itself is trusted from then on; a key held here needs no proof."""
    checked: list[str] = []
    monkeypatch.setattr(
        "polyspec.clob.order_signer.check_signature", lambda address, *rest: checked.append(address)
    )
    orders = orders_of(signer=Vault(KEY))
    for _ in range(3):
        orders.sign(plain(orders))
    assert checked == [SIGNER.address]
    local = orders_of()
    local.sign(plain(local))
    assert checked == [SIGNER.address]


def test_finishing_with_a_wrong_signature() -> None:
    """A first signature made elsewhere is held against the address, also where the key is at hand."""
    orders = orders_of()
    order = plain(orders)
    for signature in (
        LocalSigner.from_key(KEYS[1]).sign_hash(orders.digest(order)),
        SIGNER.sign_hash(bytes(32)),
    ):
        with pytest.raises(ConfigError, match="32-byte digest as it is"):
            orders_of(signer=Vault(KEY)).finish(order, signature)
        with pytest.raises(ConfigError, match="32-byte digest as it is"):
            orders.finish(order, signature)
    with pytest.raises(ConfigError, match="65 bytes"):
        orders.finish(order, "0x1234")
    assert orders.finish(order, SIGNER.sign_hash(orders.digest(order)).hex()) == orders.sign(order)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token_id": ""}, "token_id"),
        ({"token_id": "0x12"}, "token_id"),
        ({"token_id": "012"}, "token_id"),
        ({"token_id": "\uff11\uff12"}, "token_id"),
        ({"token_id": '1"'}, "token_id"),
        ({"token_id": "-1"}, "token_id"),
        ({"token_id": -1}, "token_id"),
        ({"token_id": str(2**256)}, "token_id"),
        ({"token_id": "9" * 5000}, "token_id"),
        ({"token_id": True}, "token_id"),
        ({"token_id": None}, "token_id"),
        ({"token_id": POSITION}, "token_id"),
        ({"side": "buy"}, "side"),
        ({"side": "0"}, "side"),
        ({"side": None}, "side"),
        ({"maker_amount": 0}, "maker_amount"),
        ({"maker_amount": -5}, "maker_amount"),
        ({"maker_amount": 2**256}, "maker_amount"),
        ({"maker_amount": 1.0}, "maker_amount"),
        ({"maker_amount": "5"}, "maker_amount"),
        ({"maker_amount": True}, "maker_amount"),
        ({"taker_amount": 0}, "taker_amount"),
        ({"taker_amount": None}, "taker_amount"),
        ({"salt": -1}, "salt"),
        ({"salt": 2**53}, "salt"),
        ({"salt": "1"}, "salt"),
        ({"timestamp_ms": -1}, "timestamp_ms"),
        ({"timestamp_ms": 1.5}, "timestamp_ms"),
        ({"expiration": -1}, "expiration"),
        ({"expiration": True}, "expiration"),
        ({"metadata": "0x"}, "metadata"),
        ({"metadata": None}, "metadata"),
        ({"builder": "0x" + "g" * 64}, "builder"),
        ({"builder": bytes(32)}, "builder"),
        ({"nonce": 1}, "nonce"),
        ({"fee_rate_bps": 1}, "nonce"),
        ({"taker": ADDRESSES[1]}, "nonce"),
    ],
)
def test_what_no_order_can_say(changes: dict[str, Any], field: str) -> None:
    """A field that cannot be signed, or would break the JSON, is refused and named."""
    with pytest.raises(InvalidOrder) as caught:
        plain(orders_of(), **changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("version", "changes", "says"),
    [
        (1, {"builder": "0x" + "11" * 32}, "version 1 has no"),
        (1, {"nonce": -1}, "nonce"),
        (1, {"nonce": 1.0}, "nonce"),
        (1, {"fee_rate_bps": True}, "fee_rate_bps"),
        (1, {"taker": "0x12"}, "the taker must be an address"),
        (1, {"token_id": POSITION}, "exchange version 3"),
    ],
)
def test_what_a_version_does_not_know(version: int, changes: dict[str, Any], says: str) -> None:
    """Fields and tokens of one generation are refused by the others."""
    with pytest.raises(ConfigError, match=says):
        plain(orders_of(1, version), **changes)


def test_version_1_has_no_deposit_wallets() -> None:
    """Signature type 3 came with version 2."""
    with pytest.raises(ConfigError, match="version 1"):
        orders_of(3, 1)


@pytest.mark.parametrize("chain_id", [1, "137", None, True])
def test_other_chains(chain_id: Any) -> None:
    """The venue is on two chains."""
    with pytest.raises(ConfigError, match="137"):
        orders_of(chain_id=chain_id)


def test_signer_and_account_belong_together() -> None:
    """An account of another key is refused."""
    with pytest.raises(ConfigError, match="signer that of"):
        OrderSigner(SIGNER, choose_wallet(ADDRESSES[1]), 137, 2)


@pytest.mark.parametrize(
    "other",
    [
        lambda: orders_of(1),
        lambda: orders_of(neg_risk=True),
        lambda: orders_of(0, 1),
        lambda: orders_of(chain_id=80002),
        lambda: OrderSigner(LocalSigner.from_key(KEYS[1]), choose_wallet(ADDRESSES[1]), 137, 2),
    ],
)
def test_orders_of_others_are_not_signed(other: Any) -> None:
    """An order is signed only where it was made: for this account, exchange and chain."""
    orders, order = orders_of(), plain(other())
    for use in (orders.sign, orders.digest, orders.order_id, lambda each: orders.finish(each, bytes(65))):
        with pytest.raises(ConfigError, match="another account or exchange"):
            use(order)


@pytest.mark.parametrize(("kind", "other"), [(1, 2), (2, 1)])
def test_orders_of_another_signature_type_are_not_signed(kind: int, other: int) -> None:
    """The same wallet and key under another signature type are another account."""
    with pytest.raises(ConfigError, match="another account"):
        orders_of(kind).sign(plain(orders_of(other)))


def test_one_account_on_many_exchanges() -> None:
    """With one and the same account, an order is signed for the exchange it was made for, and no other."""
    account = account_of(SIGNER, 1, WALLET)
    places = [
        (version, chain_id, risk) for version in (1, 2) for chain_id in (137, 80002) for risk in (False, True)
    ]
    signers = [OrderSigner(SIGNER, account, chain_id, version, risk) for version, chain_id, risk in places]
    for maker in signers:
        order = plain(maker)
        for signer in signers:
            # the test net shares a neg-risk exchange, but not a chain
            if signer is maker:
                assert signer.sign(order).exchange == maker.exchange
                continue
            with pytest.raises(ConfigError, match="another account or exchange"):
                signer.sign(order)


def test_an_equal_order_from_elsewhere_is_signed() -> None:
    """An order that went through a pickle, or was made by a twin of the signer, is the same order."""
    orders, order = orders_of(), plain(orders_of())
    again = pickle.loads(pickle.dumps(order))
    assert again == order
    assert orders.sign(again) == orders.sign(order) == orders_of().sign(plain(orders))
    signed = orders.sign(order)
    assert pickle.loads(pickle.dumps(signed)) == signed
    assert hash(signed) == hash(orders.sign(order))


@pytest.mark.parametrize(
    "changes",
    [
        {"salt": "1"},
        {"salt": -1},
        {"maker_amount": 2**256},
        {"taker_amount": None},
        {"side": "HOLD"},
        {"token_id": "abc"},
        {"metadata": "0xzz"},
        {"builder": 5},
        {"timestamp_ms": 1.5},
    ],
)
def test_orders_tampered_with(changes: dict[str, Any]) -> None:
    """An order with a field no order can have is refused when it comes to signing."""
    orders = orders_of()
    with pytest.raises(ConfigError, match="make it with order"):
        orders.sign(replace(plain(orders), **changes))


@given(
    name=st.sampled_from(
        ["salt", "maker_amount", "taker_amount", "timestamp_ms", "token_id", "metadata", "builder"]
    ),
    bit=st.integers(0, 50),
)
@settings(max_examples=60, deadline=None)
def test_every_field_is_signed(name: str, bit: int) -> None:
    """One bit of one field makes another order id; the expiration alone is not signed since version 2."""
    orders = orders_of()
    order = plain(orders)
    value = getattr(order, name)
    other: Any
    if name in ("metadata", "builder"):
        other = f"0x{1 << bit:064x}"
    else:
        other = str(int(value) ^ 1 << bit) if name == "token_id" else value ^ 1 << bit
    assert orders.order_id(plain(orders, **{name: other})) != orders.order_id(order)
    assert orders.order_id(plain(orders, side="SELL")) != orders.order_id(order)
    assert orders.order_id(plain(orders, expiration=1 << bit)) == orders.order_id(order)


def test_token_ids_may_be_numbers() -> None:
    """A token id given as a number is the same as in digits."""
    orders = orders_of()
    assert plain(orders, token_id=int(TOKEN)) == plain(orders, token_id=TOKEN)


def test_many_tokens_and_tags() -> None:
    """What is kept for the next order is forgotten when it grows, and nothing is signed wrong for it."""
    orders = orders_of()
    first = plain(orders, token_id=5, metadata="0x" + "ab" * 32)
    expected = orders.sign(first)
    for number in range(1, 5000):
        plain(orders, token_id=number + 10, metadata=f"0x{number:064x}")
    assert len(orders._tokens) <= 4096
    assert len(orders._tags) <= 4096
    assert orders.sign(first) == expected
    assert orders.sign(plain(orders)) == orders_of().sign(plain(orders))


def test_threads_may_share_a_signer() -> None:
    """Orders signed on many threads at once are those signed one by one."""
    orders = orders_of(3)
    made = [plain(orders, salt=number, token_id=number * 7 + 1) for number in range(400)]
    expected = [orders_of(3).sign(order) for order in made]
    shared, found = orders_of(3), [[] for _ in range(4)]  # type: ignore[var-annotated]

    def work(mine: list[SignedOrder]) -> None:
        mine.extend(shared.sign(order) for order in made)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == expected for mine in found)


def session_signature() -> tuple[str, str, Account]:
    """Sign one order as the owner of a wallet would, and as a session key of it."""
    owner = OrderSigner(SIGNER, account_of(SIGNER, 3, WALLET), 137, 2)
    account = choose_wallet(SIGNER.address, 137, None, WALLET, session_key=True)
    session = OrderSigner(SIGNER, account, 137, 2)
    assert owner.digest(plain(owner)) == session.digest(plain(session))
    assert owner.order_id(plain(owner)) == session.order_id(plain(session))
    return owner.sign(plain(owner)).signature, session.sign(plain(session)).signature, account


def test_session_keys_wrap_the_signature() -> None:
    """A session key's signature is the wallet's, with the key's address around it and a mark at the end."""
    plain_form, wrapped, account = session_signature()
    raw = bytes.fromhex(wrapped[2:])
    assert raw.endswith(bytes.fromhex("6492" * 16))
    signer, zero, inner = decode(["bytes32", "bytes32", "bytes"], raw[:-32])
    assert signer == bytes(12) + bytes.fromhex(account.address[2:])
    assert zero == bytes(32)
    assert "0x" + inner.hex() == plain_form


def test_wallet_signature_has_its_parts_in_order() -> None:
    """Type 3: the key's signature, the domain, the order's hash, the order's type and its length."""
    orders = orders_of(3)
    raw = bytes.fromhex(orders.sign(plain(orders)).signature[2:])
    assert len(raw) == 65 + 32 + 32 + 186 + 2
    assert raw[65:97] == orders._prefix[2:]
    described = raw[129:-2].decode()
    assert described.startswith("Order(uint256 salt,address maker")
    assert int.from_bytes(raw[-2:], "big") == len(described) == 186


TYPES = ("GTC", "GTD", "FOK", "FAK")


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("order_type", TYPES)
@pytest.mark.parametrize("expires", [False, True])
@pytest.mark.parametrize("post_only", [False, True])
def test_bodies(version: int, order_type: str, expires: bool, post_only: bool) -> None:
    """A body is compact JSON of exactly the fields the venue knows; combinations it refuses are refused."""
    orders = orders_of(1, version)
    order = plain(orders, expiration=1_893_456_000 if expires else 0)
    signed = orders.sign(order)
    if expires != (order_type == "GTD") or (post_only and order_type in ("FOK", "FAK")):
        with pytest.raises(InvalidOrder) as caught:
            signed.body(OWNER, order_type, post_only=post_only)
        assert caught.value.field in ("expiration", "post_only")
        return
    raw = signed.body(OWNER, order_type, post_only=post_only, defer_exec=expires)
    body = json.loads(raw)
    assert json.dumps(body, separators=(",", ":")).encode() == raw
    assert list(body) == ["order", "owner", "orderType", "deferExec", "postOnly"]
    assert body["orderType"] == order_type
    assert (body["postOnly"], body["deferExec"]) == (post_only, expires)
    numbers = [name for name, value in body["order"].items() if isinstance(value, int)]
    assert sorted(numbers) == ["salt", "signatureType"]
    assert body["order"]["signature"] == signed.signature
    assert body["order"]["expiration"] == str(order.expiration)


@pytest.mark.parametrize("owner", ["", 'a"b', "a\\b", "a b", "a\nb", "é", None, 5])
def test_owners(owner: Any) -> None:
    """The owner is an API key: nothing that would need escaping."""
    orders = orders_of()
    with pytest.raises(ConfigError, match="owner"):
        orders.sign(plain(orders)).body(owner)


@pytest.mark.parametrize("order_type", ["gtc", "", "IOC", None])
def test_order_types(order_type: Any) -> None:
    """There are four order types."""
    orders = orders_of()
    with pytest.raises(InvalidOrder, match="GTC, GTD, FOK and FAK"):
        orders.sign(plain(orders)).body(OWNER, order_type)


@given(salt=st.integers(0, 2**53 - 1), token=TOKENS, maker=UINT256, taker=UINT256)
@settings(max_examples=60, deadline=None)
def test_body_says_what_was_signed(salt: int, token: int, maker: int, taker: int) -> None:
    """Read back from its body, an order has the id it was sent under."""
    orders = orders_of(2)
    signed = orders.sign(plain(orders, salt=salt, token_id=token, maker_amount=maker, taker_amount=taker))
    read = json.loads(signed.body(OWNER))["order"]
    again = orders.order(
        read["tokenId"],
        read["side"],
        int(read["makerAmount"]),
        int(read["takerAmount"]),
        timestamp_ms=int(read["timestamp"]),
        salt=read["salt"],
        metadata=read["metadata"],
        builder=read["builder"],
    )
    assert orders.order_id(again) == signed.order_id
    assert (read["maker"], read["signer"]) == (WALLET, SIGNER.address)
    assert read["metadata"] == ZERO_BYTES32
