"""Which wallets belong to a key, worked out without asking anybody, and which of them trades."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from attrs import field, frozen

from polyspec.clob.addresses import address_word, checksummed, parse_address
from polyspec.clob.contracts import POLYGON, WALLET_FACTORIES, WalletFactories, check_chain
from polyspec.clob.keccak import keccak256
from polyspec.errors import ConfigError

__all__ = [
    "EOA",
    "POLY_1271",
    "POLY_GNOSIS_SAFE",
    "POLY_PROXY",
    "Account",
    "Wallets",
    "choose_wallet",
    "derive_wallets",
]

EOA: Final = 0
POLY_PROXY: Final = 1
POLY_GNOSIS_SAFE: Final = 2
POLY_1271: Final = 3

# Creation code of the wallets, around the addresses and arguments that are put into it. The first is the
# venue's own; both others are minimal ERC-1967 proxies of Solady (LibClone), with arguments appended.
_PROXY_CODE: Final = (
    bytes.fromhex("3d3d606380380380913d393d73"),
    bytes.fromhex("5af4602a57600080fd5b602d8060366000396000f3363d3d373d3d3d363d73"),
    bytes.fromhex("5af43d82803e903d91602b57fd5bf352e831dd"),
)
_UUPS_SIZE: Final = 0x3D
_UUPS_CODE: Final = bytes.fromhex(
    "60095155f3363d3d373d3d363d7f360894a13ba1a3210667c828492db98dca3e2076"
    "cc3735a920a3ca505d382bbc545af43d6000803e6038573d6000fd5b3d6000f3"
)
_BEACON_SIZE: Final = 0x52
_BEACON_CODE: Final = bytes.fromhex(
    "60195155f3363d3d373d3d363d602036600436635c60da1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c"
    "b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3"
)


@frozen
class Wallets:
    """The addresses at which a key may hold its money on this venue; none need exist yet."""

    eoa: str
    """The address of the key itself, signature type 0."""
    proxy: str
    """Of accounts opened with an e-mail address, signature type 1."""
    safe: str
    """Of accounts opened with a browser wallet, signature type 2."""
    deposit_uups: str
    """Deposit wallet of the older kind, signature type 3."""
    deposit_beacon: str
    """Deposit wallet of the current kind, signature type 3."""


def _checked(address: str) -> str:
    return parse_address(address, "an address of the account")


def _kind(value: object) -> int:
    if type(value) is not int or value not in (EOA, POLY_PROXY, POLY_GNOSIS_SAFE, POLY_1271):
        raise ConfigError("signature types are 0 (own address), 1 (proxy), 2 (Safe) and 3 (deposit wallet)")
    return value


@frozen
class Account:
    """Who an order is by: the key that signs, the wallet that pays, and what the order says of both."""

    address: str = field(converter=_checked)
    """Of the key; requests are made in its name."""
    maker: str = field(converter=_checked)
    """The wallet that holds the money."""
    signer_field: str = field(converter=_checked)
    """What orders name as their signer: the key, or for type 3 the wallet."""
    signature_type: int
    session_key: bool = False
    """Whether the key is not the owner's, but one that the owner of the deposit wallet let in."""

    def __attrs_post_init__(self) -> None:
        _kind(self.signature_type)
        wallet = self.signature_type == POLY_1271
        if self.signer_field != (self.maker if wallet else self.address):
            raise ConfigError("the signer of an order is the key, and for signature type 3 the wallet")
        if self.signature_type == EOA and self.maker != self.address:
            raise ConfigError("with signature type 0 the key pays itself: the funder is its own address")
        if self.session_key and not wallet:
            raise ConfigError("session keys sign for deposit wallets, which have signature type 3")


def _create2(factory: str, salt: bytes, code_hash: bytes) -> str:
    return checksummed(keccak256(b"\xff" + bytes.fromhex(factory[2:]) + salt + code_hash)[12:])


def _minimal_proxy(size: int, target: str, code: bytes, arguments: bytes) -> bytes:
    length = (size + len(arguments)).to_bytes(2, "big")
    push = b"\x61" + length + bytes.fromhex("3d8160233d3973")
    return keccak256(push + bytes.fromhex(target[2:]) + code + arguments)


def _deposits(word: bytes, known: WalletFactories) -> tuple[str, str]:
    arguments = address_word(known.deposit_factory) + word
    salt = keccak256(arguments)
    hashes = (
        _minimal_proxy(_UUPS_SIZE, known.deposit_implementation, _UUPS_CODE, arguments),
        _minimal_proxy(_BEACON_SIZE, known.deposit_beacon, _BEACON_CODE, arguments),
    )
    uups, beacon = (_create2(known.deposit_factory, salt, found) for found in hashes)
    return uups, beacon


@lru_cache(maxsize=256)
def _derive(address: str, known: WalletFactories) -> Wallets:
    word = address_word(address)
    first, second, third = _PROXY_CODE
    proxy_code = (
        first
        + bytes.fromhex(known.proxy_factory[2:])
        + second
        + bytes.fromhex(known.proxy_implementation[2:])
        + third
        # the argument of the constructor: no bytes
        + (32).to_bytes(32, "big")
        + bytes(32)
    )
    return Wallets(
        address,
        _create2(known.proxy_factory, keccak256(word[12:]), keccak256(proxy_code)),
        _create2(known.safe_factory, keccak256(word), bytes.fromhex(known.safe_init_code_hash)),
        *_deposits(word, known),
    )


def derive_wallets(address: str, chain_id: int = POLYGON) -> Wallets:
    """Return the wallets that belong to the key of an address; raises ConfigError on the test net."""
    owner = parse_address(address, "the address of the key")
    known = WALLET_FACTORIES.get(check_chain(chain_id))
    if known is None:
        raise ConfigError(f"the wallet factories of chain {chain_id} are not known: name the funder")
    return _derive(owner, known)


def choose_wallet(
    address: str,
    chain_id: int = POLYGON,
    signature_type: int | None = None,
    funder: str | None = None,
    *,
    session_key: bool = False,
) -> Account:
    """Return the account a key trades for; raises ConfigError when key, type and funder do not fit.

    Without a type and a funder the key trades for itself; with one of both the other is worked out, the
    current kind of deposit wallet being meant by type 3 alone. On a chain whose wallet factories are not
    known, a funder is believed. A session key names the deposit wallet it was let into.
    """
    owner = parse_address(address, "the address of the key")
    check_chain(chain_id)
    if signature_type is not None:
        _kind(signature_type)
    wallet = None if funder is None else parse_address(funder, "the funder")
    if session_key:
        return _session(owner, signature_type, wallet)
    if signature_type == EOA or (signature_type is None and wallet in (None, owner)):
        return _own(owner, wallet)
    if chain_id not in WALLET_FACTORIES and wallet is not None and signature_type is not None:
        return _account(owner, wallet, signature_type)
    return _matching(derive_wallets(owner, chain_id), signature_type, wallet)


def _account(owner: str, wallet: str, signature_type: int) -> Account:
    return Account(owner, wallet, wallet if signature_type == POLY_1271 else owner, signature_type)


def _session(owner: str, signature_type: int | None, wallet: str | None) -> Account:
    if wallet is None or wallet == owner or signature_type not in (None, POLY_1271):
        raise ConfigError(
            "a session key signs for another's deposit wallet: name it as the funder, with signature type 3"
        )
    return Account(owner, wallet, wallet, POLY_1271, session_key=True)


def _own(owner: str, wallet: str | None) -> Account:
    if wallet not in (None, owner):
        raise ConfigError(
            f"with signature type 0 the key pays itself, but the funder {wallet} is not its address {owner}:"
            " leave the funder out, or give the signature type of that wallet (1, 2 or 3)"
        )
    return Account(owner, owner, owner, EOA)


def _matching(found: Wallets, signature_type: int | None, wallet: str | None) -> Account:
    # the first of a type is what that type alone stands for
    candidates = (
        (EOA, found.eoa),
        (POLY_PROXY, found.proxy),
        (POLY_GNOSIS_SAFE, found.safe),
        (POLY_1271, found.deposit_beacon),
        (POLY_1271, found.deposit_uups),
    )
    for kind, address in candidates:
        if signature_type in (None, kind) and wallet in (None, address):
            return _account(found.eoa, address, kind)
    raise ConfigError(
        f"the funder {wallet} is no wallet of the key {found.eoa}"
        + ("" if signature_type is None else f" with signature type {signature_type}")
        + f". It could be {found.eoa} (type 0), {found.proxy} (type 1), {found.safe} (type 2),"
        f" {found.deposit_beacon} or {found.deposit_uups} (type 3);"
        " if the key was let into another's deposit wallet, say session_key=True"
    )
