"""A naive CLOB that answers commands from lists and fractions; slow, short, and not the engine."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from polyspec.sandbox.clob.engine import types as t
from tests.sandbox.clob.engine.naive import (
    UNIT,
    Board,
    Deal,
    Leg,
    Memory,
    No,
    Ticket,
    Told,
    half_up,
    plain,
    up,
)

DECIMALS = {100_000: 3, 10_000: 4, 5_000: 5, 2_500: 6, 1_000: 5, 100: 6}
FOK = "order couldn't be fully filled. FOK orders are fully filled or killed."
FAK = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
)
NOT_READY = "the market is not yet ready to process new orders"
DISABLED = "Trading is currently disabled. Check polymarket.com for updates"
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"


class Oracle(Memory):
    """The rules once more, as plainly as possible."""

    def apply(self, command: t.Command, now: int) -> list[Told]:
        """Answer a command with what is to be told of it."""
        self.said = []
        for timer in sorted(timer for timer in self.timers if timer[0] <= now):
            self.timers.remove(timer)
            self.now = timer[0]
            self.ring(timer[2], timer[3])
        self.now = now
        name = type(command).__name__
        try:
            getattr(self, f"do_{name}")(command)
        except No:
            self.said.append(("REFUSED", name))
        return self.said

    # -- orders ------------------------------------------------------------------------------

    def do_PlaceOrder(self, c: t.PlaceOrder) -> None:  # noqa: N802
        """Enter an order."""
        try:
            o, fills, amount = self.judge(c)
        except No as no:
            self.said.append(("REJECTED", c.order_id, *no.args))
            return
        self.tickets[c.order_id] = o
        self.open.append(o)
        if c.expiration:
            self.timers.append(((c.expiration - 60) * 10**9, self.next_rank(), "expire", o))
        if o.board.delay and fills:
            o.status, o.held = "DELAYED", amount
            self.timers.append((self.now + o.board.delay, self.next_rank(), "release", o))
            self.say("PLACEMENT", o)
            return
        self.say("PLACEMENT", o)
        self.match(o, fills)

    def judge(self, c: t.PlaceOrder) -> tuple[Ticket, list[Any], int]:
        """Return an order, what it meets and what it needs, or refuse it."""
        o = self.check(c)
        fills = self.walk(o)
        amount = self.cost(o, fills)
        if fills and o.buys and c.maker_amount < o.board.spend:
            paid, least = plain(c.maker_amount), plain(o.board.spend)
            text = f"invalid amount for a marketable BUY order (${paid}), min size: ${least}"
            raise No("INVALID_SIZE", text)
        self.fund(o, amount)
        if c.post_only and fills:
            raise No("POST_ONLY_CROSSES", "invalid post-only order: order crosses book")
        if c.type == "FAK" and not fills:
            raise No("FAK_NO_MATCH", FAK)
        if c.type == "FOK" and not self.full(o, fills) and not (o.board.delay and fills):
            raise No("FOK_NOT_FILLED", FOK)
        return o, fills, amount

    def check(self, c: t.PlaceOrder) -> Ticket:
        """Check an order by itself."""
        if self.mode == "DISABLED":
            raise No("TRADING_DISABLED", DISABLED)
        if self.mode == "CANCEL_ONLY":
            raise No("CANCEL_ONLY", CANCEL_ONLY)
        if self.mode == "POST_ONLY" and not c.post_only:
            raise No("POST_ONLY_MODE", POST_ONLY)
        board = self.board_of(c.token_id)
        if board is None or board.status in ("CLOSED", "RESOLVED"):
            raise No("UNKNOWN_TOKEN", f"the orderbook {c.token_id} does not exist")
        if board.status != "OPEN":
            raise No("MARKET_NOT_READY", NOT_READY)
        if c.order_id in self.tickets:
            raise No("DUPLICATED", f"order {c.order_id} is invalid. Duplicated.")
        rests = c.type in ("GTC", "GTD")
        if c.post_only and not rests:
            raise No("INVALID_TYPE", "invalid post-only order: only GTC and GTD order types are allowed")
        shares, money = (
            (c.taker_amount, c.maker_amount) if c.side == "BUY" else (c.maker_amount, c.taker_amount)
        )
        if shares <= 0 or money <= 0:
            raise No(
                "INVALID_AMOUNTS", "invalid amounts, maker amount and taker amount must be higher than 0"
            )
        self.check_price(c, board, Fraction(money, shares), shares, money)
        self.check_decimals(c, board)
        if shares < board.minimum:
            sizes = f"Size ({plain(shares)}) lower than the minimum: {plain(board.minimum)}"
            raise No("INVALID_SIZE", f"order {c.order_id} is invalid. {sizes}")
        late = c.expiration * 10**9 < self.now + 180 * 10**9
        if late if c.type == "GTD" else c.expiration:
            raise No("INVALID_EXPIRATION", "invalid expiration")
        mbps, tbps = self.bps(c.builder)
        outcome = board.tokens.index(c.token_id)
        price = Fraction(money, shares)
        return Ticket(c, board, outcome, price, shares, shares, self.next_rank(), mbps, tbps)

    def bps(self, code: str) -> tuple[int, int]:
        """Return a builder's fees."""
        builder = self.builders.get(code)
        if builder is not None and not builder.enabled:
            raise No("INVALID_BUILDER", "builder code is disabled")
        return (builder.maker_bps, builder.taker_bps) if builder is not None else (0, 0)

    def check_price(self, c: t.PlaceOrder, board: Board, price: Fraction, shares: int, money: int) -> None:
        """Require a grid price, of orders that do not rest within the rounding of the taker amount."""
        tick = Fraction(board.tick, UNIT)
        near = sorted((tick, half_up(price / tick) * tick, 1 - tick))[1]
        step = 10 ** (6 - min(4, DECIMALS[board.tick]))
        exact = price == near
        if c.type not in ("GTC", "GTD"):
            exact = exact or (
                abs(money / near - shares) < step if c.side == "BUY" else abs(near * shares - money) < step
            )
        if not exact:
            digits = Decimal(math.floor(price * 10**12)).scaleb(-12)
            shown = f"{digits:f}".rstrip("0").rstrip(".")
            text = f"Price ({shown}) breaks minimum tick size rule: {plain(board.tick)}"
            raise No("INVALID_TICK", f"order {c.order_id} is invalid. {text}")

    def check_decimals(self, c: t.PlaceOrder, board: Board) -> None:
        """Require amounts of few decimals."""
        fine = DECIMALS[board.tick]
        rests = c.type in ("GTC", "GTD")
        if c.side == "SELL":
            kind, maker, taker = "the sell orders", 2, fine if rests else max(4, fine)
        elif rests:
            kind, maker, taker = "the buy orders", fine, 2
        else:
            kind, maker, taker = "the market buy orders", 2, max(4, fine)
        if (c.maker_amount * 10**maker) % UNIT or (c.taker_amount * 10**taker) % UNIT:
            raise No(
                "INVALID_AMOUNTS",
                f"invalid amounts, {kind} maker amount supports a max accuracy of {maker} decimals, "
                f"taker amount a max of {taker} decimals",
            )

    def cost(self, o: Ticket, fills: list[Any]) -> int:
        """Count what an order needs on arrival."""
        if not o.buys:
            return o.left
        fees = sum(sum(self.charge(o, chunk)) for chunk in self.chunks(o.board, fills))
        if o.c.type in ("FOK", "FAK"):
            return o.c.maker_amount + fees
        rest = o.left - sum(fill[1] for fill in fills)
        return up(o.left, o.price) + fees + up(rest, o.price, o.mbps) - up(rest, o.price)

    def full(self, o: Ticket, fills: list[Any]) -> bool:
        """Tell whether nothing of an order is left."""
        if o.buys and o.c.type in ("FOK", "FAK"):
            return bool(sum(fill[3] for fill in fills) == o.c.maker_amount)
        return bool(sum(fill[1] for fill in fills) == o.left)

    def match(self, o: Ticket, fills: list[Any]) -> None:
        """Trade and rest."""
        done = self.full(o, fills) or o.c.type in ("FOK", "FAK")
        chunks = self.chunks(o.board, fills)
        for number, chunk in enumerate(chunks):
            if done and number == len(chunks) - 1:
                o.status = "MATCHED"
            self.trade(o, chunk, number)
        if done:
            o.left = 0
            o.held = None
            self.open.remove(o)
        else:
            o.held = None
            o.place = self.next_rank()

    def trade(self, o: Ticket, fills: list[Any], bucket: int) -> None:
        """Make one trade."""
        fee, bfee = self.charge(o, fills)
        size, amount = sum(fill[1] for fill in fills), sum(fill[3] for fill in fills)
        o.left = max(0, o.left - size)
        o.matched, o.spent, o.fee, o.bfee = o.matched + size, o.spent + amount, o.fee + fee, o.bfee + bfee
        legs = self.legs(o, size, amount, fee + bfee)
        bfees, made, minted = [(o.c.builder, bfee)], [], 0
        for maker, shares, _, _, paid in fills:
            mfee = half_up(Fraction(paid * maker.mbps, 10_000))
            room = (
                up(maker.left, maker.price, maker.mbps)
                - up(maker.left - shares, maker.price, maker.mbps)
                - paid
            )
            mfee = min(mfee, room if maker.buys else paid)
            legs += self.legs(maker, shares, paid, mfee)
            bfees.append((maker.c.builder, mfee))
            made.append((maker.c.order_id, shares, paid, mfee))
            if maker.outcome != o.outcome:
                minted += shares if o.buys else -shares
        price = half_up(Fraction(amount * UNIT, size))
        told = ("TRADE", o.c.order_id, size, amount, price, fee, bfee, bucket, tuple(made))
        deal = Deal(len(self.deals), told, o.board, legs, minted, fee, bfees)
        self.deals.append(deal)
        self.pending.append(deal)
        self.said.append((*told, "MATCHED"))
        self.say("UPDATE", o)
        for (maker, shares, _, _, paid), (_, _, _, mfee) in zip(fills, made, strict=True):
            maker.left -= shares
            maker.matched, maker.spent, maker.bfee = (
                maker.matched + shares,
                maker.spent + paid,
                maker.bfee + mfee,
            )
            if not maker.left:
                maker.status, maker.place = "MATCHED", None
                self.open.remove(maker)
            self.say("UPDATE", maker)

    def legs(self, o: Ticket, shares: int, amount: int, fees: int) -> list[Leg]:
        """List what one side gives and gets."""
        sign = 1 if o.buys else -1
        return [(o.c.wallet, "", -sign * amount - fees), (o.c.wallet, o.c.token_id, sign * shares)]

    def ring(self, what: str, o: Ticket) -> None:
        """Do what is due."""
        if o not in self.open:
            return
        if what == "expire":
            self.end(o, "CANCELED_EXPIRED_ORDER")
            return
        if o.board.status != "OPEN":
            self.end(o, "CANCELED_ORDER_TIMED_OUT", NOT_READY)
            return
        fills = self.walk(o)
        try:
            self.fund(o, self.cost(o, fills))
        except No as no:
            self.end(o, "CANCELED_NOT_ENOUGH_BALANCE", no.args[1])
            return
        if o.c.type == "FOK" and not self.full(o, fills):
            self.end(o, "INVALID", FOK)
        elif o.c.type == "FAK" and not fills:
            self.end(o, "INVALID", FAK)
        else:
            o.status = "LIVE" if fills else "UNMATCHED"
            if not fills:
                self.say("UPDATE", o)
            self.match(o, fills)

    def end(self, o: Ticket, status: str, text: str = "") -> None:
        """End an order."""
        o.status, o.text, o.left, o.place, o.held = status, text, 0, None, None
        self.open.remove(o)
        self.say("CANCELLATION", o)

    def cancel(self, owner: str, ids: list[str]) -> None:
        """Cancel orders."""
        done, not_done = [], {}
        for order_id in dict.fromkeys(ids):
            o = self.tickets.get(order_id)
            if self.mode == "DISABLED":
                not_done[order_id] = DISABLED
            elif o is None or o.c.owner != owner:
                not_done[order_id] = "order can't be found - already canceled or matched"
            elif o.status == "DELAYED":
                not_done[order_id] = "order match delayed due to market conditions"
            elif o in self.open:
                self.end(o, "CANCELED")
                done.append(order_id)
            elif o.status == "MATCHED":
                not_done[order_id] = "matched orders can't be canceled"
            else:
                not_done[order_id] = "order can't be found - already canceled or matched"
        self.said.append(("CANCELS", tuple(done), not_done))

    def do_CancelOrders(self, c: t.CancelOrders) -> None:  # noqa: N802
        """Cancel by id."""
        self.cancel(c.owner, list(c.order_ids))

    def do_CancelAll(self, c: t.CancelAll) -> None:  # noqa: N802
        """Cancel all of an owner."""
        self.cancel(c.owner, [o.c.order_id for o in self.open if o.c.owner == c.owner])

    def do_CancelMarketOrders(self, c: t.CancelMarketOrders) -> None:  # noqa: N802
        """Cancel some of an owner."""
        chosen = [o for o in self.open if o.c.owner == c.owner and c.condition_id in ("", o.board.name)]
        self.cancel(c.owner, [o.c.order_id for o in chosen if c.token_id in ("", o.c.token_id)])
