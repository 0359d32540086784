"""Messages and the JSON they are over REST: nothing is lost on the way, and nothing is dropped in silence."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from google.protobuf import timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.json_format import MessageToDict, ParseDict
from polyspec_wire.us_exchange import funding, report, rfqs, trading
from polyspec_wire.us_exchange import models as wire

from polyspec.core.codec import decode
from polyspec.errors import ConfigError
from polyspec.io.grpc_calls_base import request_of
from polyspec.io.protobuf_json import Unfit, fill, plain
from polyspec.us.protos import Protos, load, ours

ORDER = ours().message("Order")
INSERT = ours().rpc("OrderEntryAPI", "InsertOrder")
PLACED = wire.InsertOrderRequest(
    type=wire.OrderType.LIMIT,
    side=wire.Side.BUY,
    symbol="tec",
    price=2**63 - 1,
    order_qty=100,
    time_in_force=wire.TimeInForce.GOOD_TILL_TIME,
    good_till_time=dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC),
    strict_limit=True,
)


def test_everything_is_as_the_library_has_it() -> None:
    """Where nothing is unusual, the JSON is that of protobuf itself, with what is at its default."""
    order = ORDER(
        id="1", symbol="s", order_qty=-(2**63), type=ours().enum("OrderType").Value("ORDER_TYPE_LIMIT")
    )
    order.good_till_time.FromNanoseconds(1_767_323_045_123_456_789)
    order.price_to_quantity_filled[500] = 2**62
    order.price_to_quantity_filled[-1] = 0
    assert plain(order) == MessageToDict(order, always_print_fields_with_no_presence=True)
    assert plain(ORDER()) == MessageToDict(ORDER(), always_print_fields_with_no_presence=True)


def test_moments_keep_their_nanoseconds() -> None:
    """A moment to the nanosecond is written so, and read back the same."""
    order = ORDER()
    order.insert_time.FromNanoseconds(1_767_323_045_123_456_789)
    written = plain(order)
    assert written["insertTime"] == "2026-01-02T03:04:05.123456789Z"
    again = ORDER()
    fill(again, written)
    assert again.insert_time.ToNanoseconds() == 1_767_323_045_123_456_789


def test_unknown_members_of_enums_keep_their_number() -> None:
    """A state the venue adds later is read as its number, and goes back as the same."""
    order = ORDER(state=4242)
    read = decode(msgspec.json.encode(plain(order)), wire.Order)
    assert read.state == "4242"
    again = ORDER()
    fill(again, msgspec.to_builtins(read))
    assert again.state == 4242


def test_a_filled_message_is_what_the_library_reads() -> None:
    """A request that is filled here is the one protobuf reads from the same JSON."""
    told = msgspec.to_builtins(PLACED)
    ours_, theirs = INSERT.request(), INSERT.request()
    fill(ours_, told)
    ParseDict(told, theirs)
    assert ours_ == theirs
    assert (ours_.price, ours_.good_till_time.ToNanoseconds() % 10**9) == (2**63 - 1, 678_901_000)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("InsertOrderRequest", {"nowhere": 1}),
        ("InsertOrderRequest", {"price": "1.5"}),
        ("InsertOrderRequest", {"price": 1.5}),
        ("InsertOrderRequest", {"price": 2**63}),
        ("InsertOrderRequest", {"price": "secret"}),
        ("InsertOrderRequest", {"strictLimit": "yes"}),
        ("InsertOrderRequest", {"side": "SIDE_UP"}),
        ("InsertOrderRequest", {"goodTillTime": "tomorrow"}),
        ("InsertOrderRequest", {"goodTillTime": {}}),
        ("InsertOrderListRequest", {"requests": [{"nowhere": 1}]}),
        ("InsertOrderListRequest", {"requests": ["secret"]}),
        ("Order", {"priceToQuantityFilled": {"a": "1"}}),
        ("Order", {"priceToQuantityFilled": []}),
    ],
)
def test_what_does_not_fit_is_refused(message: str, told: dict[str, Any]) -> None:
    """What a message has no place for is an error that tells the field, and never its value."""
    with pytest.raises(Unfit) as caught:
        fill(ours().message(message)(), told)
    assert "secret" not in str(caught.value)


def test_absent_and_said_are_told_apart() -> None:
    """A field with presence is written only if it was set, at its default too."""
    update = ours().message("MarketDataUpdate")
    assert "priceScale" not in plain(update())
    assert plain(update(price_scale=0))["priceScale"] == "0"
    assert "transactTime" not in plain(update())


def test_numbers_json_has_not_are_words() -> None:
    """Infinity and no number are what protobuf calls them, so that nobody reads them as null."""
    entry = ours().message("Instrument")
    for value, word in ((math.inf, "Infinity"), (-math.inf, "-Infinity"), (math.nan, "NaN"), (0.1, 0.1)):
        assert plain(entry(tick_size=value))["tickSize"] == word


def test_path_and_query_are_in_the_message() -> None:
    """Whatever a call says in its path, its query and its body is one message."""
    asked = ours().rpc("ReportAPI", "GetOrder")
    sent = asked.request.FromString(request_of(report.get_order("a/b c"), asked))
    assert sent.order_id == "a/b c"
    listing = ours().rpc("FundingAPI", "ListFundingTransactions")
    kinds = [wire.FundingTransactionType.DEPOSIT, wire.FundingTransactionType.WITHDRAWAL]
    call = funding.list_funding_transactions(transaction_types=kinds, newest_first=True, page_size=7)
    sent = listing.request.FromString(request_of(call, listing))
    assert (len(sent.transaction_types), sent.newest_first, sent.page_size) == (2, True, 7)
    one = funding.list_funding_transactions(transaction_types=kinds[:1])
    assert len(listing.request.FromString(request_of(one, listing)).transaction_types) == 1
    accept = ours().rpc("RFQAPI", "AcceptQuote")
    call = rfqs.accept_quote("r 1", "q/2", wire.AcceptQuoteRequest(accepted_side=wire.Side.SELL))
    sent = accept.request.FromString(request_of(call, accept))
    assert (sent.rfq_id, sent.quote_id) == ("r 1", "q/2")


def other(folder: Path, *, without: str = "") -> Protos:
    """Load a bundle like ours with other numbers, one field of an order perhaps left out."""
    found = FileDescriptorSet()
    timestamp_pb2.DESCRIPTOR.CopyToProto(found.file.add())
    for name in ours().files:
        file = found.file.add()
        file.ParseFromString(ours().pool.FindFileByName(name).serialized_pb)
        for message in file.message_type:
            for field in message.field:
                field.number += 3 if field.number < 1000 else -900
            for place, field in enumerate(message.field):
                if (message.name, field.name) == ("InsertOrderRequest", without):
                    del message.field[place]
                    break
    path = folder / "other.binpb"
    path.write_bytes(found.SerializeToString())
    return load(path)


def test_numbers_are_those_of_the_bundle(tmp_path: Path) -> None:
    """An order is written with the numbers of the bundle that is spoken, whatever ours are."""
    rpc = other(tmp_path).rpc("OrderEntryAPI", "InsertOrder")
    data = request_of(trading.insert_order(PLACED), rpc)
    assert data != request_of(trading.insert_order(PLACED), INSERT)
    read = rpc.request.FromString(data)
    assert MessageToDict(read) == MessageToDict(
        INSERT.request.FromString(request_of(trading.insert_order(PLACED), INSERT))
    )


def test_a_field_the_bundle_lacks_is_never_dropped(tmp_path: Path) -> None:
    """An order that says something the bundle has no field for is not sent without it."""
    rpc = other(tmp_path, without="strict_limit").rpc("OrderEntryAPI", "InsertOrder")
    with pytest.raises(ConfigError, match="InsertOrderRequest has no field strictLimit"):
        request_of(trading.insert_order(PLACED), rpc)
    plainly = msgspec.structs.replace(PLACED, strict_limit=False)
    assert rpc.request.FromString(request_of(trading.insert_order(plainly), rpc)).symbol == "tec"
