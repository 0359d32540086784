"""The ways by which a value gets into a log, a report or a file without anybody meaning it to."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import msgspec

__all__ = ["CHANNELS", "REFUSALS", "parts_of", "pickled"]

# what may refuse to be shown does so with one of these
REFUSALS: Final = (
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    NotImplementedError,
    pickle.PicklingError,
    attrs.exceptions.NotAnAttrsClassError,
)
_DEEP: Final = 7


def _logged(thing: Any, *, extra: bool) -> str:
    record_of, text = logging.Logger("anybody", 1), io.StringIO()  # noqa: LOG001 - heard by nobody else
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(message)s %(args)r %(what)r %(what)s", defaults={"what": ""}))
    record_of.addHandler(handler)
    if extra:
        record_of.debug("something", extra={"what": thing})
    else:
        record_of.debug("%s %r %10s", thing, thing, thing)
        record_of.debug("%(it)s", {"it": thing})
    return text.getvalue()


def _raised(thing: Any) -> str:
    error = ValueError("it failed", thing)
    error.add_note(f"with {thing}")
    return f"{error} {error!r} {error.args!r} {error.args} {error.__notes__}"


def _locals(thing: Any) -> str:
    def fail(argument: Any, **named: Any) -> None:
        held, table = [argument], {"argument": argument}
        raise LookupError(len(held) + len(table) + len(named))

    try:
        fail(thing, named=thing)
    except LookupError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(shown.format())
    raise AssertionError


def pickled(thing: Any) -> str:
    """Pickle with every protocol; raises if one refuses."""
    return repr([pickle.dumps(thing, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)])


def _twins(thing: Any, make: Callable[[Any], Any]) -> str:
    twin = make(thing)
    return f"{twin!r} {twin} {' '.join(map(repr, parts_of(twin)))}"


def _dicts(thing: Any) -> str:
    ways: tuple[Callable[[Any], Any], ...] = (attrs.asdict, attrs.astuple, dataclasses.asdict)
    return repr([_tried(way, thing) for way in ways])


def _json(thing: Any) -> str:
    hooks: tuple[Callable[[Any], Any], ...] = (repr, str, vars, lambda each: each.__dict__, _state)
    if type(thing).__module__.startswith("polyspec_wire"):
        # a message is sent from its fields: what asks for those gets them
        hooks = hooks[:-1]
    found = [_tried(lambda each, hook=hook: json.dumps({"it": each}, default=hook), thing) for hook in hooks]
    return repr(found)


def _state(thing: Any) -> Any:
    return thing.__getstate__()


def _tried(way: Callable[[Any], Any], thing: Any) -> Any:
    try:
        return way(thing)
    except REFUSALS as error:
        return error


def _headers(thing: Any) -> str:
    """Show what stands for headers; a request is sent from its own, which are asked for by name."""
    if not isinstance(thing, Mapping | msgspec.Struct):
        thing = getattr(thing, "headers", getattr(thing, "metadata", thing))
    return f"{thing!r} {thing} {thing!s:>5}"


def parts_of(thing: Any) -> Iterator[Any]:
    """Yield all that is reached through attributes, slots, fields and containers of the library's values."""
    seen: dict[int, Any] = {}
    waiting: list[tuple[Any, int]] = [(thing, 0)]
    while waiting:
        each, depth = waiting.pop()
        if id(each) in seen or isinstance(each, str | bytes | int | float | type | None):
            if isinstance(each, str | bytes | int) and depth:
                yield each
            continue
        # kept, so that its number is given to nothing else
        seen[id(each)] = each
        yield each
        if depth < _DEEP:
            waiting += [(inner, depth + 1) for inner in _inner(each)]


def _inner(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple | set | frozenset):
        return list(thing)
    # other libraries' objects hold what they were handed: none is looked into by a repr
    if not type(thing).__module__.startswith("polyspec") or isinstance(thing, msgspec.Struct):
        return []
    found = list(getattr(thing, "__dict__", {}).values())
    for kind in type(thing).__mro__:
        names = kind.__dict__.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            value = getattr(thing, name, None)
            if not callable(value) or type(value).__module__.startswith("polyspec"):
                found.append(value)
            elif (owner := getattr(value, "__self__", None)) is not None:
                found.append(owner)
    return found


CHANNELS: Final[dict[str, Callable[[Any], str]]] = {
    "repr": lambda thing: f"{thing!r} {[thing]!r} {thing!a}",
    "str": str,
    "format": lambda thing: f"{thing} {thing!s} {thing!r:>300} " + "%s %r" % (thing, thing),  # noqa: UP031 - a way of its own
    "logging args": lambda thing: _logged(thing, extra=False),
    "logging extra": lambda thing: _logged(thing, extra=True),
    "exception args": _raised,
    "traceback with locals": _locals,
    "pickle": pickled,
    "copy": lambda thing: _twins(thing, copy.copy),
    "deepcopy": lambda thing: _twins(thing, copy.deepcopy),
    "asdict": _dicts,
    "json default hook": _json,
    "vars": lambda thing: " ".join(map(repr, parts_of(thing))),
    "headers repr": _headers,
}
"""What they show of a thing. The last of the fourteen, other libraries' loggers, is in test_whole_day.py;
copies are of two kinds."""
