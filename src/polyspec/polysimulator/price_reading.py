"""Read over REST what the prices channel tells, and say it in the words of the channel."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from polyspec_wire.polysimulator import markets
from polyspec_wire.polysimulator import models as wire

from polyspec.core.effects import Flow
from polyspec.core.sending import Session
from polyspec.errors import BadRequest, NotFound, PolyspecError
from polyspec.polysimulator.fill_ledger import amount_of
from polyspec.polysimulator.socket_feed import LOOK

__all__ = ["differs", "read_prices", "said"]

_AT_ONCE: Final = 50
_FEWER: Final = (25, 10, 5, 1)
"""What the plans allow."""


def read_prices(session: Session, keys: list[str]) -> Flow[dict[str, Any]]:
    """Return what markets trade at, by condition id; in its place the error of one that is not to be had."""
    found: dict[str, Any] = {}
    left, most = list(keys), _AT_ONCE
    while left:
        batch = left[:most]
        try:
            call = markets.get_batch_prices(wire.BatchPriceRequest(market_ids=batch))
            answer = (yield from session.send(call, LOOK)).value
        except BadRequest as error:
            if error.code != "BATCH_LIMIT_EXCEEDED" or len(batch) == 1:
                raise
            # the plan decides how many, and the lowest allows one
            most = next(each for each in _FEWER if each < len(batch))
            continue
        by_name = {each.condition_id.lower(): each for each in answer}
        for key in batch:
            item = by_name.get(key.lower())
            found[key] = item if item is not None and _has_price(item) else (yield from _known(session, key))
        left = left[len(batch) :]
    return found


def _known(session: Session, key: str) -> Flow[Any]:
    """Return an empty price of a market that exists, or the error of one that does not."""
    try:
        yield from session.send(markets.get_market(key), LOOK)
    except NotFound:
        return NotFound(
            f"the venue knows no market {key}; one that opened less than a minute ago may not be known yet: "
            "ask for it again then",
            status=404,
        )
    except PolyspecError as error:
        return error
    return wire.BatchPriceItem(condition_id=key)


def _has_price(item: wire.BatchPriceItem) -> bool:
    return item.buy is not None or any(each.price is not None for each in item.outcomes)


def said(key: str, item: wire.BatchPriceItem) -> wire.PriceEvent:
    """Say a price in the words of the channel."""
    return wire.PriceEvent(
        market_id=key,
        condition_id=key,
        source=item.source,
        outcomes=[
            wire.PriceEventOutcome(label=each.label, price=_text(each.price), token_id=each.token_id)
            for each in item.outcomes
        ],
        buy=_text(item.buy),
        sell=_text(item.sell),
    )


def differs(told: wire.PriceEvent, item: wire.BatchPriceItem) -> bool:
    """Tell whether REST has another price than the channel told last."""
    before = {each.label: amount_of(each.price) for each in told.outcomes}
    return any(
        each.price is not None and before.get(each.label) not in (None, each.price) for each in item.outcomes
    )


def _text(price: Decimal | None) -> str | None:
    return None if price is None else f"{price:f}"
