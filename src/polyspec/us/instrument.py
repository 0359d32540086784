"""An instrument with its own grid: decimals in, the venue's scaled integers out, and back."""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen
from polyspec_wire.us_exchange import models as wire

from polyspec.core.scales import Amount, Grid, complement, from_notional, notional
from polyspec.errors import ConfigError, DecodeError

__all__ = ["Instrument"]


@frozen
class Instrument:
    """One market of the exchange. Prices are dollars per YES contract, quantities are contracts."""

    symbol: str
    price: Grid
    """Prices that may be asked for: ticks between the limits."""
    quantity: Grid
    """Quantities that may be asked for: from the minimum up to the order size limit."""
    payout: Decimal
    """What one winning contract pays, in dollars."""
    state: wire.InstrumentState
    """As of the last read; see `raw` for everything else the venue says."""
    raw: wire.Instrument = field(repr=False, eq=False)
    """The venue's own record."""

    @classmethod
    def of(cls, data: wire.Instrument) -> Instrument:
        """Read the venue's record; raises DecodeError if its scales make no sense."""
        try:
            return cls(
                symbol=data.symbol,
                price=_price_grid(data),
                quantity=_quantity_grid(data),
                payout=_payout(data),
                state=data.state,
                raw=data,
            )
        except ConfigError as error:
            raise DecodeError(f"instrument {data.symbol}: {error}") from error

    @property
    def tick(self) -> Decimal:
        """Distance of two valid prices, in dollars."""
        return self.price.from_wire(self.price.tick)

    @property
    def price_scale(self) -> int:
        """Wire units per dollar."""
        return self.price.scale.value

    @property
    def quantity_scale(self) -> int:
        """Wire units per contract."""
        return self.quantity.scale.value

    def opposite(self, price: Amount) -> Decimal:
        """Turn a price of NO into the price of YES that means the same, and back."""
        return complement(price, self.payout)

    def cost(self, price: int, quantity: int) -> Decimal:
        """Return the dollars that `quantity` units at `price` units are worth."""
        return notional(price, self.price_scale, quantity, self.quantity_scale)

    def dollars(self, units: int) -> Decimal:
        """Return the dollars of a commission, cost or realised profit as the wire scales them."""
        return from_notional(units, self.price_scale, self.quantity_scale)


def _price_grid(data: wire.Instrument) -> Grid:
    limit = data.price_limit
    scale = data.price_scale
    return Grid.stepped(
        scale,
        data.tick_size,
        low=limit.low if limit is not None and limit.low_set else None,
        # a contract never pays more than its payout, so nothing above it is a price
        high=limit.high if limit is not None and limit.high_set else scale,
    )


def _quantity_grid(data: wire.Instrument) -> Grid:
    limit = data.order_size_limit
    return Grid(
        scale=data.fractional_qty_scale or 1,
        low=limit.low if limit is not None and limit.low_set else None,
        high=limit.high if limit is not None and limit.high_set else None,
        minimum=max(1, data.minimum_trade_qty),
    )


def _payout(data: wire.Instrument) -> Decimal:
    text = data.event_attributes.payout_value if data.event_attributes is not None else ""
    if not text:
        return Decimal(1)
    if not (text.isascii() and text.isdigit()):
        raise DecodeError(f"instrument {data.symbol}: payoutValue {text!r} is no integer")
    return Decimal(int(text)) / data.price_scale
