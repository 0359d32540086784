"""What one set of protos has that another lacks, followed from calls into messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor
    from google.protobuf.message import Message

    from polyspec.us.protos import Protos

__all__ = ["assigned", "compare"]

_FIRST_ASSIGNED: Final = 1000
# by the numbers of `FieldDescriptor.CPPTYPE_...`, which are there once protobuf is
_WORDS: Final = {5: "float", 6: "float", 7: "bool", 8: "enum", 9: "string", 10: "message"}


def assigned(message: type[Message]) -> set[str]:
    """Return every field and member of an enum below a message whose number is polyspec's."""
    found: set[str] = set()
    _assigned(message.DESCRIPTOR, found, set())
    return found


# the implementations of protobuf have descriptors of unrelated types
def _assigned(message: Any, found: set[str], seen: set[str]) -> None:
    if message.full_name in seen:
        return
    seen.add(message.full_name)
    for field in message.fields:
        if field.number >= _FIRST_ASSIGNED:
            found.add(f"{message.name}.{field.name}")
        if field.enum_type is not None:
            members = (value for value in field.enum_type.values if value.number >= _FIRST_ASSIGNED)
            found.update(f"{field.enum_type.name}.{value.name}" for value in members)
        if field.message_type is not None:
            _assigned(field.message_type, found, seen)


def compare(ours: Protos, theirs: Protos) -> tuple[str, ...]:
    """Say what of ours theirs lacks or has otherwise, in the order of services; empty if nothing."""
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    for name in ours.files:
        for service in ours.pool.FindFileByName(name).services_by_name.values():
            found.extend(_service(service, theirs, seen))
    return tuple(dict.fromkeys(found))


def _service(service: ServiceDescriptor, theirs: Protos, seen: set[tuple[str, str]]) -> list[str]:
    try:
        other = theirs.pool.FindServiceByName(service.full_name)
    except KeyError:
        return [f"no service {service.full_name}"]
    found: list[str] = []
    for method in service.methods:
        match = other.methods_by_name.get(method.name)
        if match is None:
            found.append(f"no call {service.full_name}.{method.name}")
            continue
        if _streams(method) != _streams(match):
            found.append(f"{service.full_name}.{method.name} streams in another way")
        for mine, yours in ((method.input_type, match.input_type), (method.output_type, match.output_type)):
            found.extend(_message(mine, yours, seen))
    return found


def _streams(method: MethodDescriptor) -> tuple[bool, bool]:
    return method.client_streaming, method.server_streaming


def _message(mine: Descriptor, yours: Descriptor, seen: set[tuple[str, str]]) -> list[str]:
    if (mine.full_name, yours.full_name) in seen:
        return []
    seen.add((mine.full_name, yours.full_name))
    found: list[str] = []
    for field in mine.fields:
        match = yours.fields_by_name.get(field.name)
        if match is None:
            found.append(f"no field {yours.full_name}.{field.name}")
        elif _kind(field) != _kind(match):
            found.append(f"{yours.full_name}.{field.name} is {_told(match)}, not {_told(field)}")
        elif field.message_type is not None and match.message_type is not None:
            found.extend(_message(field.message_type, match.message_type, seen))
        elif field.enum_type is not None and match.enum_type is not None:
            known = match.enum_type.values_by_name
            # the names of zero members are often guesses, and nobody sends them
            lost = (value for value in field.enum_type.values if value.number and value.name not in known)
            found.extend(f"no member {value.name} in {match.enum_type.full_name}" for value in lost)
    return found


def _kind(field: FieldDescriptor) -> tuple[bool, str]:
    # Python does not mind how long an integer is on the wire
    word = "bytes" if field.type == field.TYPE_BYTES else _WORDS.get(field.cpp_type, "integer")
    return _repeated(field), word


def _repeated(field: FieldDescriptor) -> bool:
    # newer protobuf warns of `label`, older has nothing else
    told: Any = field
    return bool(told.is_repeated if hasattr(field, "is_repeated") else told.label == told.LABEL_REPEATED)


def _told(field: FieldDescriptor) -> str:
    repeated, word = _kind(field)
    return f"a list of {word}" if repeated else f"of type {word}"
