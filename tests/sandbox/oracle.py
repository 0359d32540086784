"""A deliberately naive exchange: lists, scans and fractions instead of structures and sums.

It shares nothing with the engine but the command structs. Every question is answered by
walking all open orders; every fee is a Fraction; every fund check recounts. What it answers
for a command is the list of executions as plain tuples.
"""

from __future__ import annotations

from fractions import Fraction

from polyspec.sandbox.engine import types as t
from tests.sandbox.engine.naive import UNIT, Board, Memory, No, Ticket, Told

__all__ = ["Oracle", "Told"]


class Oracle(Memory):
    """The exchange, done the slow way."""

    # -- what happens --------------------------------------------------------------------------

    def apply(self, command: t.Command, now: int) -> list[Told]:
        """Carry out a command and return its executions."""
        self.now = now
        self.said, self.touched = [], []
        due = [o for o in self.open if o.good_till is not None and o.good_till <= now]
        for order in sorted(due, key=lambda o: (o.good_till, o.rank)):
            self.end(order, "EXPIRED")
        getattr(self, "do_" + type(command).__name__)(command)
        self.drop_unfunded()
        return self.said

    def do_Advance(self, command: t.Advance) -> None:  # noqa: N802
        """Let time pass."""

    def do_AddMarket(self, command: t.AddMarket) -> None:  # noqa: N802
        """List a market."""
        self.boards[command.market.symbol] = Board(command.market, command.state)

    def do_OpenAccount(self, command: t.OpenAccount) -> None:  # noqa: N802
        """Open an account."""
        self.cash[command.account] = 0
        self.exposed[command.account] = []

    def do_AddParticipant(self, command: t.AddParticipant) -> None:  # noqa: N802
        """Participants equal accounts here."""

    def do_Deposit(self, command: t.Deposit) -> None:  # noqa: N802
        """Bring money in."""
        self.cash[command.account] += command.amount
        self.touched.append(command.account)

    def do_Withdraw(self, command: t.Withdraw) -> None:  # noqa: N802
        """Take money out if it is free."""
        account = command.account
        worst = max((self.requirement(account, s, b) for s in self.boards for b in (True, False)), default=0)
        if 0 < command.amount <= self.power(account) - worst:
            self.cash[account] -= command.amount
            self.touched.append(account)

    def do_SetMarketState(self, command: t.SetMarketState) -> None:  # noqa: N802
        """Move a market."""
        board = self.boards[command.symbol]
        if board.state == "MATCH_AND_CLOSE_AUCTION" and command.state != board.state:
            self.auction(board)
        board.state = command.state
        if command.state == "OPEN":
            self.auction(board)
            self.settle_in(board)
        if command.state == "CLOSED":
            for order in [o for o in self.open if o.command.symbol == command.symbol and o.tif == "DAY"]:
                self.end(order, "EXPIRED")

    def do_CancelOrder(self, command: t.CancelOrder) -> None:  # noqa: N802
        """Cancel an open order where that is allowed."""
        for order in self.open:
            if order.id == command.order_id and order.command.participant == command.participant:
                state = self.boards[order.command.symbol].state
                if state in ("OPEN", "PREOPEN", "MATCH_AND_CLOSE_AUCTION", "SUSPENDED"):
                    self.end(order, "CANCELED")
                return

    def do_PlaceOrder(self, command: t.PlaceOrder) -> None:  # noqa: N802
        """Enter an order."""
        kind, tif = str(command.type), str(command.time_in_force)
        order = Ticket(
            command.order_id,
            command,
            command.quantity,
            command.quantity,
            command.price or 0,
            command.stop_price or 0,
            kind,
            tif,
            0,
            command.good_till,
        )
        board = self.boards[command.symbol]
        try:
            self.check_entry(board, order)
            plan = None if kind in ("STOP", "STOP_LIMIT") else self.plan(board, order)
            if plan is None:
                self.check_terms(board, order, order.price or order.stop)
                self.check_money(order)
        except No:
            order.leaves = 0
            self.say("REJECTED", order)
            return
        self.rank += 1
        order.rank = self.rank
        self.open.append(order)
        self.say("NEW", order)
        if plan is None:
            self.park(order, "stop")
        else:
            self.arrive(board, order, plan)
        self.settle_in(board)

    def do_ReplaceOrder(self, command: t.ReplaceOrder) -> None:  # noqa: N802
        """Change an order, or put everything back."""
        found = [o for o in self.open if o.id == command.order_id]
        if not found or found[0].command.participant != command.participant:
            return
        order = found[0]
        board = self.boards[order.command.symbol]
        if board.state not in ("OPEN", "PREOPEN", "MATCH_AND_CLOSE_AUCTION"):
            return
        before = (order.quantity, order.leaves, order.price, order.where)
        quantity = order.quantity if command.quantity is None else command.quantity
        price = order.price if command.price is None else command.price
        if quantity <= order.filled or (order.kind == "STOP" and command.price is not None):
            return
        if order.kind == "STOP_LIMIT" and ((price > order.stop) if order.buys else (price < order.stop)):
            return
        keeps = price == order.price and quantity - order.filled <= order.leaves
        order.quantity, order.leaves, order.price = quantity, quantity - order.filled, price
        order.where = "none"
        try:
            plan = None
            self.check_terms(board, order, price or order.stop)
            if keeps or order.kind in ("STOP", "STOP_LIMIT"):
                self.check_money(order)
            else:
                plan = self.plan(board, order, replacing=True)
        except No:
            order.quantity, order.leaves, order.price, order.where = before
            return
        if plan is None:
            order.where = before[3]
            self.say("REPLACE", order)
        else:
            if order in board.held:
                board.held.remove(order)
            self.rank += 1
            order.rank = self.rank
            self.say("REPLACE", order)
            self.arrive(board, order, plan)
        self.settle_in(board)

    # -- checks --------------------------------------------------------------------------------

    def check_entry(self, board: Board, order: Ticket) -> None:
        """Refuse what the state or the order's own fields forbid."""
        c = order.command
        if board.state not in ("OPEN", "PREOPEN", "MATCH_AND_CLOSE_AUCTION"):
            raise No
        special = (
            order.tif in ("IMMEDIATE_OR_CANCEL", "FILL_OR_KILL")
            or order.kind == "MARKET_TO_LIMIT"
            or c.cash_quantity
            or c.min_quantity
            or c.all_or_none
            or c.post_only
        )
        if board.state != "OPEN" and special:
            raise No
        if c.post_only and c.all_or_none:
            raise No
        if c.good_till is not None and c.good_till <= self.now:
            raise No
        if order.stop:
            self.check_terms_price(board, order.stop)
        if (
            order.kind == "STOP_LIMIT"
            and (order.price > order.stop) == order.buys
            and order.price != order.stop
        ):
            raise No

    def check_terms(self, board: Board, order: Ticket, price: int) -> None:
        """Refuse prices and quantities the market does not take."""
        terms = board.terms
        if not terms.price_low <= price <= terms.price_high or price % terms.tick:
            raise No
        if order.quantity < terms.min_quantity:
            raise No
        if terms.quantity_high is not None and order.quantity > terms.quantity_high:
            raise No

    def check_money(self, order: Ticket) -> None:
        """Refuse what cannot be paid for."""
        account, symbol = order.command.account, order.command.symbol
        if self.requirement(account, symbol, order.buys, order) > self.power(account):
            raise No

    # -- matching ------------------------------------------------------------------------------

    def plan(self, board: Board, order: Ticket, *, replacing: bool = False) -> list[tuple[Ticket, int]]:
        """Decide price and quantity and list (resting order, quantity); own orders have quantity 0."""
        c = order.command
        market = order.kind == "MARKET_TO_LIMIT" and not replacing
        if market and self.reference(board) is None:
            raise No
        plan: list[tuple[Ticket, int]] = []
        if board.state == "OPEN":
            if not market and c.cash_quantity and not replacing:
                self.check_terms_price(board, order.price)
            plan = self.walk(board, order, None if market else order.price, replacing=replacing)
        taken = [(o, q) for o, q in plan if q]
        if market:
            order.price = taken[-1][0].price if taken else self.reference(board) or 0
        if c.cash_quantity and not replacing:
            payout = board.terms.payout
            budget = c.cash_quantity * board.terms.quantity_scale
            spent = sum(q * (o.price if order.buys else payout - o.price) for o, q in taken)
            each = order.price if order.buys else payout - order.price
            order.quantity = order.leaves = sum(q for _, q in taken) + (budget - spent) // each
            if not order.quantity:
                raise No
        self.check_terms(board, order, order.price)
        if c.post_only and taken:
            raise No
        if len(taken) < len(plan) and c.self_match_instruction in (None, "REJECT_AGGRESSOR"):
            raise No
        self.check_money(order)
        return plan

    def check_terms_price(self, board: Board, price: int) -> None:
        """Refuse a price off the tick or the limits."""
        if not board.terms.price_low <= price <= board.terms.price_high or price % board.terms.tick:
            raise No

    def arrive(self, board: Board, order: Ticket, plan: list[tuple[Ticket, int]]) -> None:
        """Trade what was planned, then rest, wait or end."""
        c = order.command
        own = [o for o, q in plan if not q]
        takes = [(o, q) for o, q in plan if q]
        if own:
            both = c.self_match_instruction == "REMOVE_BOTH"
            for resting in own[:1] if both else own:
                self.end(resting, "CANCELED")
            if both:
                self.end(order, "CANCELED")
                return
        covered = sum(q for _, q in takes)
        if board.state == "OPEN":
            if order.tif == "FILL_OR_KILL" and covered < order.leaves:
                self.end(order, "EXPIRED")
                return
            if covered < c.min_quantity:
                self.end(order, "CANCELED")
                return
            if c.all_or_none and covered < order.leaves:
                if order.tif == "IMMEDIATE_OR_CANCEL":
                    self.end(order, "EXPIRED")
                else:
                    self.park(order, "held")
                    board.held.append(order)
                return
            for resting, quantity in takes:
                self.trade(board, order, resting, quantity, resting.price)
        if order.leaves:
            if order.tif in ("IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"):
                self.end(order, "EXPIRED")
            else:
                self.park(order, "book")

    def trade(self, board: Board, taker: Ticket, maker: Ticket, quantity: int, price: int) -> None:
        """Trade two orders."""
        symbol = board.terms.symbol
        for order, sign in ((taker, 1 if taker.buys else -1), (maker, 1 if maker.buys else -1)):
            account = order.command.account
            self.cash[account] -= sign * self.money(symbol, price * quantity)
            self.net[account, symbol] = self.net.get((account, symbol), 0) + sign * quantity
        for order in (taker, maker) if taker.buys else (maker, taker):
            if order.command.account not in self.touched:
                self.touched.append(order.command.account)
        for order in (taker, maker):
            theta = board.terms.fees.taker_theta if order is taker else board.terms.fees.maker_theta
            fee = self.fee(symbol, price, quantity, theta)
            charge = Fraction(round(fee * 100), 100)
            if fee > 0:
                charge = min(charge, Fraction(round((order.exact + fee) * 100), 100) - order.charged)
                order.exact += fee
                order.charged += charge
            commission = int(charge * UNIT)
            self.cash[order.command.account] -= commission
            self.fees += commission
            order.leaves -= quantity
            order.filled += quantity
            if not order.leaves:
                self.open.remove(order)
                if order in board.held:
                    board.held.remove(order)
            self.say("PARTIAL_FILL" if order.leaves else "FILL", order, price, quantity, commission)
        board.last = price

    def settle_in(self, board: Board) -> None:
        """Release stops and try held orders until nothing moves."""
        symbol = board.terms.symbol
        moved = board.state == "OPEN"
        while moved:
            moved = False
            last = board.last
            due = [
                o
                for o in self.open
                if o.where == "stop" and o.command.symbol == symbol and last is not None
                if (o.stop <= last if o.buys else o.stop >= last)
            ]
            for order in sorted(due, key=lambda o: o.rank):
                moved = True
                order.kind = "LIMIT" if order.kind == "STOP_LIMIT" else "MARKET_TO_LIMIT"
                self.rank += 1
                order.rank = self.rank
                try:
                    plan = self.plan(board, order)
                except No:
                    self.end(order, "CANCELED")
                    continue
                self.say("NEW", order)
                self.arrive(board, order, plan)
            for order in [] if moved else list(board.held):
                try:
                    plan = self.plan(board, order, replacing=True)
                except No:
                    continue
                if sum(q for _, q in plan) == order.leaves and order in self.open:
                    board.held.remove(order)
                    self.arrive(board, order, plan)
                    moved = True

    def auction(self, board: Board) -> None:
        """Trade the most at one price."""
        bids, offers = self.book(board, True), self.book(board, False)
        best: tuple[int, int, int, int] | None = None
        anchor = self.reference(board)
        for price in sorted({o.price for o in bids + offers}):
            demand = sum(o.leaves for o in bids if o.price >= price)
            supply = sum(o.leaves for o in offers if o.price <= price)
            distance = abs(price - anchor) if anchor is not None else 0
            if min(demand, supply):
                rank = (-min(demand, supply), abs(demand - supply), distance, price)
                best = rank if best is None else min(best, rank)
        if best is None:
            return
        volume, price = -best[0], best[3]
        while volume:
            buy, sell = self.book(board, True)[0], self.book(board, False)[0]
            quantity = min(buy.leaves, sell.leaves, volume)
            taker, maker = (buy, sell) if buy.rank > sell.rank else (sell, buy)
            self.trade(board, taker, maker, quantity, price)
            volume -= quantity

    def drop_unfunded(self) -> None:
        """Cancel the newest orders of accounts that lost their funds."""
        for account in dict.fromkeys(self.touched):
            for symbol in list(self.exposed[account]):
                for buys in (True, False):
                    mine = [o for o in self.open if o.command.account == account]
                    mine = [o for o in mine if o.command.symbol == symbol and o.buys == buys]
                    for order in sorted(mine, key=lambda o: -o.seen):
                        if self.requirement(account, symbol, buys) > self.power(account):
                            self.end(order, "CANCELED")

    # -- book keeping --------------------------------------------------------------------------

    def park(self, order: Ticket, where: str) -> None:
        """Put an order somewhere to wait."""
        order.where = where
        if not order.seen:
            self.seen += 1
            order.seen = self.seen
        if order.command.symbol not in self.exposed[order.command.account]:
            self.exposed[order.command.account].append(order.command.symbol)

    def end(self, order: Ticket, how: str) -> None:
        """End an order."""
        self.open.remove(order)
        board = self.boards[order.command.symbol]
        if order in board.held:
            board.held.remove(order)
        order.where, order.leaves = "none", 0
        self.say(how, order)
