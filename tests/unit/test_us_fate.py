"""Fates, what they raise, and how they are told apart; ids, cancels and waiting for an end."""

from __future__ import annotations

from typing import Any

import pytest
from polyspec_wire.us_exchange import models as wire

from polyspec.errors import (
    ConfigError,
    InsufficientFunds,
    InvalidOrder,
    NotFound,
    OrderRejected,
    PolyspecError,
    TimedOut,
    TradingRestricted,
)
from polyspec.us.cancelling import cancel_of, order_id_of
from polyspec.us.fate import Accepted, AsyncPlacement, Placement, Rejected, Unknown
from polyspec.us.identity import ClientIds
from polyspec.us.settling import settled
from tests.unit.us_rig import SYMBOL, Venue, instrument, no

ACCEPTED = Accepted("c1", "X1", wire.Order(id="X1", clord_id="c1", symbol=SYMBOL), instrument())


def unknown(order_id: str | None = None, **known: Any) -> Unknown[Any]:
    """Return an order nobody knows about."""
    return Unknown(clord_id="c1", order_id=order_id, symbol=SYMBOL, sent_at=0.0, **known)


def test_accepted_unwraps_to_itself() -> None:
    """What is accepted is there to be used."""
    assert ACCEPTED.unwrap() is ACCEPTED


@pytest.mark.parametrize(
    ("text", "reason", "kind"),
    [
        ("1000 USD available, requested 1000.098", "EXCHANGE_OPTION", InsufficientFunds),
        ("Book is HALTED", "EXCHANGE_OPTION", TradingRestricted),
        ("", "EXCHANGE_CLOSED", TradingRestricted),
        ("Order has attributes that cannot be placed in PRE_OPEN", None, TradingRestricted),
        ("Instrument is not tradable", None, TradingRestricted),
        ("Self Match Prevention", "EXCHANGE_OPTION", OrderRejected),
        ("", None, OrderRejected),
    ],
)
def test_rejected_unwraps_to_its_error(text: str, reason: str | None, kind: type[OrderRejected]) -> None:
    """A rejection raises the error that fits its reason, in the venue's words, and never says try again."""
    code = None if reason is None else wire.OrdRejectReason[reason]
    with pytest.raises(OrderRejected) as caught:
        Rejected("c1", "X1", text, code).unwrap()
    error = caught.value
    assert type(error) is kind
    assert text in str(error)
    assert not error.maybe_executed
    assert not error.retryable


def test_unknown_unwraps_to_a_warning() -> None:
    """An unknown fate raises an error that says the order may stand, with what kept the answer away."""
    cause = TimedOut("no answer")
    with pytest.raises(PolyspecError, match="do not place it again") as caught:
        unknown(cause=cause).unwrap()
    assert caught.value.maybe_executed
    assert caught.value.__cause__ is cause


def test_unknown_without_a_client_says_so() -> None:
    """An unknown fate written out by hand names the call that resolves it."""
    with pytest.raises(PolyspecError, match=r"orders\.resolve"):
        unknown().resolve()


def test_fates_can_be_asked_about() -> None:
    """The name of the union works at run time too, in both colours."""
    for fate in (ACCEPTED, Rejected("c1", None, ""), unknown()):
        assert isinstance(fate, Placement)
        assert isinstance(fate, AsyncPlacement)
    assert not isinstance("c1", Placement)


def test_fates_compare_by_what_they_say() -> None:
    """Two looks at the same fate are equal, however they came about."""
    assert unknown(resolver=lambda *_: None) == unknown()
    assert unknown("X1") != unknown()


@pytest.mark.parametrize(
    ("target", "named"),
    [
        (ACCEPTED, {"order_id": "X1"}),
        (wire.Order(id="X1", clord_id="c1", symbol=SYMBOL), {"order_id": "X1"}),
        (wire.Order(clord_id="c1", symbol=SYMBOL), {"clord_id": "c1"}),
        (unknown("X1"), {"order_id": "X1"}),
        (unknown(), {"clord_id": "c1"}),
    ],
)
def test_cancel_names_the_order(target: Any, named: dict[str, str]) -> None:
    """A cancel names the order by the venue's id, by the client's only if there is no other."""
    assert cancel_of(target) == wire.CancelOrderRequest(symbol=SYMBOL, **named)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Rejected("c1", "X1", ""), "nothing to cancel"),
        ("X1", "not by str"),
        (None, "not by NoneType"),
        (wire.Order(symbol=SYMBOL), "neither an id"),
    ],
)
def test_cancel_of_nothing_is_refused(target: Any, words: str) -> None:
    """What names no order that may be open cannot be cancelled."""
    with pytest.raises(ConfigError, match=words):
        cancel_of(target)


def test_order_ids() -> None:
    """Orders are read by the venue's id; where there is none, that is said."""
    assert [order_id_of(each) for each in ("X1", ACCEPTED, ACCEPTED.order, unknown("X1"))] == ["X1"] * 4
    with pytest.raises(ConfigError, match="resolve"):
        order_id_of(unknown())
    with pytest.raises(ConfigError, match="was rejected"):
        order_id_of(Rejected("c1", "X1", ""))  # type: ignore[arg-type]


def test_ids_in_use() -> None:
    """An id whose last order is open is refused; ended, it brings the orders of before with it."""
    ids, mine = ClientIds(), ("me", "c1")
    assert ids.begin([mine]) == [frozenset()]
    with pytest.raises(InvalidOrder, match="not known"):
        ids.begin([("me", "c2"), mine])
    # nothing was noted of the refused ones, and others have names of their own
    assert ids.begin([("me", "c2"), ("you", "c1")]) == [frozenset(), frozenset()]
    ids.end(mine, "X1")
    assert ids.begin([mine]) == [frozenset({"X1"})]
    ids.end(mine, None)
    assert ids.begin([mine]) == [frozenset({"X1"})]
    with pytest.raises(InvalidOrder, match="two orders"):
        ids.begin([("me", "c9"), ("me", "c9")])
    ids.end(("me", "never seen"), "X1")


def test_ids_are_bounded() -> None:
    """However many orders are placed, so many ids are kept, and those used last."""
    ids = ClientIds(limit=2)
    for name in "abc":
        ids.begin([("me", name)])
    assert len(ids._uses) == 2
    assert ids.begin([("me", "a")]) == [frozenset()]
    with pytest.raises(InvalidOrder):
        ids.begin([("me", "c")])


def test_settled_waits_for_the_end() -> None:
    """An order is read until it has ended; one that cannot be read yet is waited for."""
    venue = Venue()
    start = venue.world.monotonic

    def listed() -> list[dict[str, Any]]:
        age = venue.world.monotonic - start
        if age < 0.5:
            return []
        return [venue.record(state="ORDER_STATE_NEW" if age < 1 else "ORDER_STATE_CANCELED")]

    venue.past = listed
    order = venue.world.run(settled(venue.session, "X1", 5.0))
    assert order.state == wire.OrderState.CANCELED


def test_settled_gives_up_in_time() -> None:
    """When the time is up, the error says where the order stands, and that nothing was asked of it."""
    venue = Venue()
    venue.open = [venue.record()]
    start = venue.world.monotonic
    with pytest.raises(TimedOut, match="is still NEW") as caught:
        venue.world.run(settled(venue.session, "X1", 5.0))
    assert not caught.value.maybe_executed
    assert venue.world.monotonic - start <= 5.1
    venue.open = []
    with pytest.raises(NotFound):
        venue.world.run(settled(venue.session, "X1", 1.0))


def test_settled_raises_what_is_no_answer() -> None:
    """Refusals other than not found are raised at once."""
    venue = Venue()
    venue.broken["orders/X1"] = no(403, "scope", 7)
    with pytest.raises(PolyspecError, match="scope"):
        venue.world.run(settled(venue.session, "X1", 5.0))
    assert len(venue.calls) == 1
