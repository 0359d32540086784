"""What streams are told, as JSON and back: texts, bytes, wire structs, protobuf messages, errors.

Texts, numbers, truths, nothing and lists are themselves. Everything else is an object with one telling key::

    {"text": "..."}  {"base64": "..."}                          bytes
    {"decimal": "0.45"}  {"tuple": [...]}  {"map": [[key, value], ...]}
    {"struct": "OrderBookSummary", "value": {...}}              of the venue's wire types
    {"record": "UserNews", "fields": {...}}                     of our own, named to the spelling
    {"message": "polymarket.v1.Trade", "base64": "..."}         protobuf
    {"error": "NotFound", "text": "...", ...}
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from decimal import Decimal
from math import isfinite
from typing import Any, Final

import attrs
import msgspec

from polyspec import errors
from polyspec.core.typed import convert
from polyspec.errors import ApiError, ConfigError, PolyspecError

__all__ = ["Spelling", "kind_of_error"]

_PLAIN: Final = (str, bool, int, type(None))
_TOLD: Final = ("operation", "maybe_executed")
"""What any error may say beyond its text."""
_ANSWERED: Final = ("message", "status", "code", "request_id", "retry_after")
"""What the error of a venue's answer says."""


def kind_of_error(error: PolyspecError) -> str:
    """Name the class of an error, or the nearest above it that everybody knows."""
    return next(each.__name__ for each in type(error).__mro__ if each.__name__ in errors.__all__)


class Spelling:
    """What can be written, and read again, of one venue."""

    def __init__(
        self,
        wire: Any = None,
        *,
        records: Iterable[type[Any]] = (),
        message: Callable[[str], type[Any]] | None = None,
    ) -> None:
        """Know the structs of the module `wire`, attrs classes in `records`, and protobuf classes by name."""
        self._wire = wire
        self._records = {each.__name__: each for each in records}
        self._message = message

    # -- writing --

    def spell(self, value: Any) -> Any:
        """Return what stands for a value; raises ConfigError if nothing does."""
        if type(value) in _PLAIN:
            return value
        if isinstance(value, bytes | bytearray | memoryview):
            return _bytes(bytes(value))
        if isinstance(value, list):
            return [self.spell(each) for each in value]
        if isinstance(value, tuple):
            return {"tuple": [self.spell(each) for each in value]}
        if isinstance(value, dict):
            return {"map": [[self.spell(key), self.spell(each)] for key, each in value.items()]}
        if isinstance(value, Decimal):
            return {"decimal": str(value)}
        if isinstance(value, float) and isfinite(value):
            return value
        if isinstance(value, PolyspecError):
            return _error(value)
        return self._typed(value)

    def _typed(self, value: Any) -> Any:
        kind = type(value)
        if issubclass(kind, msgspec.Struct) and getattr(self._wire, kind.__name__, None) is kind:
            return {"struct": kind.__name__, "value": msgspec.Raw(msgspec.json.encode(value))}
        if self._records.get(kind.__name__) is kind:
            fields = {each.name: self.spell(getattr(value, each.name)) for each in attrs.fields(kind)}
            return {"record": kind.__name__, "fields": fields}
        descriptor = getattr(value, "DESCRIPTOR", None)
        if self._message is not None and descriptor is not None:
            data = b64encode(value.SerializeToString(deterministic=True)).decode()
            return {"message": descriptor.full_name, "base64": data}
        raise ConfigError(f"a {kind.__name__} is nothing that can be recorded")

    # -- reading --

    def read(self, spelt: Any) -> Any:
        """Return the value; raises ValueError, TypeError or a msgspec error for what stands for none."""
        if isinstance(spelt, list):
            return [self.read(each) for each in spelt]
        if not isinstance(spelt, dict):
            return spelt
        kind = next(iter(spelt), "")
        reader = _READERS.get(kind)
        if reader is None:
            raise ValueError(f"nothing is spelt {kind!r:.40}")
        try:
            return reader(self, spelt)
        except KeyError as error:
            raise ValueError(f"{kind} without {error}") from None

    def _read_struct(self, spelt: dict[str, Any]) -> Any:
        found = getattr(self._wire, spelt["struct"], None)
        if not (isinstance(found, type) and issubclass(found, msgspec.Struct)):
            raise ValueError(f"no struct of this venue: {spelt['struct']!r:.60}")  # noqa: TRY004
        return convert(spelt["value"], found, strict=False)

    def _read_record(self, spelt: dict[str, Any]) -> Any:
        if spelt["record"] not in self._records:
            raise ValueError(f"no record of this venue: {spelt['record']!r:.60}")
        return self._records[spelt["record"]](**{name: self.read(it) for name, it in spelt["fields"].items()})

    def _read_message(self, spelt: dict[str, Any]) -> Any:
        if self._message is None:
            raise ValueError("this venue has no protobuf messages")
        return self._message(spelt["message"]).FromString(b64decode(spelt["base64"], validate=True))

    def _read_items(self, spelt: dict[str, Any]) -> Any:
        return tuple(self.read(each) for each in spelt["tuple"])

    def _read_map(self, spelt: dict[str, Any]) -> Any:
        return {self.read(key): self.read(each) for key, each in spelt["map"]}


def _bytes(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def _error(error: PolyspecError) -> dict[str, Any]:
    names = (*_ANSWERED, *_TOLD) if isinstance(error, ApiError) else _TOLD
    told = {name: getattr(error, name) for name in names}
    text = error.message if isinstance(error, ApiError) else str(error.args[0]) if error.args else ""
    return {"error": kind_of_error(error), "text": text} | {
        name: value for name, value in told.items() if value is not None and name != "message"
    }


def _read_error(_: Spelling, spelt: dict[str, Any]) -> PolyspecError:
    kind = getattr(errors, spelt["error"], None) if spelt["error"] in errors.__all__ else None
    if kind is None:
        raise ValueError(f"no error of polyspec: {spelt['error']!r:.60}")
    answered: dict[str, Any] = {name: spelt.get(name) for name in _ANSWERED if name != "message"}
    error: PolyspecError = (
        kind(str(spelt["text"]), **answered) if issubclass(kind, ApiError) else kind(str(spelt["text"]))
    )
    for name in _TOLD:
        if name in spelt:
            setattr(error, name, spelt[name])
    return error


_READERS: Final[dict[str, Callable[[Spelling, dict[str, Any]], Any]]] = {
    "text": lambda _, spelt: spelt["text"].encode(),
    "base64": lambda _, spelt: b64decode(spelt["base64"], validate=True),
    "decimal": lambda _, spelt: Decimal(spelt["decimal"]),
    "tuple": Spelling._read_items,  # noqa: SLF001
    "map": Spelling._read_map,  # noqa: SLF001
    "struct": Spelling._read_struct,  # noqa: SLF001
    "record": Spelling._read_record,  # noqa: SLF001
    "message": Spelling._read_message,  # noqa: SLF001
    "error": _read_error,
}
