"""Up/Down rounds, whose lists the venue writes in several ways."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec
from attrs import field, frozen
from polyspec_wire.polysimulator import models as wire

from polyspec.core.nesting import check_depth

__all__ = ["Round", "RoundOutcome", "read_list"]

# Lists in texts are of two or three entries; nothing longer is one.
_LONGEST: Final = 10_000
_DIGITS: Final = 100


def read_list(value: object) -> tuple[str, ...]:
    """Return the entries of a list, of one written as JSON in a text, or of one with commas.

    What is none of these is an empty list: a row is worth more than its parts.
    """
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _LONGEST:
            return ()
        if not text.startswith("["):
            return tuple(part for piece in text.split(",") if (part := piece.strip()))
        value = _json(text)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(str(each).strip() for each in value if isinstance(each, str | int | float | Decimal))


def _json(text: str) -> object:
    try:
        check_depth(text.encode())
        # prices keep their digits
        return _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError, ArithmeticError):
        return None


_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    # what is not finite or of endless length would poison every sum
    return found if found.is_finite() and abs(found.adjusted()) <= _DIGITS else None


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@frozen(kw_only=True)
class RoundOutcome:
    """One way a round may end."""

    label: str
    """Up or Down."""
    price: Decimal | None
    """Dollars per share, as displayed; the books of these markets are ladders near 0.99."""
    token_id: str | None


@frozen(kw_only=True)
class Round:
    """An Up/Down round: whether an asset ends above where it began."""

    condition_id: str
    slug: str | None
    title: str | None
    asset: str | None
    interval: str | None
    start: datetime | None
    end: datetime | None
    active: bool
    closed: bool
    resolved: bool
    strike: Decimal | None
    """What the asset has to end above; None until it is known."""
    buy: Decimal | None
    """Dollars per share of Up, as displayed."""
    sell: Decimal | None
    """Dollars per share of Down, as displayed: not what Up can be sold for."""
    outcomes: tuple[RoundOutcome, ...]
    row: wire.UpdownRow = field(repr=False, eq=False)
    """All that the venue said."""

    @property
    def tradeable(self) -> bool:
        """Whether orders are taken."""
        return self.active and not self.closed and not self.resolved

    def outcome(self, label: str) -> RoundOutcome | None:
        """Return the outcome of a label, whatever its capitals."""
        return next((each for each in self.outcomes if each.label.lower() == label.lower()), None)

    @classmethod
    def of(cls, row: wire.UpdownRow) -> Round:
        """Read a row of the venue's listing."""
        price = row.live_price
        return cls(
            condition_id=row.condition_id,
            slug=row.slug,
            title=row.title,
            asset=None if row.asset is None else str(row.asset),
            interval=None if row.interval is None else str(row.interval),
            start=_moment(row.start_date),
            end=_moment(row.end_date),
            active=row.active,
            closed=row.closed,
            resolved=row.resolved,
            strike=_strike(row.event_metadata_ptb, row.group_item_threshold),
            buy=None if price is None else price.buy,
            sell=None if price is None else price.sell,
            outcomes=_outcomes(row),
            row=row,
        )


def _strike(*candidates: Any) -> Decimal | None:
    """Return the first that is known: the venue writes 0 for what is not."""
    found = (_decimal(str(each)) for each in candidates if each is not None)
    return next((each for each in found if each is not None and each > 0), None)


def _outcomes(row: wire.UpdownRow) -> tuple[RoundOutcome, ...]:
    own = next((each for each in row.markets if each.condition_id == row.condition_id), None)
    market = own or next(iter(row.markets), None)
    if market is None:
        return ()
    prices, tokens = read_list(market.outcome_prices), read_list(market.token_ids)
    return tuple(
        RoundOutcome(label=label, price=_decimal(_at(prices, place)), token_id=_at(tokens, place) or None)
        for place, label in enumerate(read_list(market.outcomes))
    )


def _at(found: tuple[str, ...], place: int) -> str:
    return found[place] if place < len(found) else ""
