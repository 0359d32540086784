"""Placing, cancelling and looking up orders; heartbeats."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from typing import Any, Final

import msgspec

from polyspec.sandbox.clob.engine import types as t
from polyspec.sandbox.clob.entry import Entry, admit, not_placed
from polyspec.sandbox.clob.paging import page
from polyspec.sandbox.clob.refusals import Refusal, bad_request, missing
from polyspec.sandbox.clob.registry import Asked, handles
from polyspec.sandbox.clob.scoring import is_scoring
from polyspec.sandbox.clob.signed import BAD_PAYLOAD, read_order, read_orders
from polyspec.sandbox.clob.views import open_order

__all__: list[str] = []

_MOST_PLACED: Final = 15
_MOST_CANCELLED: Final = 1000
_PAGE: Final = 500
_ORDER_ID: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_TOKEN: Final = re.compile(r"[0-9]{1,78}")
_BAD_ID: Final = "Invalid orderID"


class _Cancellation(msgspec.Struct, rename={"order_id": "orderID"}):
    order_id: str


class _MarketCancellation(msgspec.Struct):
    market: str = ""
    asset_id: str = ""


class _Beat(msgspec.Struct):
    heartbeat_id: str | None
    """Null is what the venue's first client begins with."""


# -- placing --


@handles("Orders_PostOrder")
def post_order(asked: Asked) -> dict[str, Any] | Awaitable[dict[str, Any]]:
    """Place an order."""
    sent = read_order(asked.raw)
    admit(asked.world, asked.caller, sent)
    entry = Entry(asked.world, asked.caller, sent)
    return entry.answer(entry.place())


@handles("Orders_PostOrders")
def post_orders(asked: Asked) -> Any:
    """Place several orders: the request as a whole is refused, or each order is answered."""
    sent = read_orders(asked.raw, _MOST_PLACED)
    for each in sent:
        admit(asked.world, asked.caller, each)
    answers = [_placed_or_not(Entry(asked.world, asked.caller, each)) for each in sent]
    if any(not isinstance(each, dict) for each in answers):
        return _all_of(answers)
    return answers


def _placed_or_not(entry: Entry) -> dict[str, Any] | Awaitable[dict[str, Any]]:
    try:
        return entry.answer(entry.place())
    except Refusal as refusal:
        return not_placed(refusal)


async def _all_of(answers: list[dict[str, Any] | Awaitable[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Wait for those that are held."""

    async def one(answer: dict[str, Any] | Awaitable[dict[str, Any]]) -> dict[str, Any]:
        if isinstance(answer, dict):
            return answer
        try:
            return await answer
        except Refusal as refusal:
            return not_placed(refusal)

    return list(await asyncio.gather(*(one(each) for each in answers)))


# -- cancelling --


def _id(text: str) -> str:
    if not _ORDER_ID.fullmatch(text):
        raise bad_request(_BAD_ID)
    return text.lower()


def _cancelled(asked: Asked, command: t.Command) -> dict[str, Any]:
    for event in asked.world.apply(command):
        if isinstance(event, t.CancelResult):
            return {"canceled": list(event.canceled), "not_canceled": dict(event.not_canceled)}
    raise AssertionError(command)


@handles("Orders_CancelOrder")
def cancel_order(asked: Asked) -> dict[str, Any]:
    """Cancel an order; 200 also if it could not be."""
    order_id = _id(asked.body(_Cancellation, BAD_PAYLOAD).order_id)
    return _cancelled(asked, t.CancelOrders(owner=asked.caller.owner, order_ids=(order_id,)))


@handles("Orders_CancelOrders")
def cancel_orders(asked: Asked) -> dict[str, Any]:
    """Cancel several orders; ids that are there twice count once."""
    ids = asked.body(list[str], BAD_PAYLOAD)
    if len(ids) > _MOST_CANCELLED:
        raise bad_request(f"Too many orders in payload, max allowed: {_MOST_CANCELLED}")
    wanted = tuple(dict.fromkeys(_id(each) for each in ids))
    return _cancelled(asked, t.CancelOrders(owner=asked.caller.owner, order_ids=wanted))


@handles("Orders_CancelAll")
def cancel_all(asked: Asked) -> dict[str, Any]:
    """Cancel every open order of the key."""
    return _cancelled(asked, t.CancelAll(owner=asked.caller.owner))


@handles("Orders_CancelMarketOrders")
def cancel_market_orders(asked: Asked) -> dict[str, Any]:
    """Cancel the open orders of a market, of a token, or of both."""
    wanted = asked.body(_MarketCancellation, BAD_PAYLOAD)
    if not wanted.market and not wanted.asset_id:
        raise bad_request(BAD_PAYLOAD)
    command = t.CancelMarketOrders(
        owner=asked.caller.owner, condition_id=wanted.market.lower(), token_id=wanted.asset_id
    )
    return _cancelled(asked, command)


# -- looking up --


@handles("Orders_GetOpenOrders")
def open_orders(asked: Asked) -> dict[str, Any]:
    """List the open orders of the key, newest first."""
    _check_filters(asked)
    found = asked.world.exchange.orders(
        owner=asked.caller.owner,
        condition_id=asked.text("market").lower(),
        token_id=asked.text("asset_id"),
        open_only=True,
    )
    wanted = asked.text("id").lower()
    chosen = [each for each in reversed(found) if not wanted or each.id == wanted]
    shown = page(chosen, asked.text("next_cursor"), _PAGE)
    return {**shown, "data": [open_order(asked.world, each) for each in shown["data"]]}


def _check_filters(asked: Asked) -> None:
    """Raise Refusal (400) for what can be no id of its kind."""
    kinds = {"id": _ORDER_ID, "market": _ORDER_ID, "asset_id": _TOKEN}
    if any(asked.text(name) and not kind.fullmatch(asked.text(name)) for name, kind in kinds.items()):
        raise bad_request("invalid order params payload")


@handles("Orders_GetOrder")
def order(asked: Asked) -> dict[str, Any]:
    """Show an order of the key, open or not."""
    found = asked.world.exchange.order(_id(asked.path["order_id"]))
    if found is None or found.owner != asked.caller.owner:
        raise missing("Order not found")
    return open_order(asked.world, found)


@handles("Orders_GetPreMigrationOrders")
def pre_migration_orders(asked: Asked) -> dict[str, Any]:
    """List what was left of the first version: nothing."""
    return page([], asked.text("next_cursor"), _PAGE)


# -- scoring --


def _scoring(asked: Asked, ids: list[str]) -> dict[str, bool]:
    world = asked.world
    found = {each: world.exchange.order(_id(each)) for each in ids}
    return {
        each: known is not None and known.owner == asked.caller.owner and is_scoring(world, known)
        for each, known in found.items()
    }


@handles("Orders_GetOrderScoring")
def order_scoring(asked: Asked) -> dict[str, bool]:
    """Tell whether an order earns rewards now."""
    wanted = asked.text("order_id")
    if not _ORDER_ID.fullmatch(wanted):
        raise bad_request("Invalid order_id")
    return {"scoring": _scoring(asked, [wanted])[wanted]}


@handles("Orders_GetOrdersScoringByQuery")
def orders_scoring_by_query(asked: Asked) -> dict[str, bool]:
    """Tell which orders earn rewards now."""
    ids = asked.texts("order_ids")
    if not ids:
        raise bad_request("Invalid payload")
    return _scoring(asked, ids)


@handles("Orders_GetOrdersScoring")
def orders_scoring(asked: Asked) -> dict[str, bool]:
    """Tell which orders earn rewards now."""
    return _scoring(asked, asked.body(list[str], "Invalid payload"))


# -- heartbeats --


@handles("Orders_PostHeartbeat")
def heartbeat(asked: Asked) -> dict[str, str]:
    """Take a beat, or tell which id it should have had."""
    sent = asked.body(_Beat, "Invalid payload").heartbeat_id or ""
    good, expected = asked.world.beats.beat(asked.caller.owner, sent)
    if not good:
        raise Refusal(400, "Invalid Heartbeat ID", key="error_msg", more={"heartbeat_id": expected})
    return {"heartbeat_id": expected}


@handles("Orders_PostLegacyHeartbeat")
def legacy_heartbeat(asked: Asked) -> dict[str, str]:
    """Take a beat without an id."""
    asked.world.beats.beat_without_id(asked.caller.owner)
    return {"status": "ok"}
