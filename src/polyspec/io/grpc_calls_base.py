"""What both colours of unary calls share: a typed call as a message, and what comes back as an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import unquote

import msgspec
from polyspec_wire import Call, Operation

from polyspec.core.effects import Reply, Request
from polyspec.errors import ConfigError, DecodeError, PolyspecError, TimedOut, TransportError
from polyspec.io.grpc_base import Heard, Metadata, cleaned, http_status, is_own
from polyspec.io.protobuf_json import Unfit, fill, plain

__all__ = ["Find", "Rpc", "answered", "ended", "metadata_of", "request_of"]

# What says how HTTP is spoken; the library says the same about gRPC in its own way.
_HTTP_ONLY: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
)
_CANCELLED, _DEADLINE = 1, 4
_MAYBE: Final = "the venue may have received the request"


class Rpc(Protocol):
    """One call, as a set of protos has it."""

    @property
    def path(self) -> str:
        """``/package.Service/Method``."""
        ...

    @property
    def request(self) -> type[Any]:
        """The class of what is sent."""
        ...

    @property
    def response(self) -> type[Any]:
        """The class of what is answered."""
        ...


Find = Callable[[Operation], Rpc | None]
"""Finds the call an operation is; None if it goes over REST. Raises ConfigError if it must not be sent."""


def request_of(call: Call[Any], rpc: Rpc) -> bytes:
    """Write a call as its message; raises ConfigError for what these protos cannot say."""
    written = _written(call, rpc)
    if isinstance(written, str):
        raise ConfigError(
            f"{call.operation.name} cannot be sent over gRPC as it is: {written} in the protos of this client"
        )
    return written


def _written(call: Call[Any], rpc: Rpc) -> bytes | str:
    """Return the message, or what is wrong; an exception would carry the values it met."""
    message = rpc.request()
    try:
        fill(message, _told(call))
        data: bytes = message.SerializeToString()
    except Unfit as problem:
        return str(problem)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as problem:
        return f"{type(call.body).__name__} cannot be written ({type(problem).__name__})"
    return data


def _told(call: Call[Any]) -> dict[str, Any]:
    """Return path, query and body of a call as the one message they are."""
    told: dict[str, Any] = {}
    for name, text in call.query:
        _put(told, name.split("."), text)
    if call.body is not None:
        told |= msgspec.to_builtins(call.body)
    names, pattern = _path(call.operation.path)
    found = pattern.fullmatch(call.path)
    if found is None:
        raise Unfit(f"the path is not one of {call.operation.path}")
    return told | {name: unquote(text) for name, text in zip(names, found.groups(), strict=True)}


def _put(told: dict[str, Any], names: list[str], text: str) -> None:
    """Note one pair of a query: a dot goes down, and a name that comes again is a list."""
    for name in names[:-1]:
        told = told.setdefault(name, {})
    name = names[-1]
    if name not in told:
        told[name] = text
    elif isinstance(told[name], list):
        told[name].append(text)
    else:
        told[name] = [told[name], text]


@cache
def _path(template: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Return the names in a template and what reads their values from a path."""
    pieces = re.split(r"\{(\w+)\}", template)
    return tuple(pieces[1::2]), re.compile("([^/]+)".join(map(re.escape, pieces[::2])))


def metadata_of(request: Request) -> Metadata:
    """Return the headers that have a meaning over gRPC, names in lower case."""
    named = ((name.lower(), value) for name, value in request.headers)
    return tuple(pair for pair in named if pair[0] not in _HTTP_ONLY)


def answered(rpc: Rpc, heard: Heard, elapsed: float) -> Reply:
    """Return a message as the answer it would be over REST; raises DecodeError."""
    body = _read(rpc, heard.message)
    if body is None:
        failure = DecodeError(f"the answer is no {rpc.response.DESCRIPTOR.name} of the protos of this client")
        failure.malformed = failure.maybe_executed = True
        raise failure
    return Reply(200, _headers(heard.metadata), body, elapsed)


def _read(rpc: Rpc, data: bytes) -> bytes | None:
    """Return the JSON of a message; None if it cannot be read. Its values stay in here."""
    from google.protobuf.message import DecodeError as Unreadable

    try:
        return msgspec.json.encode(plain(rpc.response.FromString(data)))
    except (Unreadable, ValueError, RecursionError):
        return None


def ended(error: Any, elapsed: float, allowed: float) -> Reply | PolyspecError:
    """Return the answer a status is, or the error it is if no venue said it.

    Has nothing of the error itself: its texts for debugging hold more than the venue said.
    """
    code, said = _code(error), cleaned(_details(error))
    if code is None:
        return TransportError(f"the call broke off ({type(error).__name__}); {_MAYBE}")
    if code == _DEADLINE and (elapsed >= allowed * 0.95 or "deadline exceeded" in said.lower()):
        return TimedOut(f"no answer in time; {_MAYBE}")
    if "larger than max" in said.lower():
        failure = DecodeError(f"the answer is larger than this client reads (max_body); {_MAYBE}")
        failure.maybe_executed = True
        return failure
    if code == _CANCELLED or not is_own(said):
        return TransportError(f"the connection broke ({said or 'cancelled'}); {_MAYBE}")
    body = msgspec.json.encode({"code": code, "message": said, "details": []})
    return Reply(http_status(code), _headers(_trailing(error)), body, elapsed)


def _code(error: Any) -> int | None:
    status = error.code() if callable(getattr(error, "code", None)) else None
    return status.value[0] if status is not None else None


def _details(error: Any) -> Any:
    return error.details() if callable(getattr(error, "details", None)) else None


def _trailing(error: Any) -> Iterable[tuple[str, Any]]:
    return (*(error.initial_metadata() or ()), *(error.trailing_metadata() or ()))


def _headers(metadata: Iterable[tuple[str, Any]]) -> Mapping[str, str]:
    """Return metadata as the headers they would be; what is binary has no meaning here."""
    found: dict[str, str] = {}
    for name, value in metadata:
        if isinstance(value, str):
            found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    return found
