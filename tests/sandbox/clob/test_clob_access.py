"""Level-2 signatures: over exactly what is sent, in time, by whom the key belongs to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clob_door import Door, hmac_of
from polyspec_wire.clob import OPERATIONS

from polyspec.sandbox.clob.registry import HANDLERS

REFUSED = (401, {"error": "Unauthorized/Invalid api key"})


def test_every_operation_has_a_handler() -> None:
    """Whatever the specification names is answered."""
    assert set(HANDLERS) == set(OPERATIONS)


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS.values() if each.security], ids=lambda o: o.id
)
def test_nothing_signed_is_answered_unsigned(door: Door, operation: Any) -> None:
    """Each operation with security refuses a request without, in the words of its level."""
    path = operation.path.replace("{orderID}", "0x" + "1" * 64)
    answer = door.raw(operation.method, path, json={})
    schemes = {name for alternative in operation.security for name, _ in alternative}
    words = (
        "Unauthorized/Invalid api key"
        if schemes != {"l1"} and "l1" not in schemes
        else "Invalid L1 Request headers"
    )
    assert (answer.status_code, answer.json()) == (401, {"error": words})


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("POLY_API_KEY", "5e0f8a4c-0000-4000-8000-000000000000"),
        ("POLY_API_KEY", None),
        ("POLY_PASSPHRASE", "wrong"),
        ("POLY_PASSPHRASE", None),
        ("POLY_ADDRESS", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        ("POLY_ADDRESS", None),
        ("POLY_SIGNATURE", "AAAA"),
        ("POLY_SIGNATURE", "not base64!"),
        ("POLY_SIGNATURE", None),
        ("POLY_TIMESTAMP", "1"),
        ("POLY_TIMESTAMP", "now"),
        ("POLY_TIMESTAMP", None),
    ],
)
def test_every_level2_header_counts(door: Door, header: str, value: str | None) -> None:
    """A wrong or missing one is 401, in one text, with the cause in a header of the sandbox."""
    headers = door.level2("GET", "/data/orders")
    headers[header] = value or ""
    if value is None:
        del headers[header]
    answer = door.raw("GET", "/data/orders", headers=headers)
    assert (answer.status_code, answer.json()) == REFUSED
    told = answer.headers["x-sandbox-why"]
    assert header in told or "timestamp" in told


def test_a_key_is_of_one_address(door: Door, other: Door) -> None:
    """Another wallet's address does not go with a key, though both are real."""
    headers = {**door.level2("GET", "/data/orders"), "POLY_ADDRESS": other.address}
    answer = door.raw("GET", "/data/orders", headers=headers)
    assert (answer.status_code, answer.json()) == REFUSED


@pytest.mark.parametrize(("offset", "good"), [(-59, True), (-62, False), (4, True), (7, False)])
def test_level2_timestamps_have_a_window(door: Door, offset: int, good: bool) -> None:
    """A minute back, five seconds ahead."""
    headers = door.level2("GET", "/data/orders", timestamp=door.now + offset)
    assert door.raw("GET", "/data/orders", headers=headers).status_code == (200 if good else 401)


def test_the_window_is_configurable(open_door: Any) -> None:
    """A stricter venue refuses what the usual one takes."""
    door = open_door(clock_behind=10, clock_ahead=0)
    for offset, good in ((-9, True), (-12, False), (2, False)):
        headers = door.level2("GET", "/data/orders", timestamp=door.now + offset)
        assert door.raw("GET", "/data/orders", headers=headers).status_code == (200 if good else 401)


def test_the_query_is_not_signed(door: Door) -> None:
    """A signature over the path with its query does not hold; over the path alone it does."""
    query = {"market": "0x" + "1" * 64}
    good = door.level2("GET", "/data/orders")
    assert door.raw("GET", "/data/orders", params=query, headers=good).status_code == 200
    bad = door.level2("GET", f"/data/orders?market={query['market']}")
    assert door.raw("GET", "/data/orders", params=query, headers=bad).status_code == 401


def test_the_method_is_signed_in_capitals(door: Door) -> None:
    """A signature over the method in small letters does not hold, nor one of another method."""
    for method in ("get", "POST"):
        headers = door.level2(method, "/data/orders")
        assert door.raw("GET", "/data/orders", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("signed", "sent", "good"),
    [
        (b'{"orderID":"a"}', b'{"orderID":"a"}', True),
        (b'{"orderID": "a"}', b'{"orderID":"a"}', False),
        (b'{"orderID":"it\'s"}', b'{"orderID":"it\'s"}', True),
        (b'{"orderID":"it"s"}', b'{"orderID":"it\'s"}', False),
        ('{"orderID":"ö"}'.encode(), '{"orderID":"ö"}'.encode(), True),
        (json.dumps({"orderID": "ö"}).encode(), '{"orderID":"ö"}'.encode(), False),
        (b"", b'{"orderID":"a"}', False),
    ],
)
def test_the_body_is_signed_byte_for_byte(door: Door, signed: bytes, sent: bytes, good: bool) -> None:
    """What counts are the bytes on the wire, spaces, quotes and escapes included."""
    headers = door.level2("DELETE", "/order", signed)
    answer = door.raw("DELETE", "/order", content=sent, headers=headers)
    # a good signature gets as far as the venue's look at the id
    assert (answer.status_code, answer.json()["error"]) == (
        (400, "Invalid orderID") if good else (401, "Unauthorized/Invalid api key")
    )


def test_signatures_keep_their_padding_and_alphabet(door: Door) -> None:
    """URL-safe base64 with its padding; the standard alphabet, or none, is refused."""
    stamp = door.now
    while True:
        headers = door.level2("GET", "/data/orders", timestamp=stamp)
        if set(headers["POLY_SIGNATURE"]) & {"-", "_"}:
            break
        stamp -= 1
    good = headers["POLY_SIGNATURE"]
    for spelt in (good.rstrip("="), good.replace("-", "+").replace("_", "/")):
        answer = door.raw("GET", "/data/orders", headers={**headers, "POLY_SIGNATURE": spelt})
        assert answer.status_code == 401
    assert door.raw("GET", "/data/orders", headers=headers).status_code == 200


def test_path_parameters_are_signed(door: Door) -> None:
    """The path of an order is signed with its id."""
    order_id = door.place()["orderID"]
    headers = door.level2("GET", f"/data/order/{order_id}")
    assert door.raw("GET", f"/data/order/{order_id}", headers=headers).status_code == 200
    other = f"/data/order/0x{'2' * 64}"
    assert door.raw("GET", other, headers=headers).status_code == 401


def test_secrets_are_the_keys_own(door: Door, other: Door) -> None:
    """The secret of another key signs nothing for this one."""
    headers = door.level2("GET", "/data/orders", secret=other.creds["secret"])
    assert door.raw("GET", "/data/orders", headers=headers).status_code == 401
    assert hmac_of(door.creds["secret"], "1", "GET", "/", b"") != hmac_of(
        other.creds["secret"], "1", "GET", "/", b""
    )


def test_strangers_get_the_venues_error_shape(door: Door) -> None:
    """Unknown paths, wrong methods, foreign hosts and foreign pages are told in an object with `error`."""
    for method, path, headers, status in (
        ("GET", "/nowhere", {}, 404),
        ("PATCH", "/order", {}, 405),
        ("GET", "/time", {"host": "evil.example"}, 464),
        ("GET", "/time", {"origin": "https://evil.example"}, 403),
    ):
        answer = door.raw(method, path, headers=headers)
        assert answer.status_code == status
        assert set(answer.json()) == {"error"}


def test_large_bodies_are_refused(door: Door) -> None:
    """A body beyond a mebibyte is 413 and closes the connection."""
    answer = door.send("POST", "/order", b"[" + b" " * 2**20)
    assert (answer.status_code, set(answer.json())) == (413, {"error"})


def test_a_handler_that_breaks_is_a_500(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's own mistakes look like the venue's."""
    monkeypatch.setitem(HANDLERS, "Health_GetServerTime", lambda _: 1 // 0)
    answer = door.raw("GET", "/time")
    assert (answer.status_code, answer.json()) == (500, {"error": "internal error"})
