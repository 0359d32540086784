"""What a look at an order is worth, and what ends the looking."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from polyspec.core import fate
from polyspec.core.absence import Empty
from polyspec.errors import InsufficientFunds, NotFound, OrderRejected, PolyspecError, TimedOut
from polyspec.polysimulator.fate import Accepted, OrderId, Rejected, Terms, Unknown
from polyspec.polysimulator.resolving import _Case
from tests.unit.polysimulator.order_rig import (
    BROKEN_PIPE,
    MARKET,
    Venue,
    a_ticket,
    no,
    ok,
    page,
)

LIST = "GET /v1/orders"
HISTORY = "GET /v1/account/history"


@pytest.fixture
def venue() -> Venue:
    """Return a venue without orders."""
    return Venue()


def lost(venue: Venue, **changes: Any) -> Unknown[Any]:
    """Return the fate of an order that was just sent, and whose answer was lost."""
    ticket = a_ticket()
    known: dict[str, Any] = {
        "client_order_id": ticket.client_order_id, "terms": ticket.terms, "sent_at": venue.world.wall,
        "left": venue.world.monotonic, "fresh": True, "owner": "ours", "resolver": venue.resolve,
    }  # fmt: skip
    return Unknown(**(known | changes))


def terms_of(unknown: Unknown[Any], **changes: Any) -> dict[str, Any]:
    """Return what the venue keeps of such an order."""
    found: dict[str, Any] = json.loads(a_ticket(client_order_id=unknown.client_order_id).body)
    return found | changes


def test_absent(venue: Venue) -> None:
    """Two empty looks, apart and after the settle window, prove that an order never arrived."""
    unknown, start = lost(venue), venue.world.monotonic
    found = unknown.resolve()
    assert isinstance(found, Rejected)
    assert found.never_arrived
    assert "never arrived" in found.text
    looks = [each.when for each in venue.calls if each.path == "/v1/orders"]
    counted = [each for each in looks if each >= start + 5]
    assert len(counted) == 2
    assert counted[1] - counted[0] >= 2


@pytest.mark.parametrize("path", [LIST, HISTORY])
@pytest.mark.parametrize("answer", [page(502), no(401, "INVALID_KEY"), BROKEN_PIPE, ok("nonsense")])
def test_failed_looks_prove_nothing(venue: Venue, path: str, answer: Any) -> None:
    """A look that fails, of whatever, is no look; what it failed of is there to be read."""
    venue.handlers[path] = lambda _: answer
    found = lost(venue).resolve(20.0)
    assert isinstance(found, Unknown)
    assert isinstance(found.obstacle, PolyspecError)


@pytest.mark.parametrize(
    "changes",
    [{"owner": "somebody else"}, {"claimed": True}, {"sent_at": None}, {"terms": None}],
)
def test_looks_that_cannot_prove(venue: Venue, changes: dict[str, Any]) -> None:
    """What another key placed, the venue has, or nobody noted enough of is never proven absent."""
    unknown = lost(venue, **changes)
    assert isinstance(unknown.resolve(30.0), Unknown)
    venue.put(terms_of(unknown))
    assert isinstance(unknown.resolve(30.0), Accepted)


def test_written_by_hand(venue: Venue) -> None:
    """After a restart the client order id is enough to find an order, with terms to prove it absent."""
    by_id = Unknown[Any](client_order_id="mine")
    with pytest.raises(PolyspecError):
        by_id.resolve()
    found = venue.resolve(
        Unknown(client_order_id="mine", terms=Terms(MARKET, "BUY", "Yes"), sent_at=venue.world.wall - 60)
    )
    assert isinstance(found, Rejected)
    venue.put(json.loads(a_ticket(client_order_id="mine").body))
    assert isinstance(venue.resolve(by_id), Accepted)


def test_rows_of_nobody(venue: Venue) -> None:
    """A row that does not say whose it is leaves a doubt only if it could be the order."""
    venue.names = False
    unknown = lost(venue)
    for changes in ({"side": "SELL"}, {"outcome": "No"}, {"price": "0.66"}, {"quantity": "11"}):
        venue.put(terms_of(unknown, client_order_id="x", **changes))
    assert isinstance(unknown.resolve(), Rejected)
    venue.put(terms_of(unknown, client_order_id="x"))
    assert isinstance(lost(venue).resolve(), Unknown)


def test_fills_of_nobody(venue: Venue) -> None:
    """A fill whose order says of nobody that it is his leaves a doubt; one of a known order none."""
    venue.lists_filled = False
    unknown = lost(venue)
    venue.put(terms_of(unknown, client_order_id="of another"), "FILLED")
    assert isinstance(unknown.resolve(), Rejected)
    venue.names = False
    assert isinstance(lost(venue).resolve(), Unknown)


def test_found_among_fills(venue: Venue) -> None:
    """An order no listing shows is found by its fill, with the part that was filled."""
    venue.lists_filled = False
    unknown = lost(venue)
    venue.put(terms_of(unknown, client_order_id="of another"), "FILLED")
    venue.put(terms_of(unknown), "FILLED").filled = "3"
    found = unknown.resolve()
    assert isinstance(found, Accepted)
    assert (found.order_id, found.filled) == ("filled:2", Decimal(3))


def test_many_fills(venue: Venue) -> None:
    """More fills that could be its than are worth reading leave a doubt."""
    venue.lists_filled = False
    unknown = lost(venue)
    for number in range(9):
        venue.put(terms_of(unknown, client_order_id=f"x{number}"), "FILLED")
    assert isinstance(unknown.resolve(20.0), Unknown)


def test_long_listings(venue: Venue) -> None:
    """Listings are read as far as they can matter: to the first page that is old, or to their end."""
    venue.rows_per_page = 3
    unknown = lost(venue)
    for _ in range(30):
        venue.put(terms_of(unknown, client_order_id="x"))
        venue.world.pass_time(60)
    unknown = lost(venue)
    venue.calls.clear()
    assert isinstance(unknown.resolve(), Rejected)
    assert max(int(each.query.get("cursor", "0")) for each in venue.calls) <= 3
    venue.newest_first = False
    venue.calls.clear()
    assert isinstance(lost(venue).resolve(), Rejected)
    assert max(int(each.query.get("cursor", "0")) for each in venue.calls) == 27


def test_listing_without_an_end(venue: Venue) -> None:
    """A listing that was not read to its end proves nothing."""
    venue.rows_per_page, venue.newest_first = 1, False
    for _ in range(12):
        venue.put(terms_of(lost(venue), client_order_id="x", side="SELL"))
    assert isinstance(lost(venue).resolve(20.0), Unknown)
    venue.handlers[LIST] = lambda _: ok({"orders": [], "has_more": True})
    assert isinstance(lost(venue).resolve(20.0), Unknown)


@pytest.mark.parametrize("status", ["CANCELLED", "EXPIRED", "FILLED", "SOMETHING_NEW"])
def test_statuses(venue: Venue, status: str) -> None:
    """An order that was found stood, whatever became of it since."""
    unknown = lost(venue)
    row = venue.put(terms_of(unknown))
    row.status = status
    found = unknown.resolve()
    assert isinstance(found, Accepted)
    assert (found.status, found.order_id) == (status, "pending:1")
    assert not found.is_open


def test_kept_as_refused(venue: Venue) -> None:
    """An order the venue keeps as refused does not stand."""
    unknown = lost(venue)
    venue.put(terms_of(unknown)).status = "REJECTED"
    found = unknown.resolve()
    assert isinstance(found, Rejected)
    assert (found.order_id, found.code) == ("pending:1", "REJECTED")


def test_not_judged_yet(venue: Venue) -> None:
    """An order that was only taken in is looked at until it is judged, and never absent again."""
    unknown = lost(venue)
    row = venue.put(terms_of(unknown))
    row.status = "accepted"
    found = unknown.resolve(20.0)
    assert isinstance(found, Unknown)
    assert found.claimed
    venue.rows.clear()
    assert isinstance(found.resolve(20.0), Unknown)
    venue.rows.append(row)
    row.status = "PENDING"
    assert isinstance(found.resolve(20.0), Accepted)


def test_by_id_first(venue: Venue) -> None:
    """An order whose id the venue told is read by it, and taken for it though it names nobody."""
    venue.names = False
    unknown = lost(venue)
    venue.put(terms_of(unknown))
    found = lost(venue, order_id=OrderId("pending:1"), client_order_id=unknown.client_order_id).resolve()
    assert isinstance(found, Accepted)
    assert [each.path for each in venue.calls] == ["/v1/orders/1"]
    venue.rows[0].terms["side"] = "SELL"
    assert isinstance(lost(venue, order_id=OrderId("pending:1")).resolve(20.0), Rejected)


def test_deadline_of_a_look(venue: Venue) -> None:
    """Looking ends in time, however slow the venue is."""

    def slow(called: Any) -> Any:
        venue.world.pass_time(called.total)
        return TimedOut("no answer")

    venue.handlers[LIST] = slow
    start = venue.world.monotonic
    assert isinstance(lost(venue).resolve(7.0), Unknown)
    assert venue.world.monotonic - start <= 7.2


def test_bug_in_a_look(venue: Venue) -> None:
    """What a look fails of unexpectedly is an obstacle, no verdict."""
    venue.handlers[LIST] = lambda _: ValueError("a bug")
    found = lost(venue).resolve(3.0)
    assert isinstance(found, Unknown)
    assert "ValueError" in str(found.obstacle)


def test_fates_are_those_of_every_venue() -> None:
    """The three fates are those of `polyspec.core.fate`, and a refusal is raised anew each time."""
    cause = InsufficientFunds("not enough", status=400, code="INSUFFICIENT_BALANCE")
    refused = Rejected(client_order_id="x", text="not enough", code="INSUFFICIENT_BALANCE", cause=cause)
    assert isinstance(refused, fate.Rejected)
    assert issubclass(Accepted, fate.Accepted)
    assert issubclass(Unknown, fate.Unknown)
    assert refused.error is not refused.error
    assert isinstance(refused.error, InsufficientFunds)
    other = Rejected(client_order_id="x", text="", code="MARKET_NOT_FOUND", cause=NotFound("no", status=404))
    assert type(other.error) is OrderRejected
    assert (
        type(Rejected(client_order_id="x", text="", code="INSUFFICIENT_POSITION").error) is InsufficientFunds
    )


def test_looks_that_fail_in_between(venue: Venue) -> None:
    """Empty looks with a failed one between them are no proof: what they could not see may be there."""
    count = iter(range(1000))
    known = venue.listed
    venue.handlers[LIST] = lambda called: page(404) if next(count) % 2 else known(called)
    assert isinstance(lost(venue).resolve(60.0), Unknown)


def test_given_ids_of_long_ago(venue: Venue) -> None:
    """An id that was given may be that of an old order: listings are read beyond what is new."""
    venue.rows_per_page = 3
    unknown = lost(venue, client_order_id="mine", fresh=False)
    venue.put(terms_of(unknown))
    for number in range(10):
        venue.world.pass_time(100)
        venue.put(terms_of(unknown, client_order_id=f"x{number}"))
    found = lost(venue, client_order_id="mine", fresh=False).resolve()
    assert isinstance(found, Accepted)
    assert found.order_id == "pending:1"


def test_number_without_a_table(venue: Venue) -> None:
    """A bare number that leads to an order of nobody's is not believed: there may be another of it."""
    venue.names = False
    unknown = lost(venue, order_id=OrderId(1), claimed=True)
    venue.put(terms_of(unknown, client_order_id="of another"))
    assert isinstance(unknown.resolve(20.0), Unknown)


def test_the_telling_obstacle_stays() -> None:
    """A look the deadline cuts short does not hide what the one before failed of; one that works does."""
    telling, late = PolyspecError("another key placed it"), TimedOut("no answer in time")
    case = _Case(Unknown(client_order_id="c"), 0.0, 5.0)
    for seen, left in ((late, late), (telling, telling), (late, telling), (Empty.PARTIAL, None)):
        case.learn(seen, 1.0, 1.0)
        assert case.unknown.obstacle is left
