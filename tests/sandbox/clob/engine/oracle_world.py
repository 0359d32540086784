"""The rest of the naive CLOB: markets, wallets, settlement."""

from __future__ import annotations

from fractions import Fraction

from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.naive import UNIT, Board, Deal, No
from tests.sandbox.clob.engine.oracle import Oracle

NEXT = {"MATCHED": ("MINED", "RETRYING", "FAILED"), "RETRYING": ("MINED", "FAILED"), "MINED": ("CONFIRMED",)}


class World(Oracle):
    """A naive CLOB with everything around its book."""

    # -- markets -------------------------------------------------------------------------------

    def do_AddMarket(self, c: t.AddMarket) -> None:  # noqa: N802
        """List a market."""
        m = c.market
        self.boards[m.condition_id] = Board(
            m.condition_id,
            m.token_ids,
            m.tick,
            m.minimum_size,
            m.minimum_spend,
            m.fees,
            m.taker_delay,
            m.makers_per_trade,
            m.spenders,
            str(c.status),
        )

    def unresolved(self, name: str) -> Board:
        """Find a market that is not resolved."""
        board = self.boards.get(name)
        if board is None or board.status == "RESOLVED":
            raise No
        return board

    def do_SetMarketStatus(self, c: t.SetMarketStatus) -> None:  # noqa: N802
        """Move a market."""
        self.unresolved(c.condition_id).status = str(c.status)

    def do_SetTick(self, c: t.SetTick) -> None:  # noqa: N802
        """Change a tick."""
        self.unresolved(c.condition_id).tick = c.tick

    def do_ChangeMarket(self, c: t.ChangeMarket) -> None:  # noqa: N802
        """Change terms."""
        board = self.unresolved(c.condition_id)
        board.fees = board.fees if c.fees is None else c.fees
        board.delay = board.delay if c.taker_delay is None else c.taker_delay
        board.minimum = board.minimum if c.minimum_size is None else c.minimum_size
        board.spend = board.spend if c.minimum_spend is None else c.minimum_spend
        board.chunk = board.chunk if c.makers_per_trade is None else c.makers_per_trade

    def do_ClearBook(self, c: t.ClearBook) -> None:  # noqa: N802
        """Cancel everything in a market."""
        board = self.unresolved(c.condition_id)
        for o in [o for o in self.open if o.board is board]:
            self.end(o, str(c.status))

    def do_Resolve(self, c: t.Resolve) -> None:  # noqa: N802
        """Fix payouts."""
        board = self.unresolved(c.condition_id)
        board.payouts, board.status = c.payouts, "RESOLVED"
        for o in [o for o in self.open if o.board is board]:
            self.end(o, "CANCELED_MARKET_RESOLVED")

    def do_SetBuilder(self, c: t.SetBuilder) -> None:  # noqa: N802
        """Register a builder."""
        self.builders[c.code] = c

    def do_SetTradingMode(self, c: t.SetTradingMode) -> None:  # noqa: N802
        """Change the mode."""
        self.mode = str(c.mode)

    def do_Advance(self, c: t.Advance) -> None:  # noqa: N802
        """Let time pass."""

    # -- wallets -------------------------------------------------------------------------------

    def add(self, wallet: str, asset: str, change: int) -> None:
        """Change a balance."""
        self.balances[wallet, asset] = self.balance(wallet, asset) + change

    def take(self, wallet: str, asset: str, amount: int) -> None:
        """Take what is there and not spoken for by trades."""
        if not 0 < amount <= self.balance(wallet, asset) - self.outgoing(wallet, asset):
            raise No
        self.add(wallet, asset, -amount)

    def cover(self, wallet: str, asset: str) -> None:
        """Cancel the newest orders until balance and allowances suffice."""
        orders = [o for o in self.open if o.c.wallet == wallet and o.asset == asset]
        for o in sorted(orders, key=lambda o: -o.rank):
            if self.active(wallet, asset) + self.outgoing(wallet, asset) <= self.balance(wallet, asset):
                break
            self.end(o, "CANCELED_NOT_ENOUGH_BALANCE")

    def do_Deposit(self, c: t.Deposit) -> None:  # noqa: N802
        """Bring money."""
        self.add(c.wallet, "", c.amount)

    def do_Withdraw(self, c: t.Withdraw) -> None:  # noqa: N802
        """Take money."""
        self.take(c.wallet, "", c.amount)
        self.cover(c.wallet, "")

    def do_Transfer(self, c: t.Transfer) -> None:  # noqa: N802
        """Move anything."""
        self.take(c.source, c.token_id, c.amount)
        self.add(c.target, c.token_id, c.amount)
        self.cover(c.source, c.token_id)

    def do_Split(self, c: t.Split) -> None:  # noqa: N802
        """Make sets."""
        board = self.unresolved(c.condition_id)
        self.take(c.wallet, "", c.amount)
        for token in board.tokens:
            self.add(c.wallet, token, c.amount)
        self.cover(c.wallet, "")

    def do_Merge(self, c: t.Merge) -> None:  # noqa: N802
        """Unmake sets."""
        board = self.boards[c.condition_id]
        if any(
            self.balance(c.wallet, token) - self.outgoing(c.wallet, token) < c.amount
            for token in board.tokens
        ):
            raise No
        for token in board.tokens:
            self.take(c.wallet, token, c.amount)
        self.add(c.wallet, "", c.amount)
        for token in board.tokens:
            self.cover(c.wallet, token)

    def do_Redeem(self, c: t.Redeem) -> None:  # noqa: N802
        """Cash in."""
        board = self.boards[c.condition_id]
        if board.payouts is None:
            raise No
        shares = [self.balance(c.wallet, token) - self.outgoing(c.wallet, token) for token in board.tokens]
        if not any(shares):
            raise No
        for token, held in zip(board.tokens, shares, strict=True):
            self.add(c.wallet, token, -held)
        owed = sum(Fraction(held * pays, UNIT) for held, pays in zip(shares, board.payouts, strict=True))
        self.add(c.wallet, "", int(owed))

    def do_SetAllowance(self, c: t.SetAllowance) -> None:  # noqa: N802
        """Allow spending."""
        self.allowed[c.wallet, c.spender] = c.amount
        orders = [o for o in self.open if o.c.wallet == c.wallet and o.buys and c.spender in o.board.spenders]
        for o in sorted(orders, key=lambda o: -o.rank):
            if c.amount == t.UNLIMITED or sum(self.drawn(c.wallet, c.spender)) <= c.amount:
                break
            self.end(o, "CANCELED_NOT_ENOUGH_BALANCE")

    def do_SetApproval(self, c: t.SetApproval) -> None:  # noqa: N802
        """Approve moving."""
        self.approved[c.wallet, c.spender] = c.approved
        if not c.approved:
            orders = [o for o in self.open if o.c.wallet == c.wallet and not o.buys]
            for o in sorted(orders, key=lambda o: -o.rank):
                if c.spender in o.board.spenders:
                    self.end(o, "CANCELED_NOT_ENOUGH_BALANCE")

    # -- settlement ----------------------------------------------------------------------------

    def do_SetTradeStatus(self, c: t.SetTradeStatus) -> None:  # noqa: N802
        """Settle a trade; the flow names trades by number."""
        deal = self.deals[int(c.text)]
        if str(c.status) not in NEXT.get(deal.status, ()):
            raise No
        deal.status = str(c.status)
        if deal.status in ("MINED", "FAILED"):
            self.pending.remove(deal)
        if deal.status == "MINED":
            self.mine(deal)
        self.said.append((*deal.told, deal.status))

    def mine(self, deal: Deal) -> None:
        """Move what was traded."""
        for wallet, asset, change in deal.legs:
            self.add(wallet, asset, change)
            if asset or change > 0:
                continue
            for spender in deal.board.spenders:
                allowed = self.allowed.get((wallet, spender), 0)
                if allowed != t.UNLIMITED:
                    self.allowed[wallet, spender] = max(0, allowed + change)
        self.fees += deal.fee
        for code, fee in deal.bfees:
            self.builder_fees[code] = self.builder_fees.get(code, 0) + fee
