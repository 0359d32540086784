"""Which wallet trades, and that no other does by mistake."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from polyspec.clob.addresses import parse_address
from polyspec.clob.contracts import exchange_of
from polyspec.clob.positions import is_position_id
from polyspec.clob.wallets import Account, Wallets, choose_wallet, derive_wallets
from polyspec.errors import ConfigError
from tests.unit.clob.checks import ADDRESSES, KEYS, TOKEN

OWNER = ADDRESSES[0]
WALLETS = derive_wallets(OWNER)
STRANGER = "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955"
BY_NAME = {
    "eoa": (0, WALLETS.eoa),
    "proxy": (1, WALLETS.proxy),
    "safe": (2, WALLETS.safe),
    "deposit_beacon": (3, WALLETS.deposit_beacon),
    "deposit_uups": (3, WALLETS.deposit_uups),
}


@pytest.mark.parametrize(("kind", "wallet"), BY_NAME.values(), ids=BY_NAME)
def test_a_funder_says_its_type(kind: int, wallet: str) -> None:
    """A wallet of the key is found, whatever is left out or how its address is spelt."""
    expected = Account(OWNER, wallet, wallet if kind == 3 else OWNER, kind)
    for spelling in (wallet, wallet.lower(), "0x" + wallet[2:].upper()):
        assert choose_wallet(OWNER, 137, None, spelling) == expected
        assert choose_wallet(OWNER.lower(), 137, kind, spelling) == expected
    assert not expected.session_key


@pytest.mark.parametrize(
    ("kind", "wallet"),
    [
        (None, WALLETS.eoa),
        (0, WALLETS.eoa),
        (1, WALLETS.proxy),
        (2, WALLETS.safe),
        (3, WALLETS.deposit_beacon),
    ],
)
def test_a_type_says_its_wallet(kind: int | None, wallet: str) -> None:
    """A type alone stands for the key's wallet of that type, and nothing for the key itself."""
    assert choose_wallet(OWNER, 137, kind).maker == wallet


@pytest.mark.parametrize("kind", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("funder", [STRANGER, *(wallet for _, wallet in BY_NAME.values())])
def test_no_other_funder_is_taken(kind: int | None, funder: str) -> None:
    """A funder that is not the key's wallet of that type is refused, with what it could be."""
    fits = any(funder == wallet and kind in (None, each) for each, wallet in BY_NAME.values())
    if fits:
        assert choose_wallet(OWNER, 137, kind, funder).maker == funder
        return
    with pytest.raises(ConfigError) as caught:
        choose_wallet(OWNER, 137, kind, funder)
    assert funder in str(caught.value)
    if kind:
        for _, wallet in BY_NAME.values():
            assert wallet in str(caught.value)


def test_session_keys_are_said_out_loud() -> None:
    """A stranger's wallet is taken for a session key only when it is called one, and as a deposit wallet."""
    account = choose_wallet(OWNER, 137, None, STRANGER, session_key=True)
    assert account == Account(OWNER, STRANGER, STRANGER, 3, True)
    assert choose_wallet(OWNER, 137, 3, STRANGER, session_key=True) == account
    for kind, funder in ((0, STRANGER), (1, STRANGER), (2, STRANGER), (3, None), (None, OWNER)):
        with pytest.raises(ConfigError, match="session key"):
            choose_wallet(OWNER, 137, kind, funder, session_key=True)


def test_test_net_believes_the_funder() -> None:
    """Where the factories are unknown a funder with a type is believed, and one of both is not enough."""
    for kind in (1, 2, 3):
        account = choose_wallet(OWNER, 80002, kind, STRANGER)
        assert (account.maker, account.signature_type) == (STRANGER, kind)
        with pytest.raises(ConfigError, match="name the funder"):
            choose_wallet(OWNER, 80002, kind)
    assert choose_wallet(OWNER, 80002).maker == OWNER
    with pytest.raises(ConfigError, match="80002"):
        choose_wallet(OWNER, 80002, None, STRANGER)
    with pytest.raises(ConfigError, match="80002"):
        derive_wallets(OWNER, 80002)


@pytest.mark.parametrize("kind", [4, -1, True, 1.0, "1"])
def test_other_types(kind: Any) -> None:
    """There are four signature types."""
    with pytest.raises(ConfigError, match="signature types"):
        choose_wallet(OWNER, 137, kind)
    with pytest.raises(ConfigError, match="signature types"):
        Account(OWNER, OWNER, OWNER, kind)


@pytest.mark.parametrize(
    ("maker", "signer", "kind", "session"),
    [
        (STRANGER, OWNER, 0, False),
        (OWNER, STRANGER, 0, False),
        (STRANGER, STRANGER, 1, False),
        (STRANGER, STRANGER, 2, False),
        (STRANGER, OWNER, 3, False),
        (STRANGER, OWNER, 1, True),
        (OWNER, OWNER, 0, True),
    ],
)
def test_accounts_that_make_no_sense(maker: str, signer: str, kind: int, session: bool) -> None:
    """An account put together by hand holds to what its type means."""
    with pytest.raises(ConfigError):
        Account(OWNER, maker, signer, kind, session)


@given(raw=st.binary(min_size=20, max_size=20))
def test_checksums(raw: bytes) -> None:
    """Addresses get the checksum eth-utils gives them; lower and upper case are taken without one."""
    expected = to_checksum_address(raw)
    for spelling in (expected, expected.lower(), "0x" + expected[2:].upper()):
        assert parse_address(spelling, "it") == expected


@given(raw=st.binary(min_size=20, max_size=20), data=st.data())
def test_wrong_checksums(raw: bytes, data: st.DataObject) -> None:
    """A capital in the wrong place is a mistyped address."""
    right = to_checksum_address(raw)
    letters = [at for at in range(2, 42) if right[at].isalpha()]
    at = data.draw(st.sampled_from(letters)) if letters else 2
    wrong = right[:at] + right[at].swapcase() + right[at + 1 :]
    if wrong[2:] in (right[2:].lower(), right[2:].upper()):
        assert parse_address(wrong, "it") == right
        return
    with pytest.raises(ConfigError, match="checksum"):
        parse_address(wrong, "it")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0x",
        OWNER[2:],
        OWNER[:-1],
        OWNER + "0",
        "0X" + OWNER[2:],
        f" {OWNER}",
        "0x" + "g" * 40,
        None,
        7,
        OWNER.encode(),
    ],
)
def test_what_is_no_address(value: Any) -> None:
    """An address is 0x and 40 hexadecimal digits, as text."""
    with pytest.raises(ConfigError, match="the funder must be an address"):
        choose_wallet(OWNER, 137, 1, value if value is not None else 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [KEYS[0], KEYS[0][2:]])
def test_a_key_in_place_of_an_address(key: str) -> None:
    """A private key where an address belongs is recognised, and not shown."""
    with pytest.raises(ConfigError, match="form of a private key") as caught:
        choose_wallet(OWNER, 137, 1, key)
    assert key[10:30] not in str(caught.value)


def test_wallets_of_two_keys_differ() -> None:
    """No wallet of one key is a wallet of another."""
    other = derive_wallets(ADDRESSES[1])
    fields = ("eoa", "proxy", "safe", "deposit_uups", "deposit_beacon")
    mine, theirs = ({getattr(each, name) for name in fields} for each in (WALLETS, other))
    assert len(mine) == len(theirs) == 5
    assert not mine & theirs
    assert isinstance(other, Wallets)


@pytest.mark.parametrize(
    ("version", "chain_id"), [(0, 137), (4, 137), ("2", 137), (True, 137), (2.0, 137), (2, 1), (2, "137")]
)
def test_unknown_exchanges(version: Any, chain_id: Any) -> None:
    """Neither another generation nor another chain has an exchange."""
    with pytest.raises(ConfigError):
        exchange_of(version, chain_id, False)


def test_exchanges_differ() -> None:
    """Every generation has its own exchange, and neg risk another one until the third."""
    for chain_id in (137, 80002):
        plain = [exchange_of(version, chain_id, False) for version in (1, 2, 3)]
        neg_risk = [exchange_of(version, chain_id, True) for version in (1, 2, 3)]
        assert len({*plain, *neg_risk}) == 5
        assert plain[2] == neg_risk[2]


@given(module=st.integers(1, 3), upper=st.integers(0, 2**144 - 1), lower=st.integers(0, 2**40 - 1))
def test_position_ids(module: int, upper: int, lower: int) -> None:
    """A module in the top byte and 64 zero bits make a position id; one bit among them set makes none."""
    token = module << 248 | upper << 104 | lower
    assert is_position_id(token)
    assert not is_position_id(token | 1 << 40)
    assert not is_position_id(token | 1 << 103)
    assert not is_position_id(token & (1 << 248) - 1)
    assert not is_position_id(token | 4 << 248)


def test_ordinary_tokens_are_no_position_ids() -> None:
    """A token of the conditional-tokens contract is none."""
    assert not is_position_id(int(TOKEN))
    assert not is_position_id(0)
