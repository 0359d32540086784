"""The terms on which an order is posted go together with the order, or nothing is sent."""

from __future__ import annotations

import asyncio
import json
import time
from enum import Enum
from typing import Any

import pytest

from polyspec.clob.fate import Accepted, Rejected, Unknown
from polyspec.clob.order_signer import OrderSigner
from polyspec.clob.posting import BATCH, checked_batch, posting_of
from polyspec.errors import ConfigError, InvalidOrder
from tests.unit.clob.checks import OWNER
from tests.unit.clob.clob_rig import (
    ACCOUNT,
    BROKEN_PIPE,
    SIGNER,
    Venue,
    async_client_of,
    client_of,
    no,
    ok,
    posting,
    record,
    signed,
    told,
)

POSITION = str(2 << 248 | 77 << 104 | 5)
ENDS = 1_900_000_000


class Kind(Enum):
    """Order types of an enum."""

    FOK = "FOK"
    GTC = "GTC"


def kind_of(order: Any, order_type: Any = None, **terms: Any) -> str:
    """Return what an order is posted as."""
    found = posting(order, order_type, **terms)
    sent = json.loads(found.body)
    assert sent["orderType"] == found.order_type
    assert (sent["owner"], sent["postOnly"], sent["deferExec"]) == (
        OWNER, found.post_only, found.defer_exec
    )  # fmt: skip
    return found.order_type


def test_kinds() -> None:
    """Without a type an order is what it was made as, else good till its date or for good."""
    assert kind_of(signed()) == "GTC"
    assert kind_of(signed(expiration=ENDS)) == "GTD"
    assert kind_of(signed().meant_as("FAK")) == "FAK"
    for given in ("fok", "FOK", Kind.FOK):
        assert kind_of(signed(), given) == "FOK"
    assert kind_of(signed(expiration=ENDS), "GTD", post_only=True) == "GTD"
    assert kind_of(signed(), post_only=True, defer_exec=True) == "GTC"


@pytest.mark.parametrize(
    ("order", "order_type", "terms", "words"),
    [
        (signed(), "IOC", {}, "GTC, GTD, FOK and FAK"),
        (signed(), "GTD", {}, "needs an expiration"),
        (signed(expiration=ENDS), "GTC", {}, "no expiration"),
        (signed(expiration=ENDS), "FOK", {}, "no expiration"),
        (signed(), "FOK", {"post_only": True}, "post-only"),
        (signed().meant_as("FOK"), "GTC", {}, "made as FOK"),
        (signed().meant_as("FOK"), "FAK", {}, "made as FOK"),
        (signed(maker_amount=5_200_100), "FOK", {}, "whole cents"),
        ({"salt": 1}, None, {}, "what create_order returns, not a dict"),
        (signed(), None, {"owner": ""}, "API key"),
        (signed(), None, {"owner": 'a"b'}, "API key"),
    ],
)
def test_terms_that_do_not_go_together(order: Any, order_type: Any, terms: Any, words: str) -> None:
    """What the order cannot be posted as is refused with the reason."""
    with pytest.raises(ConfigError, match=words):
        posting(order, order_type, **terms)


def test_fractions_of_a_cent_may_rest_and_be_sold() -> None:
    """Only what buys at once must spend whole cents; the check can be turned off."""
    uneven = signed(maker_amount=5_200_100)
    assert kind_of(uneven) == "GTC"
    assert kind_of(signed(side="SELL", maker_amount=10_000_000, taker_amount=5_200_100), "FAK") == "FAK"
    assert kind_of(uneven, "FAK", strict=False) == "FAK"


def test_batches_that_the_venue_would_not_take() -> None:
    """None, too many, or one twice: refused before anything is sent."""
    venue = Venue()
    client = client_of(venue)
    for orders, words in (
        ([], "1 to 15 orders, not 0"),
        ([signed() for _ in range(BATCH + 1)], "not 16"),
        ([signed()] * 2, "twice"),
        ([(signed(), "IOC")], "IOC"),
        ([signed(), "0x12"], "not a str"),
    ):
        with pytest.raises(ConfigError, match=words):
            client.post_orders(orders)  # type: ignore[arg-type]
    assert venue.calls == []


def test_batches_of_several_types() -> None:
    """Each order of a batch has its own type, or that of the batch, or its own meaning."""
    first, second, third = signed(), signed(), signed().meant_as("FAK")
    assert checked_batch([(first, "FOK"), second], "GTC") == [(first, "FOK"), (second, "GTC")]
    venue = Venue()
    placed = client_of(venue).post_orders([(first, "FOK"), second, third])
    assert all(isinstance(each, Accepted) for each in placed)
    assert [each["orderType"] for each in json.loads(venue.posts[0])] == ["FOK", "GTC", "FAK"]
    with pytest.raises(ConfigError, match="made as FAK"):
        client_of(venue).post_orders([third], "GTC")
    assert len(venue.posts) == 1


@pytest.mark.parametrize("many", [False, True])
def test_orders_are_checked_before_credentials_are_obtained(many: bool) -> None:
    """What cannot be posted costs no request, not even for credentials."""
    venue = Venue()
    client = client_of(venue, creds=None)
    with pytest.raises(InvalidOrder):
        client.post_orders([signed()], "IOC") if many else client.post_order(signed(), "IOC")
    assert venue.calls == []


# -- another version --


def fresh(version: int = 2, **changes: Any) -> Any:
    """Return an order of a version, made now."""
    return signed(time.time(), OrderSigner(SIGNER, ACCOUNT, 137, version, False), **changes)


def refusing(venue: Venue, wanted: int = 1) -> None:
    """Take orders of one version only."""
    venue.version = wanted

    def answer(raw: bytes) -> dict[str, Any]:
        version = 1 if "taker" in json.loads(raw)["order"] else 2
        if version != wanted:
            return told(text="order_version_mismatch", success=False)
        return told(renewed_id(raw))

    def post(request: Any) -> Any:
        found = answer(request.body)
        return no(400, found["errorMsg"]) if found["errorMsg"] else ok(found)

    venue.post = post
    venue.batch = lambda request: ok([answer(json.dumps(each).encode()) for each in json.loads(request.body)])


def renewed_id(raw: bytes) -> str:
    """Return the id of an order as the venue reads it."""
    from tests.unit.clob.test_truth import read

    class Sent:
        body = raw

    order, _ = read(Sent)  # type: ignore[arg-type]
    return order.order_id


def test_version_is_read_once_and_the_order_signed_once() -> None:
    """An order of a version the venue takes no more is signed anew as what it was; those after it as well."""
    venue = Venue()
    refusing(venue)
    client = client_of(venue)
    order = fresh()
    placed = client.post_order(order, "FOK")
    assert isinstance(placed, Accepted)
    assert placed.order_id != order.order_id
    assert [each.path for each in venue.calls] == ["order", "version", "order"]
    first, second = (json.loads(each) for each in venue.posts)
    for name in ("tokenId", "makerAmount", "takerAmount", "side", "maker", "signer"):
        assert first["order"][name] == second["order"][name]
    for name in ("owner", "orderType", "postOnly", "deferExec"):
        assert first[name] == second[name]
    venue.calls.clear()
    options = {"tick_size": "0.01", "neg_risk": False}
    terms = {"token_id": order.token_id, "price": "0.5", "size": 5, "side": "BUY"}
    assert isinstance(client.create_and_post_order(terms, options), Accepted)
    assert len(venue.calls) == 1


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_version_in_a_batch(colour: str) -> None:
    """Of a batch those orders are signed anew that were refused for it, in one more request."""
    venue = Venue()
    refusing(venue)
    orders = [fresh(), fresh(1), fresh()]

    async def run() -> Any:
        return await async_client_of(venue).post_orders(orders)

    placed = client_of(venue).post_orders(orders) if colour == "sync" else asyncio.run(run())
    assert all(isinstance(each, Accepted) for each in placed)
    assert [each.order_id == order.order_id for each, order in zip(placed, orders, strict=True)] == [
        False, True, False
    ]  # fmt: skip
    assert [each.path for each in venue.calls] == ["orders", "version", "orders"]
    assert [len(json.loads(each)) for each in venue.posts] == [3, 2]


@pytest.mark.parametrize("code", ["same", "unknown", "position", "fails", "lost", "stranger", "again"])
def test_versions_that_cannot_be_signed(code: str) -> None:
    """If it is the same version, none this library knows, or cannot be read, the refusal stays as it was."""
    venue = Venue()
    refusing(venue, 3)
    order = signed(signer=OrderSigner(SIGNER, ACCOUNT, 137, 3, False), token_id=POSITION)
    order = order if code == "position" else signed()
    venue.version = {"same": 2, "unknown": 9}.get(code, 1)
    if code == "fails":
        venue.broken["version"] = no(500)
    if code == "lost":
        venue.broken["version"] = venue.lost()
    client = client_of(venue) if code != "stranger" else client_of(venue, key="0x" + "11" * 32)
    flow = client._placing(venue.replaced.append).place(posting(order), 15)
    start = venue.world.monotonic
    placed = venue.world.run(flow)
    assert venue.world.monotonic - start <= 15.2
    assert isinstance(placed, Rejected)
    assert "order_version_mismatch" in placed.text
    assert len(venue.posts) == (2 if code == "again" else 1)
    assert len(venue.times("version")) <= 5
    assert len(venue.replaced) == (code == "again")


def test_orders_that_may_stand_are_not_signed_anew() -> None:
    """A mismatch that came as a failure of the venue is looked up: another order might make two."""
    venue = Venue()
    venue.post = no(500, "order_version_mismatch")
    venue.version = 1
    client = client_of(venue)
    placed = venue.world.run(client._placing(venue.replaced.append).place(posting(), 15))
    assert isinstance(placed, Rejected)
    assert placed.never_arrived
    assert len(set(venue.posts)) == 1
    assert venue.times("version") == []


def test_cut_off_while_the_replacement_is_sent() -> None:
    """What cuts a placement off tells the id of the order that was sent in place of the first one, too."""
    venue = Venue()
    refusing(venue)
    client = client_of(venue)
    take = venue.post

    def interrupted(request: Any) -> Any:
        if venue.times("version"):
            raise KeyboardInterrupt
        assert callable(take)
        return take(request)

    venue.post = interrupted
    order = signed()
    with pytest.raises(KeyboardInterrupt) as caught:
        client.post_order(order)
    [note] = caught.value.__notes__
    assert order.order_id in note
    assert renewed_id(venue.posts[1]) in note


def test_batch_whose_replacements_cannot_leave() -> None:
    """If the second request fails, the orders it was for are refused, and the fate of the others is told."""
    venue = Venue()
    refusing(venue)
    take = venue.batch
    answers = [take, no(401)]

    def once(request: Any) -> Any:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(request) if callable(answer) else answer

    venue.batch = once
    placed = client_of(venue).post_orders([fresh(), fresh(1)])
    assert [type(each) for each in placed] == [Rejected, Accepted]


def test_posting_of_another_order() -> None:
    """The terms of a posting go over to the order that takes its place."""
    first = posting(signed(), "FOK", defer_exec=True)
    second = first.of(signed())
    assert second.order is not first.order
    assert second == posting_of(second.order, OWNER, "FOK", post_only=False, defer_exec=True)


def test_replacements_are_remembered_as_sent() -> None:
    """An order that was signed anew and whose fate is open is not refused by a later answer."""
    venue = Venue()
    refusing(venue)
    take = venue.post
    client = client_of(venue)

    def lost(request: Any) -> Any:
        assert callable(take)
        return BROKEN_PIPE if venue.times("version") else take(request)

    venue.post = lost
    first = venue.world.run(client._placing(venue.replaced.append).place(posting(), 1.0))
    assert isinstance(first, Unknown)
    [again] = venue.replaced
    assert first.order_id == again.order.order_id
    venue.listed = [record(again.order)]
    venue.post = no(400, "not enough balance / allowance")
    assert isinstance(venue.place(again), Accepted)
