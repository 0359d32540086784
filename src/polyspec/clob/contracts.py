"""The venue's contracts, by chain."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from polyspec.errors import ConfigError

__all__ = ["AMOY", "POLYGON", "VERSIONS", "WALLET_FACTORIES", "WalletFactories", "check_chain", "exchange_of"]

POLYGON: Final = 137
AMOY: Final = 80002
VERSIONS: Final = (1, 2, 3)
"""Generations of the exchange: 1 is retired, 2 trades, 3 trades tokens that are position ids."""

_V2: Final = "0xE111180000d2663C0091e4f400237545B87B996B"
_V2_NEG_RISK: Final = "0xe2222d279d744050d28e00520010520000310F59"
_NEG_RISK: Final = "0xC5d563A36AE78145C45a50134d48A1215220f80a"

# by chain and version: the exchange, and the one of neg-risk markets
_EXCHANGES: Final = {
    (POLYGON, 1): ("0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E", _NEG_RISK),
    # clients disagree on the neg-risk exchange of the test net: one of them names the adapter instead
    (AMOY, 1): ("0xdFE02Eb6733538f8Ea35D585af8DE5958AD99E40", _NEG_RISK),
    (POLYGON, 2): (_V2, _V2_NEG_RISK),
    (AMOY, 2): (_V2, _V2_NEG_RISK),
    # one exchange for all markets
    (POLYGON, 3): ("0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",) * 2,
    (AMOY, 3): ("0x9fE6e61422AdB6F610d8597F9684b16912D50C3D",) * 2,
}


@frozen(kw_only=True)
class WalletFactories:
    """What the wallets of a chain are deployed by, and from."""

    proxy_factory: str
    proxy_implementation: str
    safe_factory: str
    safe_init_code_hash: str
    deposit_factory: str
    deposit_implementation: str
    deposit_beacon: str


# those of the test net are not published
WALLET_FACTORIES: Final = {
    POLYGON: WalletFactories(
        proxy_factory="0xaB45c5A4B0c941a2F231C04C3f49182e1A254052",
        proxy_implementation="0x44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f",
        safe_factory="0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b",
        safe_init_code_hash="2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf",
        deposit_factory="0x00000000000Fb5C9ADea0298D729A0CB3823Cc07",
        deposit_implementation="0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB",
        deposit_beacon="0x7A18EDfe055488A3128f01F563e5B479D92ffc3a",
    )
}


def check_chain(chain_id: object) -> int:
    """Return the chain id if the venue is there; raises ConfigError."""
    if type(chain_id) is not int:
        # what is no number may be a key in the wrong place, so nothing of it is shown
        raise ConfigError(f"a chain id is a whole number: {POLYGON} (Polygon) or {AMOY} (Amoy)")
    if chain_id not in (POLYGON, AMOY):
        raise ConfigError(f"the venue is on chain {POLYGON} (Polygon) and {AMOY} (Amoy), not {chain_id}")
    return chain_id


def exchange_of(version: int, chain_id: int, neg_risk: bool) -> str:  # noqa: FBT001
    """Return the address of the exchange that settles a market's orders; raises ConfigError."""
    check_chain(chain_id)
    if type(version) is not int or version not in VERSIONS:
        raise ConfigError("the exchange has the versions 1, 2 and 3")
    return _EXCHANGES[chain_id, version][bool(neg_risk)]
