"""Between protobuf messages and what the handlers of REST take and give.

Both are the same messages: REST has them as protobuf JSON. So they go through it,
and nothing is mapped twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from polyspec_wire import Operation

from polyspec.sandbox.us.dialect import CURRENT, encode
from polyspec.sandbox.us.parsing import read_json, read_query
from polyspec.sandbox.us.refusals import invalid

__all__ = ["answered", "asked_for"]

M = TypeVar("M", bound=Message)


def asked_for(operation: Operation, request: Message) -> tuple[dict[str, str], dict[str, Any], Any]:
    """Return path, query and body of a request; raises Refusal (INVALID_ARGUMENT) as REST does."""
    plain = _plain(request)
    pairs = list(_pairs(plain))
    sent = {_folded(name): value for name, value in pairs}
    path = {}
    for parameter in operation.parameters:
        if parameter.kind == "path":
            if not sent.get(_folded(parameter.name)):
                raise invalid(f"missing required parameter: {parameter.name}")
            path[parameter.python] = sent[_folded(parameter.name)]
    return path, read_query(operation, pairs), read_json(operation, msgspec.json.encode(plain))


def answered(kind: type[M], answer: Any) -> M:
    """Return a model of the wire as the message it is."""
    return ParseDict(msgspec.json.decode(encode(answer, CURRENT)), kind(), ignore_unknown_fields=True)


def _plain(message: Message) -> dict[str, Any]:
    """Return a message as JSON in which nothing that was said is missing: false is as good as true."""
    plain = MessageToDict(message)
    _complete(message, plain)
    return plain


def _complete(message: Message, plain: dict[str, Any]) -> None:
    for field in message.DESCRIPTOR.fields:
        found, kind = plain.get(field.json_name), field.message_type
        # of a repeated field the default is a list
        if field.default_value is False and not field.has_presence:
            plain.setdefault(field.json_name, False)
        elif isinstance(found, dict) and kind is not None and not kind.GetOptions().map_entry:
            _complete(getattr(message, field.name), found)
        elif isinstance(found, list) and kind is not None:
            for each, inner in zip(getattr(message, field.name), found, strict=True):
                # a moment is a text
                if isinstance(inner, dict):
                    _complete(each, inner)


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _pairs(plain: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Flatten a message into the query that says the same."""
    for name, value in plain.items():
        if isinstance(value, dict):
            yield from _pairs(value, f"{prefix}{name}.")
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, bool):
                yield prefix + name, "true" if each else "false"
            elif not isinstance(each, dict):
                yield prefix + name, str(each)
