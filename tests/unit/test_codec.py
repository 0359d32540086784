"""Answers decode by the rules of protobuf JSON, in both spellings, and nothing but typed errors comes out."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from random import Random  # noqa: TID251
from typing import Any

import msgspec
import pytest
from polyspec_wire._call import Number
from polyspec_wire.us_exchange import models as m

from polyspec.core import codec
from polyspec.core.codec import decode, encode
from polyspec.errors import ConfigError, DecodeError
from tests.unit.answers import ANSWERS, STRUCTS, as_wire, made


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_both_spellings_mean_the_same(kind: type[msgspec.Struct]) -> None:
    """Every answer of the US exchange reads the same in camelCase and snake_case; free-form keys stay."""
    for seed in range(12):
        value = made(kind, Random(seed))
        camel = msgspec.json.encode(as_wire(value, snake=False, texts=False))
        snake = msgspec.json.encode(as_wire(value, snake=True, texts=False))
        assert decode(camel, kind) == value
        assert decode(snake, kind) == value


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_unknown_fields_survive(kind: type[msgspec.Struct]) -> None:
    """Fields the spec does not know yet are passed over, at the top and deeper."""
    extra = b'{"brandNew":{"a":[1,{"b":null}]},"brand_new":1e5,'
    for value in (made(kind, Random(seed)) for seed in range(3)):
        for snake in (False, True):
            body = msgspec.json.encode(as_wire(value, snake=snake, texts=False))
            grown = extra + body[1:] if body != b"{}" else extra[:-1] + b"}"
            assert decode(grown, kind) == value


def test_snake_case_order() -> None:
    """The quickstart dialect decodes to the same order as the current one."""
    camel = b'{"orderId":"1","order":{"id":"1","clordId":"c","orderQty":"5","cumQty":2,"side":"SIDE_BUY"}}'
    snake = (
        b'{"order_id":"1","order":{"id":"1","clord_id":"c","order_qty":5,"cum_qty":"2","side":"SIDE_BUY"}}'
    )
    assert decode(camel, m.InsertOrderResponse) == decode(snake, m.InsertOrderResponse)
    assert decode(snake, m.InsertOrderResponse).order.cum_qty == 2


def test_spelling_is_seen_behind_a_long_head() -> None:
    """A long head of one-word keys does not hide that the rest is in snake_case."""
    body = b'{"order":[' + b'{"id":"1","symbol":"' + b"x" * 9000 + b'","order_qty":"7"}]}'
    assert decode(body, m.SearchOrdersResponse).order[0].order_qty == 7


class Digits(msgspec.Struct, frozen=True, kw_only=True):
    """Names whose snake_case has an underscore in front of a digit."""

    last_px: int = msgspec.field(default=0, name="lastPx")
    level2_px: int = msgspec.field(default=0, name="level2Px")


@pytest.mark.parametrize("name", ["level2_px", "level_2_px", "level2Px"])
def test_digits_in_names(name: str) -> None:
    """Where a field's own name cannot be told from its JSON name, every spelling of it is read."""
    assert decode(f'{{"last_px":1,"{name}":2}}'.encode(), Digits) == Digits(last_px=1, level2_px=2)


def test_keys_of_maps_do_not_decide() -> None:
    """A free-form map with underscores in front of camelCase keys does not change how those are read."""
    body = b'{"instruments":[{"metadata":{"some_key":"a","other_key":"b"},"tickSize":0.01,"symbol":"s"}]}'
    (instrument,) = decode(body, m.ListInstrumentsResponse).instruments
    assert instrument.tick_size == Decimal("0.01")
    assert instrument.metadata == {"some_key": "a", "other_key": "b"}


def test_numbers_are_exact_in_both_spellings() -> None:
    """No amount passes through a binary float, in the renamed spelling either."""
    number = "0.1234567890123456789012345"
    for name in (b"tickSize", b"tick_size"):
        body = b'{"instruments":[{"' + name + b'":' + number.encode() + b',"multiplier":1.10}]}'
        (instrument,) = decode(body, m.ListInstrumentsResponse).instruments
        assert instrument.tick_size == Decimal(number)
        assert instrument.multiplier == Decimal("1.10")


class Bag(msgspec.Struct, frozen=True, kw_only=True):
    """One of everything."""

    needed: str
    count: int = 0
    on: bool = False
    name: str = ""
    amount: Decimal = Decimal(0)
    maybe: Decimal | None = None
    when: dt.datetime | None = None
    side: m.Side = m.Side.UNDEFINED
    tags: list[str] = msgspec.field(default_factory=list)
    inner: list[m.BookEntry] = msgspec.field(default_factory=list)
    by_name: dict[str, Decimal] = msgspec.field(default_factory=dict, name="byName")
    share: float = 0.0


EMPTY = Bag(needed="x")


@pytest.mark.parametrize("name", [each for each in Bag.__struct_encode_fields__ if each != "needed"])
def test_null_reads_as_absent(name: str) -> None:
    """Null for a scalar, list, map or message reads as its zero, as protobuf JSON has it."""
    assert decode(f'{{"needed":"x","{name}":null}}'.encode(), Bag) == EMPTY


@pytest.mark.parametrize("name", ["count", "amount", "maybe", "when", "share"])
def test_empty_text_reads_as_absent(name: str) -> None:
    """Empty text for a number or time is the zero of a server that writes everything as text."""
    assert decode(f'{{"needed":"x","{name}":""}}'.encode(), Bag) == EMPTY


def test_empty_text_stays_text() -> None:
    """Empty text where text belongs is a value."""
    assert decode(b'{"needed":"","name":"","tags":[""],"count":null}', Bag) == Bag(needed="", tags=[""])


@pytest.mark.parametrize("body", [b'{"needed":null}', b'{"needed":null,"count":null}', b"{}"])
def test_required_null_fails_with_its_path(body: bytes) -> None:
    """What must be there may not be null, and the error says where."""
    with pytest.raises(DecodeError, match="needed"):
        decode(body, Bag)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"order":[{"orderQty":"many"}]}', r"\$\.order\[0\]\.orderQty"),
        (b'{"order":[{},{"order_qty":"many"}]}', r"\$\.order\[1\]\.orderQty"),
        (b'{"order":[{"orderQty":"many","text":null}]}', r"\$\.order\[0\]\.orderQty"),
        (b'{"order":{}}', r"\$\.order"),
        (b"[]", "object"),
        (b"null", "object"),
        (b'"x"', "object"),
    ],
)
def test_errors_name_the_path(body: bytes, path: str) -> None:
    """A value that does not fit is named by its path, with what was expected."""
    with pytest.raises(DecodeError, match=path) as caught:
        decode(body, m.SearchOrdersResponse)
    assert "SearchOrdersResponse" in str(caught.value)
    assert not caught.value.malformed


def test_unknown_enum_values_survive() -> None:
    """An enum value the spec does not know is kept as it is and equals none that it knows."""
    order = decode(b'{"order":[{"state":"ORDER_STATE_MELTED"}]}', m.SearchOrdersResponse).order[0]
    assert order.state == "ORDER_STATE_MELTED"
    assert order.state not in list(m.OrderState)
    assert b"ORDER_STATE_MELTED" in encode(order)


@pytest.mark.parametrize(
    "text", ["0", "5", "-5", "9007199254740993", "9223372036854775807", "-9223372036854775808"]
)
def test_int64_as_text_or_number(text: str) -> None:
    """64-bit integers read exactly as text and as number."""
    for written in (text, f'"{text}"'):
        assert decode(f'{{"px":{written}}}'.encode(), m.BookEntry).px == int(text)


NOT_INTEGERS = [
    "1.5",
    '"1.5"',
    "1e400",
    "NaN",
    '"NaN"',
    "Infinity",
    "true",
    '"0x10"',
    '"5_0"',
    '" 5"',
    "[]",
    "{}",
]


@pytest.mark.parametrize("text", [*NOT_INTEGERS, "1" * 5000, f'"{"1" * 5000}"'])
def test_what_is_no_int64(text: str) -> None:
    """What is no integer, or one of thousands of digits, is refused with its path."""
    with pytest.raises(DecodeError):
        decode(f'{{"px":{text}}}'.encode(), m.BookEntry)


POISON = [
    '"NaN"',
    '"nan"',
    '"-nan"',
    '"sNaN"',
    '"Infinity"',
    '"-inf"',
    "1e400",
    "-1e400",
    '"1E+400"',
    "1e-400",
]
POISON += ['"1E+999999999"', "1" * 5000, f'"{"9" * 5000}"', '"0E+999999"', "1e99999999999999999999"]


@pytest.mark.parametrize("text", [*POISON, "NaN", "Infinity", "-Infinity", "0x1", "1.", ".5", "+1", "--1"])
@pytest.mark.parametrize("name", ["amount", "maybe", "byName", "by_name"])
def test_amounts_are_finite_and_short(text: str, name: str) -> None:
    """Not-a-numbers, infinities and monstrous exponents never become an amount, quoted or not."""
    written = f'{{"a":{text}}}' if name in ("byName", "by_name") else text
    start = time.process_time()
    with pytest.raises(DecodeError):
        decode(f'{{"needed":"x","{name}":{written}}}'.encode(), Bag)
    assert time.process_time() - start < 2


def test_numbers_right_below_a_map_or_list() -> None:
    """Numbers that belong to no struct are read, and held to the same bounds."""
    for kind, body in ((dict[str, Number], b'{"a": %s}'), (list[Number], b"[%s]"), (Number, b"%s")):
        found = decode(body % b"12.5", kind)
        assert found in ({"a": Decimal("12.5")}, [Decimal("12.5")], Decimal("12.5"))
        with pytest.raises(DecodeError, match="not finite or too long"):
            decode(body % b'"NaN"', kind)


@pytest.mark.parametrize("text", ['"nan"', '"inf"', "1e400", "NaN"])
def test_floats_are_finite(text: str) -> None:
    """Floats are held to the same."""
    with pytest.raises(DecodeError):
        decode(f'{{"needed":"x","share":{text}}}'.encode(), Bag)


def test_poison_is_named_by_its_path() -> None:
    """A bad amount deep in a listing is found and named."""
    body = b'{"instruments":[{},{"priceLimit":{"relativeLow":1e400}}]}'
    with pytest.raises(DecodeError, match=r"\$\.instruments\[1\]\.priceLimit\.relativeLow"):
        decode(body, m.ListInstrumentsResponse)
    with pytest.raises(DecodeError, match=r"\$\.balances\['usd'\]\.balance"):
        decode(b'{"balances":{"usd":{"balance":"NaN"}}}', m.ListAccountBalancesResponse)


@pytest.mark.parametrize("text", ["1" * 99, '"0.' + "0" * 90 + '1"', "-0", "1E+5"])
def test_long_amounts_are_fine(text: str) -> None:
    """256-bit integers and amounts of many places are read as they are."""
    assert decode(f'{{"needed":"x","amount":{text}}}'.encode(), Bag).amount == Decimal(text.strip('"'))


@pytest.mark.parametrize(
    ("body", "twice"),
    [
        (b'{"orderId":"1","orderId":"2"}', "orderId"),
        (b'{"orderId":"1","orderId":"1"}', "orderId"),
        (b'{"order":{"id":"1","price":1,"price":2}}', "price"),
        (b'{"orderId":"1","order\\u0049d":"2"}', "orderId"),
    ],
)
def test_duplicate_keys_where_it_matters(body: bytes, twice: str) -> None:
    """A key that is there twice is refused where asked for, however it is written."""
    with pytest.raises(DecodeError, match=twice):
        decode(body, m.InsertOrderResponse, unique=True)
    decode(body, m.InsertOrderResponse)


def test_unique_keys_pass() -> None:
    """The same key in different objects is no duplicate, and numbers of any size are none of its business."""
    body = b'{"orderId":"1","order":{"id":"1","px2":' + b"1" * 6000 + b'},"x":[{"id":1},{"id":2}]}'
    assert decode(body, m.InsertOrderResponse, unique=True).order_id == "1"


@pytest.mark.parametrize("space", ["", " ", "\t", "\n", "\r", " \n"])
@pytest.mark.parametrize("text", [": :", '":"', '{"a":1}', "12:30"])
@pytest.mark.parametrize("layout", ['{{"a":{0}}}', '{{"a" : [{{"b":{0}}},{0}],"c":{{"a":{0}}}}}', "{0}"])
def test_colons_in_texts(layout: str, text: str, space: str) -> None:
    """Colons within texts neither hide a key that is there twice nor make one, white space or not."""
    value = json.dumps(text)
    document = layout.format(value)
    assert decode(document.encode(), Any, unique=True) == json.loads(document)
    if document.startswith("{"):
        doubled = document[:-1] + f',"a"{space}:{value}}}'
        with pytest.raises(DecodeError, match="twice"):
            decode(doubled.encode(), Any, unique=True)


def test_times_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time of day has colons, and is no reason to look for keys that are there twice once more."""
    monkeypatch.setattr("json.loads", lambda *_, **__: pytest.fail("it was read once more"))
    body = b'{"orderId":"1", "filled_at" : "2026-11-20T14:03:07+00:00"}'
    assert decode(body, m.InsertOrderResponse, unique=True).order_id == "1"


DEEP = [b"[" * 1_000_000, b'{"a":' * 500_000, b"[" * 100_000 + b"]" * 100_000]


@pytest.mark.parametrize("nest", DEEP, ids=["lists", "objects", "closed"])
@pytest.mark.parametrize("prefix", [b"", b'{"unknown":', b'{"order":{"unknown":', b'{"order_id":"1","x":'])
def test_deep_nesting(nest: bytes, prefix: bytes) -> None:
    """Nesting without end is a typed error, quickly."""
    start = time.process_time()
    with pytest.raises(DecodeError):
        decode(prefix + nest, m.InsertOrderResponse, unique=True)
    assert time.process_time() - start < 2


def test_truncation_at_every_byte() -> None:
    """A real answer cut at any byte is a DecodeError that says that asking again may help."""
    for snake in (False, True):
        value = m.SearchOrdersResponse(order=[made(m.Order, Random(3), 2)], next_page_token="t")
        whole = msgspec.json.encode(as_wire(value, snake=snake, texts=True))
        assert decode(whole, m.SearchOrdersResponse) == value
        for length in range(len(whole)):
            with pytest.raises(DecodeError) as caught:
                decode(whole[:length], m.SearchOrdersResponse)
            assert caught.value.malformed


NONSENSE = [b"", b" ", b"\x00", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"{}{}", b"{},", b"<html>", b'{"a":"\xff"}']
NONSENSE += [
    b'{"symbol":"\\ud800"}',
    b"{'a':1}",
    b'{"a":01}',
    b'{"a":1,}',
    b'{"symbol":"a\nb"}',
    b'{"a":tru}',
]


@pytest.mark.parametrize("body", NONSENSE)
def test_what_is_no_json(body: bytes) -> None:
    """What is no JSON is a typed error, and nothing else."""
    with pytest.raises(DecodeError):
        decode(body, m.GetOrderBookResponse, unique=True)


def _mutations(body: bytes, random: Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        changed = bytearray(body)
        for _ in range(random.randrange(1, 4)):
            place = random.randrange(len(changed))
            action = random.randrange(3)
            if action == 0:
                changed[place] = random.choice(b'{}[]",:0123456789.eE-+nulltrue\x00\xff\\u')
            elif action == 1:
                del changed[place : place + random.randrange(1, 9)]
            else:
                changed[place:place] = random.choice(
                    [b"null", b'"NaN"', b"1e999", b"[[[", b'"":', b"{}", b"9" * 400]
                )
            if not changed:
                break
        yield bytes(changed)


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_damaged_answers(kind: type[msgspec.Struct]) -> None:
    """Whatever happens to the bytes of an answer, it decodes or raises a DecodeError."""
    random = Random(kind.__name__)
    for seed in range(3):
        body = msgspec.json.encode(as_wire(made(kind, Random(seed)), snake=seed == 2, texts=True))
        for damaged in _mutations(body, random, 60):
            try:
                decode(damaged, kind, unique=True)
            except DecodeError:
                continue


def test_spelling_costs_next_to_nothing() -> None:
    """On a listing of 500 KB looking for the spelling takes less than 2 % of decoding it."""
    order = as_wire(made(m.Order, Random(1), 2), snake=False, texts=True)
    body = msgspec.json.encode({"order": [order] * (500_000 // len(msgspec.json.encode(order)))})
    book = msgspec.json.encode(
        {"bids": [{"px": str(px), "qty": "100"} for px in range(18_000)], "state": "OPEN"}
    )
    for data, kind in ((body, m.SearchOrdersResponse), (book, m.GetOrderBookResponse)):
        assert len(data) > 450_000
        decoding = _fastest(lambda data=data, kind=kind: codec._decoder(kind).decode(data))
        looking = _fastest(lambda data=data, kind=kind: codec._spelled_in_snake_case(data, kind))
        assert looking < 0.02 * decoding


def _fastest(work: Any) -> float:
    times = []
    for _ in range(15):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize("body", [{"a": object()}, {"a": "\ud800"}, {(1, 2): 3}])
def test_bodies_that_cannot_be_written(body: Any) -> None:
    """What JSON cannot carry is an error of the caller, not a bare exception."""
    with pytest.raises(ConfigError, match="cannot be written as JSON"):
        encode(body)


def test_zero_fields_stay_off_theas_wire() -> None:
    """A request carries what was set and nothing else."""
    request = m.ListInstrumentsRequest(page_size=5, symbols=["s"])
    written = msgspec.json.decode(encode(request))
    assert written == {"pageSize": 5, "symbols": ["s"]}
