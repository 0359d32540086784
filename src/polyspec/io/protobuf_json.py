"""Messages of protobuf and the JSON the venue's gateway has for them, both ways.

What the library does by the same rules takes ten times as long, drops what it cannot name and leaves out what
is at its default. Here every field without presence is written, members of enums that have no name here keep
their number, and a field a message lacks is an error.

The plans of messages are made once. Nothing here imports protobuf: whoever has a message has it.
"""

from __future__ import annotations

import math
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import cache
from operator import index
from typing import Any, Final, NamedTuple

__all__ = ["Unfit", "fill", "plain"]

# of FieldDescriptor.CPPTYPE_...
_INT64, _UINT64, _DOUBLE, _FLOAT, _BOOL, _ENUM, _STRING, _MESSAGE = 2, 4, 5, 6, 7, 8, 9, 10
_BYTES: Final = 12
_WELL_KNOWN: Final = "google.protobuf."
_MOMENT: Final = "google.protobuf.Timestamp"
_FLAGS: Final = {"true": True, "false": False, True: True, False: False}

Convert = Callable[[Any], Any]


class Unfit(Exception):  # noqa: N818 - never leaves io
    """What was said cannot be said with these protos; the text says what, without values."""


class _Written(NamedTuple):
    """How one field is written as JSON."""

    name: str
    """In the message."""
    key: str
    """In JSON."""
    present: bool
    """Whether it may be absent, unlike at its default."""
    convert: Convert | None
    """None if the value is JSON as it is."""


def plain(message: Any) -> dict[str, Any]:
    """Return a message as JSON would hold it; raises ValueError for a moment outside the calendar."""
    found: dict[str, Any] = {}
    for name, key, present, convert in _writing(message.DESCRIPTOR):
        if present and not message.HasField(name):
            continue
        value = getattr(message, name)
        found[key] = value if convert is None else convert(value)
    return found


@cache
def _writing(descriptor: Any) -> tuple[_Written, ...]:
    return tuple(
        _Written(each.name, each.json_name, bool(each.has_presence), _writer(each))
        for each in descriptor.fields
    )


def _writer(field: Any) -> Convert | None:
    if _is_map(field):
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        of_key, of_value = _key_writer(key), _single_writer(value) or _same
        return lambda entries: {of_key(name): of_value(each) for name, each in entries.items()}
    single = _single_writer(field)
    if not _is_repeated(field):
        return single
    if single is None:
        return list
    return lambda values: [single(each) for each in values]


def _single_writer(field: Any) -> Convert | None:
    kind = field.cpp_type
    if kind == _MESSAGE:
        return _message_writer(field.message_type.full_name)
    if kind == _ENUM:
        names = {number: value.name for number, value in field.enum_type.values_by_number.items()}
        return lambda number: names.get(number) or str(number)
    if kind in (_INT64, _UINT64):
        return str
    if kind == _DOUBLE:
        return _number
    if kind == _FLOAT:
        return lambda value: _number(_shortest(value))
    if field.type == _BYTES:
        return lambda value: b64encode(value).decode()
    return None


def _message_writer(name: str) -> Convert:
    if name == _MOMENT:
        # to the nanosecond
        return lambda moment: moment.ToJsonString()
    return _well_known if name.startswith(_WELL_KNOWN) else plain


def _well_known(message: Any) -> Any:
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(message)


def _key_writer(field: Any) -> Convert:
    return _flag_text if field.cpp_type == _BOOL else str


def _flag_text(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"


def _same(value: Any) -> Any:
    return value


def _number(value: float) -> float | str:
    """Return a float that JSON has, or the word protobuf has for one it has not."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _shortest(value: float) -> float:
    """Return the shortest decimal that is the same float of 32 bits."""
    if not math.isfinite(value):
        return value
    exact = struct.pack("f", value)
    tries = (float(f"{value:.{digits}g}") for digits in (6, 7, 8))
    return next((each for each in tries if struct.pack("f", each) == exact), float(f"{value:.9g}"))


def fill(message: Any, told: Mapping[str, Any]) -> None:
    """Set what JSON says, or a query does with texts alone; raises Unfit, also for what is no field here."""
    fields = _reading(message.DESCRIPTOR)
    for name, value in told.items():
        if value is None:
            continue
        put = fields.get(_folded(name))
        if put is None:
            raise Unfit(f"{message.DESCRIPTOR.name} has no field {name}")
        try:
            put(message, value)
        except (TypeError, ValueError, OverflowError, AttributeError, KeyError):
            # whose words may hold the value
            raise Unfit(f"{name} of {message.DESCRIPTOR.name} cannot hold what was given") from None


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


Put = Callable[[Any, Any], None]


@cache
def _reading(descriptor: Any) -> dict[str, Put]:
    found: dict[str, Put] = {}
    for field in descriptor.fields:
        put = _putting(field)
        for name in (field.name, field.json_name):
            found[_folded(name)] = put
    return found


def _putting(field: Any) -> Put:
    name: str = field.name
    if _is_map(field):
        return _map_putting(field)
    if field.cpp_type == _MESSAGE:
        return _message_putting(name, _entering(field.message_type.full_name), repeated=_is_repeated(field))
    read = _reader(field)
    if _is_repeated(field):
        return lambda message, values: getattr(message, name).extend(map(read, _several(values)))
    return lambda message, value: setattr(message, name, read(value))


def _message_putting(name: str, enter: Put, *, repeated: bool) -> Put:
    if not repeated:
        return lambda message, value: enter(getattr(message, name), value)

    def put(message: Any, values: Any) -> None:
        listed = getattr(message, name)
        for each in _several(values):
            enter(listed.add(), each)

    return put


def _several(values: Any) -> list[Any]:
    # a query that names it once
    return list(values) if isinstance(values, list | tuple) else [values]


def _map_putting(field: Any) -> Put:
    key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
    read_key, name = _reader(key), field.name
    if value.cpp_type == _MESSAGE:
        enter = _entering(value.message_type.full_name)

        def put(message: Any, told: Any) -> None:
            entries = getattr(message, name)
            for each, inner in told.items():
                enter(entries[read_key(each)], inner)

    else:
        read = _reader(value)

        def put(message: Any, told: Any) -> None:
            entries = getattr(message, name)
            for each, inner in told.items():
                entries[read_key(each)] = read(inner)

    return put


def _entering(name: str) -> Put:
    if name == _MOMENT:
        return lambda moment, text: moment.FromJsonString(text)
    return _enter_well_known if name.startswith(_WELL_KNOWN) else _enter


def _enter(message: Any, told: Any) -> None:
    # one that says nothing is said all the same
    message.SetInParent()
    fill(message, told)


def _enter_well_known(message: Any, told: Any) -> None:
    from google.protobuf.json_format import ParseDict, ParseError

    try:
        ParseDict(told, message)
    except ParseError:
        raise ValueError(message.DESCRIPTOR.name) from None


def _reader(field: Any) -> Convert:
    kind = field.cpp_type
    if kind == _ENUM:
        return _enum_reader(field)
    if kind in (_DOUBLE, _FLOAT):
        return float
    if kind == _BOOL:
        return _FLAGS.__getitem__
    if field.type == _BYTES:
        return lambda text: b64decode(text, validate=True)
    return str if kind == _STRING else _whole


def _whole(told: Any) -> int:
    # a fraction must not be cut off in silence
    return int(told) if isinstance(told, str) else index(told)


def _enum_reader(field: Any) -> Convert:
    numbers = {name: value.number for name, value in field.enum_type.values_by_name.items()}

    def read(told: Any) -> int:
        text = str(told)
        if text in numbers:
            return int(numbers[text])
        # a member that was read without a name goes back as it came
        if text.lstrip("-").isdigit():
            return int(text)
        raise Unfit(f"{field.enum_type.name} has no member {text[:100]}")

    return read


def _is_repeated(field: Any) -> bool:
    # newer protobuf warns of `label`, older has nothing else
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED)


def _is_map(field: Any) -> bool:
    inner = field.message_type
    return inner is not None and bool(inner.GetOptions().map_entry)
