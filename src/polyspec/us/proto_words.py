"""Small things that are done with protobuf messages, whichever bundle they are of."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from polyspec.core.codec import encode
from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["Recent", "converted", "moment_of", "name_of", "nanoseconds", "part_of", "stamp"]

M = TypeVar("M", bound="Message")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def converted(plain: Any, kind: type[M]) -> M:
    """Return what REST answered as the message it is: REST has messages in their JSON.

    REST tells moments to the microsecond.
    """
    from google.protobuf.json_format import ParseDict

    return ParseDict(json.loads(encode(plain)), kind(), ignore_unknown_fields=True)


def part_of(kind: type[Message], *names: str) -> type[Message]:
    """Return the class of what is in a field of a message, or in a field of that."""
    from google.protobuf.message_factory import GetMessageClass

    found: Any = kind.DESCRIPTOR
    for name in names:
        field = found.fields_by_name.get(name)
        if field is None or field.message_type is None:
            raise ConfigError(f"the protos have no message {name} in {found.full_name}")
        found = field.message_type
    made: type[Message] = GetMessageClass(found)
    return made


def name_of(message: Message, field: str) -> str:
    """Return the name of an enum's member, or its number if these protos have none for it."""
    number: int = getattr(message, field)
    described: Any = message.DESCRIPTOR.fields_by_name[field]
    member = described.enum_type.values_by_number.get(number)
    return str(number) if member is None else str(member.name)


def stamp(message: Any, field: str) -> int:
    """Return a moment of a message in nanoseconds since 1970; 0 if it has none."""
    if not message.HasField(field):
        return 0
    moment: int = getattr(message, field).ToNanoseconds()
    return moment


def nanoseconds(moment: datetime) -> int:
    """Return a moment in nanoseconds since 1970; raises ConfigError for one without a time zone."""
    if moment.tzinfo is None:
        raise ConfigError(f"{moment.isoformat()} has no time zone: give one, datetime.UTC for instance")
    return (moment - _EPOCH) // _MICROSECOND * 1000


def moment_of(ns: int) -> datetime:
    """Return nanoseconds since 1970 as a moment, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=ns // 1000)


class Recent:
    """What was told already; the oldest is forgotten when it is too much."""

    def __init__(self, most: int, known: Iterable[Hashable] = ()) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, None] = OrderedDict.fromkeys(known)

    def add(self, name: Hashable) -> bool:
        """Note a name; tell whether it is new."""
        if name in self._known:
            return False
        self._known[name] = None
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return True

    def __contains__(self, name: Hashable) -> bool:
        return name in self._known

    def __len__(self) -> int:
        return len(self._known)
