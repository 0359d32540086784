"""What wallets hold, in dollars and shares instead of the venue's millionths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation, Rounded
from typing import Final

from attrs import field, frozen
from polyspec_wire.clob import models as wire

from polyspec.clob.addresses import parse_address
from polyspec.clob.amounts import BASE_DECIMALS
from polyspec.clob.contracts import WALLET_FACTORIES
from polyspec.clob.positions import is_position_id
from polyspec.clob.ticket import read_token
from polyspec.clob.wallets import EOA, POLY_1271, POLY_GNOSIS_SAFE, POLY_PROXY, Account, derive_wallets
from polyspec.errors import ConfigError

__all__ = [
    "SIGNATURE_TYPES",
    "BalanceAllowance",
    "DetectedWallets",
    "WalletFunds",
    "candidates_of",
    "own_signature_type",
    "read_asset",
]

SIGNATURE_TYPES: Final = (EOA, POLY_PROXY, POLY_GNOSIS_SAFE, POLY_1271)

# an unlimited allowance has 78 digits, and none of them is lost
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, Rounded])
_NAMES: Final = {
    EOA: "the key's own address",
    POLY_PROXY: "the proxy wallet",
    POLY_GNOSIS_SAFE: "the Safe",
    POLY_1271: "the deposit wallet",
}


def _whole(units: Decimal) -> Decimal:
    return _EXACT.scaleb(units, -BASE_DECIMALS)


def _spelled(address: str) -> str:
    try:
        return parse_address(address.lower(), "a contract")
    except ConfigError:
        # the venue's word stands, even where it is no address
        return address


@frozen
class BalanceAllowance:
    """What a wallet has of one asset, and what the venue's contracts may take of it."""

    balance: Decimal
    """Dollars of collateral, or shares of a token."""
    allowances: Mapping[str, Decimal] = field(factory=dict)
    """By address of the contract, in the same unit; approved without limit is about 1.16e71."""

    @classmethod
    def of(cls, answer: wire.BalanceAllowanceResponse) -> BalanceAllowance:
        """Read an answer of the venue, which counts in millionths."""
        return cls(
            _whole(answer.balance),
            {_spelled(contract): _whole(units) for contract, units in answer.allowances.items()},
        )

    def allowance(self, contract: str) -> Decimal:
        """Return what a contract may take; 0 if the venue does not speak of it."""
        return self.allowances.get(parse_address(contract, "contract"), Decimal(0))


def read_asset(asset_type: str | None, token_id: str | None) -> tuple[wire.AssetType, str | None]:
    """Return which asset is meant; a token alone will do, and no token is collateral.

    Raises ConfigError where the two do not go together.
    """
    said = None if asset_type is None else str(getattr(asset_type, "value", asset_type)).upper()
    if said is not None and said not in {str(each) for each in wire.AssetType}:
        raise ConfigError(f"asset_type is COLLATERAL, CONDITIONAL or CONDITIONAL-V2, not {asset_type!r}")
    if token_id is None:
        if said not in (None, wire.AssetType.COLLATERAL):
            raise ConfigError(f"{said} is many tokens: name the token_id")
        return wire.AssetType.COLLATERAL, None
    token = read_token(token_id)
    kind = wire.AssetType.CONDITIONAL_V2 if is_position_id(int(token)) else wire.AssetType.CONDITIONAL
    # who says CONDITIONAL means a token; that position ids are asked for by another name is the venue's whim
    if said not in (None, kind, wire.AssetType.CONDITIONAL):
        raise ConfigError(f"token {token} is {kind}, not {said}: leave asset_type out")
    return kind, token


def own_signature_type(account: Account | None, given: int | None) -> int:
    """Return which kind of wallet is asked about: the one given, or the one the client trades from."""
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, int) or given not in SIGNATURE_TYPES:
            raise ConfigError(
                "signature types are 0 (own address), 1 (proxy), 2 (Safe) and 3 (deposit wallet)"
            )
        return int(given)
    if account is None:
        raise ConfigError(
            "without a key this client does not know which wallet trades: give signature_type (0 to 3)"
        )
    return account.signature_type


def candidates_of(address: str, chain_id: int, signature_type: int) -> tuple[str, ...]:
    """Return where a wallet of a key may be; nothing where the chain's wallet factories are not known."""
    if signature_type == EOA:
        return (address,)
    if chain_id not in WALLET_FACTORIES:
        return ()
    known = derive_wallets(address, chain_id)
    return {
        POLY_PROXY: (known.proxy,),
        POLY_GNOSIS_SAFE: (known.safe,),
        POLY_1271: (known.deposit_beacon, known.deposit_uups),
    }[signature_type]


@frozen
class WalletFunds:
    """What the venue sees in one wallet of a key."""

    signature_type: int
    addresses: tuple[str, ...]
    """Where that wallet can be. Two for a deposit wallet, as the venue does not say which form it has; none
    on a chain whose wallet factories are not known."""
    collateral: BalanceAllowance
    """Dollars."""
    tokens: Mapping[str, BalanceAllowance] = field(factory=dict)
    """Shares of the tokens that were asked about, by token id."""

    @property
    def is_funded(self) -> bool:
        """Whether there is collateral, or any of the tokens."""
        return any(each.balance > 0 for each in (self.collateral, *self.tokens.values()))

    def __str__(self) -> str:
        where = " or ".join(self.addresses) or "an address the venue knows"
        return (
            f"{_NAMES[self.signature_type]} (signature_type={self.signature_type}, {where}): "
            f"{self.collateral.balance:f} dollars"
        )


@frozen
class DetectedWallets:
    """The wallets a key can have, and what the venue sees in each."""

    wallets: tuple[WalletFunds, ...]
    """By signature type; a type the venue refuses to speak of is missing."""

    @property
    def funded(self) -> tuple[WalletFunds, ...]:
        """Those that hold something."""
        return tuple(each for each in self.wallets if each.is_funded)

    def only(self) -> WalletFunds:
        """Return the one wallet that holds something; raises ConfigError that says what to do otherwise."""
        found = self.funded
        if len(found) == 1:
            return found[0]
        if not found:
            raise ConfigError(
                "the venue sees nothing in any wallet of this key: send collateral to one of "
                f"{_listed(self.wallets)}; or the money is in a wallet of another key"
            )
        raise ConfigError(
            f"several wallets of this key hold something: {_listed(found)}. Give the signature_type of the "
            "one to trade from when the client is made"
        )


def _listed(wallets: Iterable[WalletFunds]) -> str:
    return "; ".join(map(str, wallets))
