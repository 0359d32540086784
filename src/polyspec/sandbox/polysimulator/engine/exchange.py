"""The paper exchange: orders against somebody else's books, with money that is worth nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from polyspec.sandbox.http.store import Store
from polyspec.sandbox.polysimulator.feed import Feed, FeedMarket

from . import audit, cancels, entry, reading, resting, settlement, wallets
from .core import Core
from .records import EquityPoint, Order, Position, Settlement, Trade, User, Wallet, WalletKind
from .requests import Cancels, Idem, OrderRow, OrderSpec, Placed, Reset, Source, Summary
from .rules import find_market, find_token
from .settings import EngineSettings

__all__ = ["PaperExchange"]


class PaperExchange:
    """Accounts, wallets, orders and positions; single-threaded, whoever calls it holds the world's lock.

    Every `now` is nanoseconds since 1970 UTC. What the venue's rules do not allow raises `Refused`, with
    nothing changed. Every change is committed to the store before it is seen.
    """

    def __init__(self, feed: Feed, store: Store, settings: EngineSettings | None = None) -> None:
        self._core = Core(feed, store, settings or EngineSettings())

    @property
    def settings(self) -> EngineSettings:
        """How it behaves."""
        return self._core.settings

    @settings.setter
    def settings(self, settings: EngineSettings) -> None:
        self._core.settings = settings

    @property
    def latest_ns(self) -> int:
        """When it last changed; a clock must not run before that."""
        return self._core.state.counters.at_ns

    @property
    def listeners(self) -> list[Callable[[Trade], None]]:
        """Called with every execution, after it is committed."""
        return self._core.listeners

    # -- accounts and wallets ----------------------------------------------------------------

    def open_user(self, user_id: int, tier: str, now: int, *, api_wallet: bool = True) -> User:
        """Return an account, made with its MAIN wallet (and its API wallet) if it is new."""
        return wallets.open_user(self._core, user_id, tier, now, api_wallet=api_wallet)

    def set_tier(self, user_id: int, tier: str, now: int) -> User:
        """Change the tier of an account; what its wallets hold stays."""
        return wallets.set_tier(self._core, user_id, tier, now)

    def open_api_wallet(self, user_id: int, now: int, *, baseline: int | None = None) -> Wallet:
        """Return the API wallet of an account, made with its tier's baseline if there is none."""
        return wallets.open_api_wallet(self._core, user_id, now, baseline=baseline)

    def user(self, user_id: int) -> User | None:
        """Return an account."""
        return self._core.state.find(User, user_id)

    def create_wallet(
        self,
        user_id: int,
        now: int,
        *,
        label: str | None = None,
        kind: WalletKind = WalletKind.SANDBOX,
        baseline: int | None = None,
    ) -> Wallet:
        """Make another wallet; its baseline is that of the tier unless given."""
        return wallets.create(self._core, user_id, now, kind=kind, label=label, baseline=baseline)

    def wallet(self, user_id: int, wallet_id: int | None = None) -> Wallet:
        """Return a wallet of an account, the API wallet if none is named; Refused WALLET_NOT_FOUND."""
        return wallets.wallet_of(self._core.state, user_id, wallet_id)

    def wallets(self, user_id: int, *, archived: bool = False) -> list[Wallet]:
        """Return the wallets of an account, oldest first."""
        return [w for w in self._core.state.of(Wallet, user_id) if archived or w.status == "active"]

    def select(self, user_id: int, selector: str | int | None) -> list[Wallet]:
        """Return the wallets a `wallet_id` parameter names: a number, `api` (None too) or `all`.

        Refused: WALLET_NOT_FOUND, VALIDATION_FAILED.
        """
        return wallets.select(self._core.state, user_id, selector)

    def rename_wallet(self, user_id: int, wallet_id: int, label: str | None, now: int) -> Wallet:
        """Change the label of a wallet."""
        return wallets.rename(self._core, user_id, wallet_id, label, now)

    def archive_wallet(self, user_id: int, wallet_id: int, now: int) -> Wallet:
        """Put a SANDBOX wallet away, cancelling its orders; Refused ACCESS_RESTRICTED for another kind."""
        return wallets.archive(self._core, user_id, wallet_id, now)

    def reset_wallet(self, user_id: int, now: int, wallet_id: int | None = None) -> Reset:
        """Cancel orders, close positions, restore the baseline; Refused UPGRADE_REQUIRED on the free tier."""
        return wallets.reset(self._core, user_id, wallet_id, now)

    def summary(self, chosen: Iterable[Wallet]) -> Summary:
        """Return what wallets are worth together."""
        return reading.summary(self._core, list(chosen))

    # -- markets -----------------------------------------------------------------------------

    def market(self, condition_id: str, now: int) -> FeedMarket:
        """Return a market; Refused MARKET_NOT_FOUND, also while a new one warms up."""
        return find_market(self._core, condition_id, now)

    def token(self, token_id: str, now: int) -> tuple[FeedMarket, int]:
        """Return the market of a token and which outcome it is; Refused TOKEN_NOT_FOUND."""
        return find_token(self._core, token_id, now)

    def displayed(self, token_id: str) -> int | None:
        """Return the displayed price of a token: the middle, the last trade if the spread is wide."""
        return self._core.displayed(token_id)

    # -- orders ------------------------------------------------------------------------------

    def claim(self, user_id: int, idem: Idem, now: int) -> Placed | None:
        """Return the first answer to a key, as a replay; None if the key is new, which is then held.

        Refused: IDEMPOTENCY_KEY_REUSE, IDEMPOTENCY_CONFLICT_PENDING while another request holds the key,
        DUPLICATE_CLIENT_ORDER_ID. Only a request that is answered later than it is carried out needs to
        claim; it hands the same `idem` to `place`, or gives it back with `release`.
        """
        return entry.claim(self._core, user_id, idem, now)

    def release(self, user_id: int, idem: Idem) -> None:
        """Give up a claimed key whose request came to nothing."""
        self._core.in_flight.pop((user_id, idem.key), None)

    def place(self, user_id: int, spec: OrderSpec, now: int, *, idem: Idem | None = None) -> Placed:
        """Carry out an order: it fills, rests or is cancelled at once, or is Refused.

        With `idem`, a repetition is answered by the first answer with `is_replay`; a key that is refused
        is not remembered. Refused codes: VALIDATION_FAILED, MARKET_NOT_FOUND, WALLET_NOT_FOUND,
        PRICE_REQUIRED, INVALID_QUANTITY, INVALID_ORDER_PAYLOAD, UNSUPPORTED_ORDER_TYPE,
        INVALID_ORDER_MIN_TICK_SIZE, INVALID_ORDER_MIN_SIZE, INVALID_ORDER_EXPIRATION,
        INVALID_POST_ONLY_ORDER, INVALID_POST_ONLY_ORDER_TYPE, MARKET_CLOSED, VENUE_UNAVAILABLE,
        INSUFFICIENT_BALANCE, INSUFFICIENT_POSITION, INSUFFICIENT_LIQUIDITY, NO_EXECUTABLE_DEPTH,
        STALE_QUOTE, FOK_ORDER_NOT_FILLED_ERROR, RATE_LIMIT_EXCEEDED (the day's orders are used up) and
        those of `claim`.
        """
        return entry.place(self._core, user_id, spec, now, idem)

    def cancel(self, user_id: int, order_id: int, now: int) -> Order:
        """Cancel an order of the pending table; Refused ORDER_NOT_FOUND, ORDER_NOT_CANCELLABLE."""
        return cancels.cancel(self._core, user_id, order_id, now)

    def cancel_many(self, user_id: int, order_ids: Iterable[str | int], now: int) -> Cancels:
        """Cancel the orders of these ids that can be."""
        return cancels.cancel_many(self._core, user_id, list(order_ids), now)

    def cancel_all(self, user_id: int, now: int, *, reason: str = "cancelled_by_user") -> Cancels:
        """Cancel every pending order of an account, in all its wallets."""
        return cancels.cancel_where(self._core, user_id, now, reason)

    def cancel_market(
        self, user_id: int, now: int, *, market_id: str | None = None, token_id: str | None = None
    ) -> Cancels:
        """Cancel every pending order of an account in a market or a token."""
        return cancels.cancel_where(self._core, user_id, now, market_id=market_id, token_id=token_id)

    def order(
        self, user_id: int, order_id: int, source: Source | None = None, wallet_id: int | None = None
    ) -> OrderRow:
        """Return the row of an id in one of the tables; Refused ORDER_NOT_FOUND.

        Without a source a row of the pending table hides the one of the filled table with its number.
        """
        return reading.order(self._core, user_id, order_id, source, wallet_id)

    def orders(
        self,
        chosen: Iterable[Wallet],
        *,
        status: str | None = None,
        market_id: str | None = None,
        token_id: str | None = None,
        side: str | None = None,
    ) -> list[OrderRow]:
        """Return the orders of wallets, newest first.

        The pending table, and those rows of the filled one that never rested.
        """
        return reading.orders(self._core, list(chosen), status, market_id, token_id, side)

    def orders_by_client_id(self, user_id: int, client_order_id: str) -> list[OrderRow]:
        """Return what an account placed under an id of its own."""
        return reading.by_client_id(self._core, user_id, client_order_id)

    def trades(
        self,
        chosen: Iterable[Wallet],
        *,
        market_id: str | None = None,
        token_id: str | None = None,
        side: str | None = None,
    ) -> list[Trade]:
        """Return the executions of wallets, newest first, those before a reset too."""
        return reading.trades(self._core, list(chosen), market_id, token_id, side)

    def market_trades(self, condition_id: str, token_id: str | None = None) -> list[Trade]:
        """Return everybody's executions in a market, oldest first."""
        return reading.market_trades(self._core, condition_id, token_id)

    # -- positions and worth -------------------------------------------------------------------

    def positions(self, chosen: Iterable[Wallet], status: str | None = None) -> list[Position]:
        """Return the positions of wallets, oldest first."""
        return reading.positions(self._core, list(chosen), status)

    def price_of(self, position: Position) -> int:
        """Return what a share of a position is worth: the payout, the displayed price, or the entry price."""
        return self._core.price_of(position)

    def settlements(
        self,
        chosen: Iterable[Wallet],
        *,
        market_id: str | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> list[Settlement]:
        """Return what was settled in wallets from a moment until before another, latest position first."""
        return reading.settlements(self._core, list(chosen), market_id, start_ns, end_ns)

    def equity(self, wallet_id: int, start_ns: int, end_ns: int) -> list[EquityPoint]:
        """Return what a wallet was worth, hour by hour, ascending; an hour without a point is as the last."""
        return reading.equity(self._core, wallet_id, start_ns, end_ns)

    # -- time --------------------------------------------------------------------------------

    def advance(self, now: int) -> list[Trade]:
        """Let everything happen that is due: settlements, expiries, heartbeats, fills, equity points."""
        self.settle(now)
        self.expire(now)
        trades = self.match_resting(now)
        reading.record_equity(self._core, now)
        return trades

    def settle(self, now: int) -> list[Settlement]:
        """Pay out positions in resolved markets and cancel the orders there."""
        return settlement.settle(self._core, now)

    def expire(self, now: int) -> list[Order]:
        """End GTD orders past their time, and cancel what belongs to accounts whose heartbeat lapsed."""
        return resting.expire(self._core, now)

    def match_resting(self, now: int) -> list[Trade]:
        """Fill what rests and is marketable by now; nothing during an outage."""
        return resting.match(self._core, now)

    def next_due(self) -> int | None:
        """Return when an order expires or a heartbeat lapses next."""
        return resting.next_due(self._core)

    def beat(self, user_id: int, interval_ms: int, now: int, *, label: str = "") -> int:
        """Start or refresh a dead man's switch; returns when it fires, in milliseconds since 1970.

        Refused VALIDATION_FAILED for an interval outside 1,000 to 60,000 or a label over 64 characters.
        """
        return resting.beat(self._core, user_id, interval_ms, label, now)

    @property
    def outage(self) -> bool:
        """Whether the venue behind the feed is down: only what rests is accepted, and nothing fills."""
        return self._core.outage

    @outage.setter
    def outage(self, outage: bool) -> None:
        self._core.outage = outage

    def audit(self) -> None:
        """Recount money, shares and what orders keep; raises AssertionError if something does not add up."""
        audit.audit(self._core)
