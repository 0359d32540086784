"""Wallets of an account: each with a balance, positions and orders of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

from polyspec_wire.polysimulator import models as wire
from polyspec_wire.polysimulator import wallets

from polyspec.errors import ConfigError
from polyspec.polysimulator.base_async import AsyncBase
from polyspec.polysimulator.naming import checked_wallet

__all__ = ["AsyncWallets"]

_PAGE = 50


class AsyncWallets:
    """Every account has an API wallet, which orders use by default; sandbox wallets can be added."""

    def __init__(self, client: AsyncBase) -> None:
        self._client = client

    def list(self, *, timeout: float | None = None) -> AsyncIterator[wire.WalletOut]:
        """Iterate over the wallets of the account."""
        return self._client.by_offset(
            lambda offset: wallets.list_wallets(limit=_PAGE, offset=offset),
            lambda page: page.wallets,
            _PAGE,
            timeout,
        )

    async def create(self, label: str | None = None, *, timeout: float | None = None) -> wire.WalletOut:
        """Make a sandbox wallet with the balance the plan gives it."""
        body = wire.CreateWalletRequest(kind=wire.WalletKind.SANDBOX, label=_label(label))
        return await self._client.send(wallets.create_wallet(body), timeout=timeout)

    async def get(self, wallet_id: int, *, timeout: float | None = None) -> wire.WalletOut:
        """Return a wallet; raises NotFound."""
        return await self._client.send(wallets.get_wallet(checked_wallet(wallet_id)), timeout=timeout)

    async def rename(
        self, wallet_id: int, label: str | None, *, timeout: float | None = None
    ) -> wire.WalletOut:
        """Name a wallet; None takes its name away."""
        body = wire.RenameWalletRequest(label=_label(label))
        call = wallets.rename_wallet(checked_wallet(wallet_id), body)
        return await self._client.send(call, timeout=timeout)

    async def archive(self, wallet_id: int, *, timeout: float | None = None) -> wire.WalletOut | None:
        """Put a wallet away; returns it if the venue shows it."""
        return await self._client.send(wallets.archive_wallet(checked_wallet(wallet_id)), timeout=timeout)

    async def reset(self, wallet_id: int, *, timeout: float | None = None) -> wire.WalletOut:
        """Close the positions of a wallet, cancel its orders and restore its first balance."""
        return await self._client.send(wallets.reset_wallet(checked_wallet(wallet_id)), timeout=timeout)


def _label(label: str | None) -> str | None:
    if label is not None and not (isinstance(label, str) and len(label) <= 64):
        raise ConfigError(f"a label has at most 64 characters, not {label!r:.80}")
    return label
