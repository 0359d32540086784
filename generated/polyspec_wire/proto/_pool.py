"""A descriptor pool for these modules alone.

Generated; do not edit. The pool that protobuf shares among all modules of a process refuses a second file of the same
name that is not the same, and whoever trades here may have compiled the venue's own files.
"""

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf import timestamp_pb2

__all__ = ["POOL"]

POOL = DescriptorPool()
for _module in (timestamp_pb2,):
    POOL.AddSerializedFile(_module.DESCRIPTOR.serialized_pb)
