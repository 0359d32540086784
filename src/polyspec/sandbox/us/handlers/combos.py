"""Combo instruments."""

from __future__ import annotations

from decimal import Decimal

from polyspec_wire.us_exchange import models as m

from polyspec.sandbox.http.clock import from_ns
from polyspec.sandbox.us.combinations import Combo, Leg
from polyspec.sandbox.us.handlers.orderbook import wire_state
from polyspec.sandbox.us.registry import Asked, handles

__all__: list[str] = []


@handles("ComboAPI_CreateCombo")
def create_combo(asked: Asked) -> m.CreateComboResponse:
    """Return the one combo of these legs, creating it if need be."""
    legs = [Leg(each.symbol, each.side.name) for each in asked.body.legs]
    return m.CreateComboResponse(combo=_combo(asked, asked.world.combos.create(asked.participant.name, legs)))


@handles("ComboAPI_GetCombos")
def get_combos(asked: Asked) -> m.GetCombosResponse:
    """Return the combo of that exact symbol, or nothing."""
    known = asked.world.combos.combos.get(asked.query["symbol"])
    return m.GetCombosResponse(combos=[] if known is None else [_combo(asked, known)])


def _combo(asked: Asked, combo: Combo) -> m.ComboInstrument:
    return m.ComboInstrument(
        id=combo.symbol,
        legs=[m.ComboLeg(symbol=each.symbol, side=m.Side[each.side]) for each in combo.legs],
        state=wire_state(asked.world.exchange.market_state(combo.symbol)),
        created_time=from_ns(combo.created),
        tick_size=Decimal(asked.world.listings[combo.symbol].tick),
    )
