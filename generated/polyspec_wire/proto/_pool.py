"""A descriptor pool for these modules alone.

Generated; do not edit. The pool that protobuf shares among all modules of a process refuses a second file of the same
name that is not the same, and whoever trades here may have compiled the venue's own files.
"""

from typing import Any

from google.protobuf import timestamp_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message_factory import GetMessageClass

__all__ = ["POOL", "publish"]

POOL = DescriptorPool()
for _module in (timestamp_pb2,):
    POOL.AddSerializedFile(_module.DESCRIPTOR.serialized_pb)


def publish(file: Any, module: str, names: dict[str, Any]) -> None:
    """Put messages and enums of a file into the names of its module, and nowhere else.

    The builder of protobuf tells a database that all modules share as well; without its C code, that is how classes
    of one pool turn up in another.
    """
    for name, found in file.message_types_by_name.items():
        names[name] = kind = GetMessageClass(found)
        kind.__module__ = module
        for nested in found.nested_types:
            if not hasattr(kind, nested.name):
                setattr(kind, nested.name, GetMessageClass(nested))
    for name, found in file.enum_types_by_name.items():
        names[name] = EnumTypeWrapper(found)
        names[f"_{name.upper()}"] = found
        names.update((value.name, value.number) for value in found.values)
    names.update((f"_{name.upper()}", found) for name, found in file.services_by_name.items())
