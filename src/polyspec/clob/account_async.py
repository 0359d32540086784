"""Trades, balances and notifications of a wallet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from datetime import datetime
from typing import Any, Final

from polyspec_wire import Call
from polyspec_wire.clob import account, trades
from polyspec_wire.clob import models as wire

from polyspec.clob.addresses import parse_address
from polyspec.clob.balances import (
    SIGNATURE_TYPES,
    BalanceAllowance,
    DetectedWallets,
    WalletFunds,
    candidates_of,
    own_signature_type,
    read_asset,
)
from polyspec.clob.queries import batches, only_market, only_token, read_moment
from polyspec.clob.rewards_async import AsyncRewards
from polyspec.clob.rfq_async import AsyncRfq
from polyspec.clob.ticket import ZERO, read_bytes32, read_token
from polyspec.core.paging import items
from polyspec.errors import BadRequest, ConfigError

__all__ = ["AsyncAccounts"]

# As many ids as fit well into an address.
_DROPPED: Final = 100


class AsyncAccounts(AsyncRewards):
    """What the wallet of this client has, and what happened to it."""

    @property
    def rfq(self) -> AsyncRfq:
        """Requests for quotes."""
        return AsyncRfq(self, self._maker, self._markets, self._credentials)

    # -- trades --

    async def get_trades(
        self,
        market: str | None = None,
        asset_id: str | None = None,
        id: str | None = None,  # noqa: A002 - the venue's word
        *,
        maker_address: str | None = None,
        before: int | datetime | None = None,
        after: int | datetime | None = None,
        timeout: float | None = None,
    ) -> list[wire.Trade]:
        """Return all trades of this API key: of one market (condition id), of one token, or one by id.

        `before` and `after` are unix seconds or aware datetimes. Side, size (shares) and price (dollars) are
        the taker's; what this wallet did as a maker is in `maker_orders`. A trade is settled once its status
        is CONFIRMED; it can still become FAILED before. Use `iter_trades` for a long past.
        """
        found = self.iter_trades(
            market,
            asset_id,
            id,
            maker_address=maker_address,
            before=before,
            after=after,
            timeout=timeout,
        )
        return [trade async for trade in found]

    def iter_trades(
        self,
        market: str | None = None,
        asset_id: str | None = None,
        id: str | None = None,  # noqa: A002
        *,
        maker_address: str | None = None,
        before: int | datetime | None = None,
        after: int | datetime | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[wire.Trade]:
        """Iterate over trades in constant memory; takes what `get_trades` takes.

        A trade that is made meanwhile moves the venue's pages; what comes again on the next page for that
        is given once.
        """
        call = trades.get_trades(
            id=id,
            maker_address=None if maker_address is None else parse_address(maker_address, "maker_address"),
            market=only_market(market),
            asset_id=only_token(asset_id),
            before=read_moment(before, "before"),
            after=read_moment(after, "after"),
        )
        return self._once_each(call, lambda trade: (trade.id, trade.bucket_index), timeout)

    async def get_builder_trades(
        self,
        builder_code: str | None = None,
        *,
        market: str | None = None,
        asset_id: str | None = None,
        id: str | None = None,  # noqa: A002
        before: int | datetime | None = None,
        after: int | datetime | None = None,
        timeout: float | None = None,
    ) -> list[wire.BuilderTrade]:
        """Return the trades that carry a builder's code, this client's if none is named; open to everybody.

        The code of a trade is in `builder`, or in `builder_code` with an empty `builder`.
        """
        call = trades.get_builder_trades(
            builder_code=self._builder_code(builder_code),
            id=id,
            market=only_market(market),
            asset_id=only_token(asset_id),
            before=read_moment(before, "before"),
            after=read_moment(after, "after"),
        )
        found = self._once_each(call, lambda each: (each.id, each.bucket_index, each.trade_type), timeout)
        return [trade async for trade in found]

    async def get_builder_fees(
        self, builder_code: str | None = None, *, timeout: float | None = None
    ) -> wire.BuilderFeesResponse:
        """Return what a builder takes of a trade's worth, in basis points; this client's if none is named."""
        call = trades.get_builder_fees(self._builder_code(builder_code))
        return await self.send(call, timeout=timeout)

    # -- balances --

    async def get_balance_allowance(
        self,
        asset_type: str | None = None,
        token_id: str | None = None,
        *,
        signature_type: int | None = None,
        timeout: float | None = None,
    ) -> BalanceAllowance:
        """Return what the wallet has of the collateral, or of a token, and what the contracts may take.

        Dollars or shares, as the venue last saw them on chain: `update_balance_allowance` has it look again.
        The wallet is the one this client trades from unless another `signature_type` is given.
        """
        kind, token = read_asset(asset_type, token_id)
        call = account.get_balance_allowance(
            asset_type=kind,
            token_id=token,
            signature_type=own_signature_type(self.account, signature_type),
        )
        return BalanceAllowance.of(await self.send(call, timeout=timeout))

    async def update_balance_allowance(
        self,
        asset_type: str | None = None,
        token_id: str | None = None,
        *,
        signature_type: int | None = None,
        timeout: float | None = None,
    ) -> BalanceAllowance:
        """Have the venue read the wallet on chain, after a deposit or an approval, and return what it saw.

        Takes what `get_balance_allowance` takes. If the venue says nothing, it is asked once more.
        """
        kind, token = read_asset(asset_type, token_id)
        wallet = own_signature_type(self.account, signature_type)
        call = account.update_balance_allowance(asset_type=kind, token_id=token, signature_type=wallet)
        answer = await self.send(call, timeout=timeout)
        if answer is None:
            return await self.get_balance_allowance(kind, token, signature_type=wallet, timeout=timeout)
        return BalanceAllowance.of(answer)

    async def detect_wallet(
        self, token_ids: Sequence[str] = (), *, timeout: float | None = None
    ) -> DetectedWallets:
        """Return what each wallet this key can have holds; ``.only()`` is the one to trade from.

        Asks the venue for the collateral of every signature type, and for the tokens named: other outcome
        tokens are not looked for, nor wallets of another owner that let this key in. The venue does not say
        which of its two forms a deposit wallet has; both addresses are given.
        """
        address = self._needed_address()
        tokens = [read_token(each) for each in token_ids]
        found = []
        for kind in SIGNATURE_TYPES:
            try:
                collateral = await self.get_balance_allowance(signature_type=kind, timeout=timeout)
            except BadRequest as error:
                # the venue's own document ends at type 2: a service that goes by it has no type 3
                if "signature_type" not in error.message:
                    raise
                continue
            held = {
                token: await self.get_balance_allowance(token_id=token, signature_type=kind, timeout=timeout)
                for token in tokens
            }
            where = candidates_of(address, self.chain_id, kind)
            found.append(WalletFunds(kind, where, collateral, held))
        return DetectedWallets(tuple(found))

    # -- notifications --

    async def get_notifications(
        self, *, signature_type: int | None = None, timeout: float | None = None
    ) -> list[wire.Notification]:
        """Return the notifications of the wallet; what is in `payload` depends on `type`."""
        kind = own_signature_type(self.account, signature_type)
        return await self.send(account.get_notifications(signature_type=kind), timeout=timeout)

    async def drop_notifications(
        self, ids: Sequence[int | str | wire.Notification], *, timeout: float | None = None
    ) -> None:
        """Mark notifications as read, so that they are not listed again."""
        if isinstance(ids, str):
            # a text is a sequence too, of digits
            raise ConfigError("give a list of notification ids, even for a single one")
        wanted = list(dict.fromkeys(_notification(each) for each in ids))
        for batch in batches(wanted, _DROPPED):
            await self.send(account.drop_notifications(ids=batch), timeout=timeout)

    # -- inside --

    async def _once_each(
        self, call: Call[Any], key: Callable[[Any], Hashable], timeout: float | None
    ) -> AsyncIterator[Any]:
        """Iterate over what pages list, without what the page before had already."""
        before: set[Hashable] = set()
        async for page in self.pages(call, timeout=timeout):
            found = items(call, page)
            for item in found:
                if key(item) not in before:
                    yield item
            before = {key(item) for item in found}

    def _builder_code(self, given: str | None) -> str:
        own = ZERO if self._making is None else self._making.builder_code
        code = own if given is None else read_bytes32(given, "builder_code")
        if code == ZERO:
            raise ConfigError("name the builder_code, 0x and 64 hex digits other than zero")
        return code


def _notification(each: int | str | wire.Notification) -> str:
    text = str(each.id if isinstance(each, wire.Notification) else each)
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"the id of a notification is a whole number, not {each!r}")
    return text
