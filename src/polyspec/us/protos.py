"""Which protos a client speaks over gRPC: polyspec's own, or the bundle the venue gave to a customer.

Most numbers of fields are not published. Polyspec's protos put numbers from 1000 on in their place, which
the sandbox understands and the venue does not; ``Rpc.certain`` says whether a call has any. A customer's
bundle has the venue's numbers::

    protos = load("polymarket-protos/api")
    insert = protos.rpc("OrderEntryAPI", "InsertOrder")
    call = channel.unary_unary(insert.path, insert.request.SerializeToString, insert.response.FromString)

Messages are reached through calls and fields, not by import: then either kind does. Each bundle has a pool of
descriptors and classes of its own, so nothing that another part of the process compiled or imported gets in
the way. A moment is set in place, ``message.transact_time.FromDatetime(...)`` or ``FromNanoseconds``: a
``Timestamp`` of ``google.protobuf`` belongs to another pool.

The sandbox speaks polyspec's own unless it is given others, so clients of it take ``ours()``, and those of
the venue ``chosen()``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from polyspec.errors import ConfigError
from polyspec.io.saving import Download
from polyspec.us.proto_bundle import bundled, needing_protobuf

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
    from google.protobuf.message import Message

__all__ = [
    "VARIABLE",
    "Protos",
    "Rpc",
    "chosen",
    "forget",
    "load",
    "ours",
    "remember",
    "remembered",
]

VARIABLE: Final = "POLYSPEC_US_PROTOS"
"""Names the bundle to speak: a folder, a zip or a descriptor set; ``ours`` is polyspec's own."""

_PACKAGE: Final = "polymarket.v1."


@frozen(eq=False)
class Rpc:
    """One call: where it goes, and the classes of what is sent and answered."""

    path: str
    """``/package.Service/Method``, as channels take it."""
    request: type[Message]
    response: type[Message]
    streams_requests: bool
    streams_responses: bool

    @cached_property
    def assigned(self) -> tuple[str, ...]:
        """Fields and members of enums, as ``message.field``, whose numbers are not the venue's."""
        from polyspec.us.proto_gaps import assigned

        return tuple(sorted(assigned(self.request) | assigned(self.response)))

    @property
    def certain(self) -> bool:
        """Whether every number of this call is the venue's, so that it can be made at the venue."""
        # a call without a field on either side is one of which nothing is published but its path
        published = self.request.DESCRIPTOR.fields or self.response.DESCRIPTOR.fields
        return bool(published) and not self.assigned


@frozen(eq=False)
class Protos:
    """Services and messages of one set of protos, in a descriptor pool of its own."""

    source: str
    """Where they are from: a path, or ``polyspec``."""
    pool: DescriptorPool = field(repr=False)
    files: tuple[str, ...] = field(repr=False)
    """Names of the files, as they import each other; imported ones first."""
    _modules: dict[str, ModuleType] = field(factory=dict, repr=False)
    _rpcs: dict[str, Rpc] = field(factory=dict, repr=False)

    def service(self, name: str) -> ServiceDescriptor:
        """Find a service by its full name, or by its own if it is one of ``polymarket.v1``."""
        try:
            return self.pool.FindServiceByName(_full(name))
        except KeyError as error:
            raise self._absent("service", _full(name)) from error

    def rpc(self, service: str, method: str) -> Rpc:
        """Find a call; raises ConfigError if these protos do not have it."""
        path = f"/{_full(service)}/{method}"
        if (known := self._rpcs.get(path)) is not None:
            return known
        found = self.service(service).methods_by_name.get(method)
        if found is None:
            raise self._absent("call", path)
        made = Rpc(
            path,
            self.message(found.input_type.full_name),
            self.message(found.output_type.full_name),
            found.client_streaming,
            found.server_streaming,
        )
        return self._rpcs.setdefault(path, made)

    def message(self, name: str) -> type[Message]:
        """Find the class of a message by its full name, or by its own if it is one of ``polymarket.v1``."""
        from google.protobuf.message_factory import GetMessageClass

        try:
            found: type[Message] = GetMessageClass(self.pool.FindMessageTypeByName(_full(name)))
        except KeyError as error:
            raise self._absent("message", _full(name)) from error
        return found

    def enum(self, name: str) -> EnumTypeWrapper:
        """Find an enum, with ``Name`` and ``Value``, by its full name or its own as with messages."""
        from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

        try:
            return EnumTypeWrapper(self.pool.FindEnumTypeByName(_full(name)))
        except KeyError as error:
            raise self._absent("enum", _full(name)) from error

    def module(self, name: str) -> ModuleType:
        """Return what ``polymarket.v1.trading_pb2`` or ``trading_pb2`` would be, without importing it.

        It is in no ``sys.modules``: an import of that name finds whatever else is installed.
        """
        full = f"{_full(name).removesuffix('_pb2').replace('.', '/')}.proto"
        if full not in self._modules:
            if full not in self.files:
                raise self._absent("file", full)
            self._modules[full] = _namespace(self.pool.FindFileByName(full))
        return self._modules[full]

    def gaps(self) -> tuple[str, ...]:
        """Say what polyspec speaks and these protos lack or have otherwise; empty if nothing."""
        from polyspec.us.proto_gaps import compare

        return compare(ours(), self)

    def _absent(self, kind: str, name: str) -> ConfigError:
        return ConfigError(f"the protos of {self.source} have no {kind} {name}")


def _full(name: str) -> str:
    return name if name.startswith(("polymarket.", "google.")) else _PACKAGE + name


def _namespace(file: FileDescriptor) -> ModuleType:
    from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
    from google.protobuf.message_factory import GetMessageClass

    made = ModuleType(file.name.removesuffix(".proto").replace("/", ".") + "_pb2")
    names: dict[str, Any] = {"DESCRIPTOR": file}
    names |= {name: GetMessageClass(found) for name, found in file.message_types_by_name.items()}
    for name, found in file.enum_types_by_name.items():
        names[name] = EnumTypeWrapper(found)
        names |= {value.name: value.number for value in found.values}
    vars(made).update(names)
    return made


@cache
def ours() -> Protos:
    """Return polyspec's own protos, the classes of ``polyspec_wire.proto``."""
    needing_protobuf()
    from polyspec_wire import proto

    modules = [import_module(f"{proto.__name__}.{name}") for name in proto.MODULES]
    pool = import_module(f"{proto.__name__}._pool").POOL
    named = {module.DESCRIPTOR.name: module for module in modules}
    return Protos("polyspec", pool, tuple(named), named)


def load(path: str | Path, *more: str | Path) -> Protos:
    """Read a bundle: a folder or a zip of protos, or of modules protoc made of them, or a descriptor set.

    The venue's zip may be given as it is, or the folder it unpacks to, or ``api`` in there. Partner packages
    come apart from the bundle: give both. Protos need the extra ``protos``, everything else ``grpc``. Raises
    ConfigError with what is missing.
    """
    return _pooled(bundled([Path(path), *map(Path, more)]), ", ".join(map(str, (path, *more))))


def _pooled(serialized: bytes, source: str) -> Protos:
    needing_protobuf()
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import DecodeError

    pool, names = DescriptorPool(), []
    try:
        for file in FileDescriptorSet.FromString(serialized).file:
            pool.AddSerializedFile(file.SerializeToString())
            names.append(file.name)
        for name in names:
            pool.FindFileByName(name)
    except (DecodeError, TypeError, KeyError) as error:
        raise ConfigError(f"{source} is no usable set of protos: {error}") from error
    if not any(name.startswith("polymarket/v1/") for name in names):
        raise ConfigError(f"{source} has nothing of the package polymarket.v1")
    return Protos(source, pool, tuple(names))


def remembered() -> Path:
    """Where the bundle lies that ``polyspec protos use`` chose: ``$XDG_DATA_HOME/polyspec/us_protos.binpb``.

    It is a descriptor set, to be read without grpcio-tools. Without the variable it is ``~/.local/share``.
    """
    base = os.environ.get("XDG_DATA_HOME", "")
    # the XDG rules: a relative path there is as good as none
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".local/share"
    return folder / "polyspec/us_protos.binpb"


def remember(protos: Protos) -> Path:
    """Make clients of later processes speak this bundle; return where it was put."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    found = FileDescriptorSet()
    for name in protos.files:
        found.file.add().ParseFromString(protos.pool.FindFileByName(name).serialized_pb)
    path = remembered()
    path.parent.mkdir(parents=True, exist_ok=True)
    with Download(path, None) as file:
        file.write(found.SerializeToString(deterministic=True))
    return path


def forget() -> bool:
    """Go back to polyspec's own protos; False if no bundle was remembered."""
    path = remembered()
    known = path.exists()
    path.unlink(missing_ok=True)
    return known


def chosen(protos: Protos | str | Path | None = None, variables: Mapping[str, str] | None = None) -> Protos:
    """Return the protos to speak: those handed in, else the variable's, else the remembered, else ours.

    Where ``POLYSPEC_SANDBOX`` is set, the sandbox is spoken to: in ours unless others are handed in.
    """
    if isinstance(protos, Protos):
        return protos
    variables = os.environ if variables is None else variables
    named = protos or ("ours" if variables.get("POLYSPEC_SANDBOX") else variables.get(VARIABLE))
    if named == "ours":
        return ours()
    if named:
        return load(named)
    path = remembered()
    return load(path) if path.is_file() else ours()
