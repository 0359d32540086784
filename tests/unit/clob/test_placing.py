"""An order is sent, and what is said about it afterwards is true or unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.clob.placing import Noted, Posting
from polyspec.core.effects import Reply, Request, Send
from polyspec.core.sent import SentOrders
from polyspec.errors import (
    ApiError,
    ConnectFailed,
    DecodeError,
    InsufficientFunds,
    OrderRejected,
    PolyspecError,
    RateLimited,
    TimedOut,
    TradingRestricted,
    Unauthorized,
)
from tests.unit.clob.checks import TOKEN
from tests.unit.clob.clob_rig import (
    BROKEN_PIPE,
    ELSE,
    Venue,
    async_client_of,
    no,
    ok,
    page,
    posting,
    record,
    record_of,
    signed,
    told,
    trade,
)
from tests.unit.flows import Running


@pytest.fixture
def venue() -> Venue:
    """Return a venue that takes what it gets."""
    return Venue()


# -- one answer --


def test_taken(venue: Venue) -> None:
    """An order whose id comes back without an error is accepted, and nothing more is asked."""
    sent = posting()
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert (placed.order_id, placed.status, placed.answer is None) == (sent.order.order_id, "live", False)
    assert (str(placed.size), str(placed.matched), str(placed.remaining)) == ("10", "0", "10")
    assert [each.path for each in venue.calls] == ["order"]
    assert venue.posts == [sent.body]


@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_matched_at_once(venue: Venue, side: str) -> None:
    """Shares that matched are told in shares, whichever side they were on."""
    order = signed(side=side) if side == "BUY" else signed(side=side, maker_amount=10_000_000, taker_amount=1)
    amounts = {"takingAmount": "4", "makingAmount": "2.08"}
    if side == "SELL":
        amounts = {"takingAmount": "2.08", "makingAmount": "4"}
    venue.post = ok(told(order.order_id, status="matched", tradeIDs=["t1"], **amounts))
    placed = venue.place(posting(order))
    assert isinstance(placed, Accepted)
    assert (str(placed.matched), str(placed.remaining), placed.trade_ids) == ("4", "6", ("t1",))


def test_id_in_capitals(venue: Venue) -> None:
    """The venue may write the id of an order in capitals."""
    order = signed()
    venue.post = ok(told("0x" + order.order_id[2:].upper()))
    assert isinstance(venue.place(posting(order)), Accepted)


def test_unreadable_amounts_do_not_undo_an_order(venue: Venue) -> None:
    """An order whose amounts cannot be read was taken nonetheless."""
    order = signed()
    venue.post = ok(told(order.order_id, takingAmount="a few"))
    placed = venue.place(posting(order))
    assert isinstance(placed, Accepted)
    assert placed.matched == 0


@pytest.mark.parametrize("success", [True, False])
def test_refused_in_the_answer(venue: Venue, success: bool) -> None:
    """An error without an id is a refusal, whatever ``success`` says."""
    venue.post = ok(told(text="not enough balance / allowance", success=success))
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert isinstance(placed.error, InsufficientFunds)
    assert not placed.never_arrived
    assert len(venue.calls) == 1


def test_refused_without_words(venue: Venue) -> None:
    """No success, no id, no words: refused."""
    venue.post = ok(told(success=False))
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert "no reason given" in str(placed.error)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (400, "not enough balance / allowance", InsufficientFunds),
        (400, "order couldn't be fully filled. FOK orders are fully filled or killed.", OrderRejected),
        (400, "no orders found to match with FAK order.", OrderRejected),
        (400, "'0x1' address in closed only mode", TradingRestricted),
        (403, "Trading restricted in your region", TradingRestricted),
        (404, "market not found", OrderRejected),
        (422, "bad", OrderRejected),
    ],
)
def test_refused_with_a_status(venue: Venue, status: int, text: str, kind: type[Exception]) -> None:
    """A refusal of the order in the venue's words needs no lookup."""
    venue.post = no(status, text)
    placed = venue.place()
    assert isinstance(placed, Rejected)
    assert (placed.text, placed.status, placed.never_arrived) == (text, status, False)
    assert type(placed.error) is kind
    with pytest.raises(kind):
        placed.unwrap()
    assert len(venue.calls) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "posts"),
    [
        (no(401, "Unauthorized/Invalid api key"), Unauthorized, 1),
        (no(429, "Too Many Requests"), RateLimited, 5),
        (no(405, "no such method"), ApiError, 1),
        (no(413, "too large"), ApiError, 1),
        (ConnectFailed("no connection"), ConnectFailed, 5),
    ],
)
def test_what_is_not_about_the_order_is_raised(
    venue: Venue, answer: Any, kind: type[PolyspecError], posts: int
) -> None:
    """What proves that nothing happened and is not about the order is raised, and says so."""
    venue.post = answer
    with pytest.raises(kind) as caught:
        venue.place()
    assert not caught.value.maybe_executed
    assert len(venue.posts) == len(venue.calls) == posts
    assert len(set(venue.posts)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"order_id": ELSE},
        {"order_id": ELSE, "success": False, "text": "no"},
        {"order_id": ELSE, "text": "no"},
    ],
)
def test_answer_about_another_order(venue: Venue, answer: Any) -> None:
    """A yes that names another order is none for this one, and this one is found by its own id."""
    sent = posting()

    def take(request: Request) -> Reply:
        venue.take(request)
        return ok(told(**answer))

    venue.post = take
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert placed.order_id == sent.order.order_id


def test_order_that_may_stand_by_another_id_is_never_absent(venue: Venue) -> None:
    """An order the venue may know by an id of its own is not declared absent, and not sent again."""
    venue.post = ok(told(ELSE))
    placed = venue.place(timeout=300)
    assert isinstance(placed, Unknown)
    assert isinstance(placed.cause, DecodeError)
    assert ELSE in str(placed.cause)
    assert isinstance(placed.resolve(300), Unknown)
    assert len(venue.posts) == 1


@pytest.mark.parametrize("case", ["id without success", "id with words", "success alone"])
def test_answers_that_contradict_themselves(venue: Venue, case: str) -> None:
    """What is a yes and a no at once is looked up."""
    sent = posting()
    answer = {
        "id without success": told(sent.order.order_id, success=False),
        "id with words": told(sent.order.order_id, "no"),
        "success alone": told(),
    }[case]

    def take(request: Request) -> Reply:
        venue.take(request)
        return ok(answer)

    venue.post = take
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert placed.answer is None
    venue.listed, venue.post = [], ok(answer)
    gone = venue.place(sent, resend=False)
    assert isinstance(gone, Rejected)
    assert gone.never_arrived


@pytest.mark.parametrize("how", ["400", "200", "200 with id"])
@pytest.mark.parametrize(
    "text",
    [
        "order match delayed due to market conditions",
        "error delaying the order",
        "could not insert order",
        "could not run the execution",
        "order timed out",
        "context canceled",
    ],
)
def test_words_that_decide_nothing(venue: Venue, text: str, how: str) -> None:
    """Words of a delay or of a failure half way are no refusal: the order may stand, and is looked up."""
    sent = posting()

    def take(request: Request) -> Reply:
        venue.take(request)
        return no(400, text) if how == "400" else ok(told(sent.order.order_id * (how[4:] != ""), text))

    venue.post = take
    assert isinstance(venue.place(sent), Accepted)
    venue.listed = []
    venue.post = no(400, text)
    gone = venue.place(resend=False)
    assert isinstance(gone, Rejected)
    assert text in gone.text


@pytest.mark.parametrize("status", [409, 425])
def test_statuses_that_decide_nothing(venue: Venue, status: int) -> None:
    """A clash may be with itself, and a restarting engine may have taken the order along."""
    sent = posting()

    def take(request: Request) -> Reply:
        venue.take(request)
        return no(status, "busy")

    venue.post = take
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert len(venue.posts) == 1


# -- duplicates --


@pytest.mark.parametrize("how", ["400", "200"])
def test_posting_the_same_order_twice(venue: Venue, how: str) -> None:
    """The second time it is the same order: what became of the first is told."""
    sent = posting()
    assert isinstance(venue.place(sent), Accepted)
    text = f"order {sent.order.order_id} is invalid. Duplicated."
    venue.post = no(400, text) if how == "400" else ok(told(text=text))
    assert isinstance(venue.place(sent), Accepted)


def test_posting_what_filled_long_ago(venue: Venue) -> None:
    """An order that filled an hour ago is found, although it is listed no more and its trade is old."""
    sent = posting()
    venue.trades = [trade(sent.order.order_id)]
    venue.world.pass_time(3600)
    venue.post = no(400, "order is invalid. Duplicated.")
    placed = venue.place(sent)
    assert isinstance(placed, Accepted)
    assert (placed.status, str(placed.matched)) == ("matched", "10")


def test_lost_answer_about_what_filled_long_ago(venue: Venue) -> None:
    """An order of an hour ago whose second posting is lost is not declared absent: it filled."""
    sent = posting()
    venue.trades = [trade(sent.order.order_id)]
    venue.world.pass_time(3600)
    venue.post = BROKEN_PIPE
    assert isinstance(venue.place(sent), Accepted)


def test_duplicate_that_is_nowhere_is_never_absent(venue: Venue) -> None:
    """The venue has it, it says: not finding it proves nothing."""
    venue.post = no(400, "order is invalid. Duplicated.")
    placed = venue.place(timeout=120)
    assert isinstance(placed, Unknown)
    assert len(venue.posts) == 1


# -- the market --


@pytest.mark.parametrize(
    ("text", "forgotten"),
    [
        ("order x is invalid. Price (0.52) breaks minimum tick size rule: 0.1", True),
        ("order x is invalid. Size (1) lower than the minimum: 5", True),
        ("invalid signature", True),
        ("not enough balance / allowance", False),
    ],
)
def test_refusals_over_the_market_have_it_read_anew(venue: Venue, text: str, forgotten: bool) -> None:
    """A market is forgotten when a refusal says that it is not what it was."""
    venue.post, venue.batch = no(400, text), ok([told(text=text)])
    venue.place()
    assert venue.forgotten == [TOKEN] * forgotten
    venue.place_many([posting()])
    assert venue.forgotten == [TOKEN] * 2 * forgotten


# -- cut off --


def test_cut_off_tells_which_orders_may_stand() -> None:
    """What cuts a placement off carries the ids of its orders, replaced ones included."""
    first, second = posting(), posting()
    with pytest.raises(KeyboardInterrupt) as caught, Noted([first]) as replaced:
        _interrupted(replaced, second)
    assert all(each.order.order_id in caught.value.__notes__[0] for each in (first, second))
    with pytest.raises(TimedOut) as failed, Noted([first]):
        raise TimedOut("no")
    assert not hasattr(failed.value, "__notes__")


def _interrupted(replaced: Callable[[Posting], None], order: Posting) -> None:
    replaced(order)
    raise KeyboardInterrupt


def test_cut_off_in_the_middle_leaves_nothing_running(venue: Venue) -> None:
    """A placement that is closed while under way ends at once, and sends nothing more."""
    flow = Running(venue.world, venue.placing().place(posting(), 15))
    flow.until(Send).flow.close()
    assert venue.calls == []


def test_records_read_back() -> None:
    """The double reads an order from its JSON as the order that was sent: same id, same signature."""
    sent = posting()
    request = Request("POST", "https://clob.test/order", (), sent.body, None)  # type: ignore[arg-type]
    assert record_of(request)["id"] == sent.order.order_id


# -- the same order again --


@pytest.mark.parametrize(
    "answer",
    [
        no(400, "not enough balance / allowance"),
        ok(told(text="not enough balance / allowance", success=False)),
        no(401),
        no(429),
        no(403),
        no(400, "order_version_mismatch"),
        ConnectFailed("no connection"),
    ],
)
def test_what_may_stand_is_not_refused_by_a_later_answer(venue: Venue, answer: Any) -> None:
    """An order whose fate is open is posted again and refused: what became of the first time is found out."""
    sent = posting()
    venue.post = venue.lost()
    assert isinstance(venue.place(sent, timeout=0.5), Unknown)
    venue.post = answer
    start = venue.world.monotonic
    venue.listed = lambda: [record(sent.order)] if venue.world.monotonic > start + 3 else []
    assert isinstance(venue.place(sent), Accepted)
    venue.listed = []
    again = venue.place(sent)
    assert isinstance(again, Rejected)
    # a refusal that needs no proof is taken at its word for the copy that follows the proof
    assert again.never_arrived or len(venue.posts) == 4


def test_what_may_stand_is_not_refused_in_a_batch(venue: Venue) -> None:
    """The same for an order of a batch; the others are refused at once."""
    sent = [posting(), posting()]
    venue.post = venue.lost()
    assert isinstance(venue.place(sent[0], timeout=0.5), Unknown)
    venue.listed = [record(sent[0].order)]
    venue.batch = no(401)
    placed = venue.place_many(sent)
    assert [type(each) for each in placed] == [Accepted, Rejected]
    assert not placed[1].never_arrived


def test_refused_orders_may_be_posted_again_at_once(venue: Venue) -> None:
    """What was refused does not stand: the next refusal of it needs no proof; nor does one after an error."""
    sent = posting()
    for answer in (no(400, "not enough balance / allowance"), no(401)):
        venue.post = answer
        with suppress(Unauthorized):
            venue.place(sent)
        venue.post = no(400, "not enough balance / allowance")
        venue.calls.clear()
        assert isinstance(venue.place(sent), Rejected)
        assert len(venue.calls) == 1


@pytest.mark.parametrize("stands", [True, False])
def test_orders_of_before_are_looked_up_when_they_are_refused(venue: Venue, stands: bool) -> None:
    """An order that is not fresh may have been posted by another process: one look tells."""
    sent = posting()
    venue.world.pass_time(60)
    venue.listed = [record(sent.order)] if stands else []
    venue.post = no(400, "not enough balance / allowance")
    placed = venue.place(sent)
    assert isinstance(placed, Accepted if stands else Rejected)
    assert len(venue.times("data/order")) == 1


def test_orders_of_before_whose_lookup_fails(venue: Venue) -> None:
    """If that look fails, nobody knows; the refusal is told as the cause."""
    sent = posting()
    venue.world.pass_time(60)
    venue.post = no(400, "not enough balance / allowance")
    venue.broken["data/order"] = page(503)
    placed = venue.place(sent)
    assert isinstance(placed, Unknown)
    assert "not enough balance" in str(placed.cause)


def test_memory_of_what_was_sent_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many orders pass by, those of late are remembered, and no more."""
    monkeypatch.setattr("polyspec.core.sent._MOST", 10)
    sent = SentOrders()
    assert [sent.begin(str(number)) for number in range(35)] == [False] * 35
    assert [sent.begin(str(number)) for number in range(25, 35)] == [True] * 10
    sent.end(["30", "unheard of"])
    assert [sent.begin("30"), sent.begin("31")] == [False, True]
    assert len(sent._ids) == 10


def test_cancelled_task_tells_which_order_may_stand() -> None:
    """A task that is cancelled while its order is under way takes the id along."""
    venue, order = Venue(), signed()
    client = async_client_of(venue)
    notes: list[str] = []

    async def hang(request: Request) -> Reply:
        await asyncio.sleep(60)
        return ok({})

    async def post() -> None:
        try:
            await client.post_order(order)
        except asyncio.CancelledError as error:
            notes.extend(error.__notes__)
            raise

    async def run() -> None:
        client._http.send = hang  # type: ignore[method-assign]
        task = asyncio.create_task(post())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert order.order_id in notes[0]
