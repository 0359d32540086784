"""Walk through pages, as the spec's ``x-page`` describes them: pure steps, the shells only loop."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec
from polyspec_wire import Call

from polyspec.errors import ConfigError, DecodeError

__all__ = ["items", "next_page"]

T = TypeVar("T")


@cache
def _python_name(struct: type[msgspec.Struct], wire: str) -> str:
    for field in msgspec.structs.fields(struct):
        if field.encode_name == wire:
            return field.name
    raise ConfigError(f"{struct.__name__} has no field {wire}: the spec's x-page does not match its schemas")


def _get(struct: msgspec.Struct, wire: str) -> Any:
    return getattr(struct, _python_name(type(struct), wire))


def items(call: Call[Any], page: Any) -> list[Any]:
    """Return what a page lists."""
    rule = call.operation.page
    if rule is None:
        raise ConfigError(f"{call.operation.name} has no pages")
    page = _page(call, page)
    found: list[Any] | None = _get(page, rule.items)
    if not found and rule.also is not None:
        found = _get(page, rule.also)
    return found or []


def next_page(call: Call[T], page: T) -> Call[T] | None:
    """Return the call for the page after `page`, or None at the end."""
    rule = call.operation.page
    if rule is None:
        raise ConfigError(f"{call.operation.name} has no pages")
    answer = _page(call, page)
    token = _get(answer, rule.response)
    # the end token is never sent: the venue refuses it
    if not token or token == rule.end or (rule.eof is not None and _get(answer, rule.eof)):
        return None
    if rule.more is not None and _get(answer, rule.more) is False:
        return None
    if token == _token(call, rule.request):
        raise DecodeError(
            f"{call.operation.name} answered the page token it was asked with: paging would not end"
        )
    if isinstance(call.body, msgspec.Struct):
        name = _python_name(type(call.body), rule.request)
        return msgspec.structs.replace(call, body=msgspec.structs.replace(call.body, **{name: token}))
    query = tuple(pair for pair in call.query if pair[0] != rule.request)
    return msgspec.structs.replace(call, query=(*query, (rule.request, token)))


def _page(call: Call[Any], answer: Any) -> msgspec.Struct:
    if isinstance(answer, list):
        # walking on from here would end after one page without a word
        raise DecodeError(
            f"{call.operation.name} answered a bare list, which has no pages: ask for an envelope"
        )
    assert isinstance(answer, msgspec.Struct)
    return answer


def _token(call: Call[Any], wire: str) -> str:
    if isinstance(call.body, msgspec.Struct):
        return str(_get(call.body, wire) or "")
    return dict(call.query).get(wire, "")
