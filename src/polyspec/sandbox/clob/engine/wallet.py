"""What wallets own, and what is spoken for."""

from __future__ import annotations

from .records import LedgerEntry, Order

__all__ = ["COLLATERAL", "Asset", "Claims", "Wallet"]

COLLATERAL = ""
"""The name of collateral among assets; the others are token ids."""


class Asset:
    """A wallet's balance of collateral or of one outcome token."""

    __slots__ = ("active", "balance", "incoming", "matched", "orders")

    def __init__(self) -> None:
        self.balance = 0
        self.active = 0
        """What open orders need."""
        self.matched = 0
        """What unsettled trades take away."""
        self.incoming = 0
        """What unsettled trades bring."""
        self.orders: dict[str, Order] = {}
        """Open orders that need this asset, oldest first."""

    @property
    def available(self) -> int:
        """What can be moved: open orders do not block anything."""
        return self.balance - self.matched


class Claims:
    """What open orders and unsettled trades will draw on one contract's collateral allowance."""

    __slots__ = ("active", "matched")

    def __init__(self) -> None:
        self.active = 0
        self.matched = 0


class Wallet:
    """A maker address."""

    __slots__ = ("allowances", "approvals", "assets", "claims", "entries", "name", "orders", "trades")

    def __init__(self, name: str) -> None:
        self.name = name
        self.assets: dict[str, Asset] = {COLLATERAL: Asset()}
        self.allowances: dict[str, int] = {}
        self.approvals: dict[str, bool] = {}
        self.claims: dict[str, Claims] = {}
        self.entries: list[LedgerEntry] = []
        self.orders: list[Order] = []
        self.trades: list[str] = []

    def asset(self, name: str) -> Asset:
        """Return a balance, an empty one if there was none."""
        asset = self.assets.get(name)
        if asset is None:
            asset = self.assets[name] = Asset()
        return asset

    def claims_on(self, spender: str) -> Claims:
        """Return what will be drawn on a contract's allowance."""
        claims = self.claims.get(spender)
        if claims is None:
            claims = self.claims[spender] = Claims()
        return claims
