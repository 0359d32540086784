"""What the venue as a whole does at the moment: restarts, restrictions, bans, the version it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.limits import TIERS
from polyspec.sandbox.clob.refusals import Refusal, unavailable
from polyspec.sandbox.http.clock import Clock
from polyspec.sandbox.http.jobs import Jobs

__all__ = ["CANCEL_ONLY", "DISABLED", "POST_ONLY", "Modes"]

DISABLED: Final = "Trading is currently disabled. Check polymarket.com for updates"
CANCEL_ONLY: Final = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
POST_ONLY: Final = "post-only mode: only post-only orders and cancels are allowed"
_RESTARTING: Final = "the matching engine is restarting, please retry"
_BLOCKED: Final = (
    "Trading restricted in your region, please refer to available regions - "
    "https://docs.polymarket.com/developers/CLOB/geoblock"
)
_SECOND: Final = 1_000_000_000


class Modes:
    """The modes; all of them are for this run, though the trading mode itself is kept by the engine."""

    def __init__(
        self, clock: Clock, jobs: Jobs, apply: Callable[[t.Command], object], *, window: float
    ) -> None:
        self._clock = clock
        self._jobs = jobs
        self._apply = apply
        self._window = window
        self.version = 2
        """The protocol version of orders for plain token ids."""
        self.geoblock = ""
        """Refuse as in a blocked region: a page for everything, or the venue's own text for new orders."""
        self.banned: set[str] = set()
        """Addresses, lower case."""
        self.closed_only: set[str] = set()
        self.sessions: dict[str, set[str]] = {}
        """The deposit wallets for which an address has a session key, lower case."""
        self.tiers: dict[str, str] = {}
        """The tier of a signer's limits, if not the first."""
        self._restarted: int | None = None
        self._open_again: int | None = None

    def block(self, how: str) -> None:
        """Refuse as in a blocked region from now on; empty: no longer."""
        if how not in ("", "html", "json"):
            raise ValueError("geoblock must be empty, html or json")
        self.geoblock = how

    def grant(self, sessions: Mapping[str, Iterable[str]]) -> None:
        """Say which addresses have session keys for which deposit wallets."""
        self.sessions = {
            address.lower(): {wallet.lower() for wallet in wallets} for address, wallets in sessions.items()
        }

    def set_tiers(self, tiers: Mapping[str, str]) -> None:
        """Say which tier the limits of signers are of, by address."""
        if unknown := set(tiers.values()) - set(TIERS):
            raise ValueError(f"no tier {unknown.pop()!r}; one of {', '.join(TIERS)}")
        self.tiers = {address.lower(): tier for address, tier in tiers.items()}

    # -- restarts --

    def restart(self, seconds: float, window: float | None = None) -> None:
        """Answer 425 to orders and cancels for `seconds`, then take post-only orders only for `window`."""
        now = self._clock.now_ns()
        self._restarted = now + int(seconds * _SECOND)
        self._open_again = self._restarted + int((self._window if window is None else window) * _SECOND)
        self._apply(t.SetTradingMode(mode=t.TradingMode.POST_ONLY))
        self._jobs.at(self._open_again, self._reopen)

    def post_only(self, seconds: float) -> None:
        """Take post-only orders only, from now on for `seconds`."""
        self.restart(0, seconds)

    def _reopen(self) -> None:
        if self._open_again is not None and self._clock.now_ns() >= self._open_again:
            self.set(t.TradingMode.NORMAL)

    def set(self, mode: t.TradingMode) -> None:
        """Take up a trading mode until told otherwise."""
        self._restarted = self._open_again = None
        self._apply(t.SetTradingMode(mode=mode))

    @property
    def restarting(self) -> bool:
        """Whether the matching engine is away."""
        return self._restarted is not None and self._clock.now_ns() < self._restarted

    def retry_after(self) -> int | None:
        """Return the seconds until all orders are taken again, None if nobody knows."""
        if self._open_again is None:
            return None
        return max(1, math.ceil((self._open_again - self._clock.now_ns()) / _SECOND))

    # -- refusals --

    def check_restart(self) -> None:
        """Raise Refusal (425) while the matching engine is away."""
        if self.restarting:
            raise Refusal(425, _RESTARTING)

    def check_region(self) -> None:
        """Raise Refusal (403) if the region may not trade."""
        if self.geoblock == "json":
            raise Refusal(403, _BLOCKED)

    def check_cancels(self, mode: t.TradingMode) -> None:
        """Raise Refusal (503) if not even cancels are taken."""
        if mode is t.TradingMode.DISABLED:
            raise unavailable(DISABLED)

    def check_orders(self, mode: t.TradingMode) -> None:
        """Raise Refusal (503) if no orders are taken, post-only ones included."""
        self.check_cancels(mode)
        if mode is t.TradingMode.CANCEL_ONLY:
            raise unavailable(CANCEL_ONLY)

    def only_post_only(self) -> Refusal:
        """Return the refusal of an order that might take, while such orders are not taken."""
        after = self.retry_after()
        more = {} if after is None else {"retry_after_seconds": after}
        headers = {} if after is None else {"retry-after": str(after)}
        return Refusal(503, POST_ONLY, headers=headers, more={"code": "post_only_mode", **more})
