"""Read a bundle of protos, in whichever form a customer has it, into one serialized descriptor set.

Forms: a folder or a zip of ``.proto`` files, which are compiled; one of modules that protoc made of them,
from which the descriptors are read as text and nothing is run; a descriptor set, which is taken as it is.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from polyspec.errors import ConfigError

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

__all__ = ["bundled", "needing_protobuf"]

_PACKAGE: Final = "polymarket"
_WELL_KNOWN: Final = "google/protobuf/"
_IMPORT: Final = re.compile(r'^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"\s*;', re.M)
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_DEPTH: Final = 4
_PATIENCE: Final = 60.0  # seconds
_SHOWN: Final = 5


def needing_protobuf() -> None:
    """Say which extra brings protobuf if it is missing."""
    try:
        import_module("google.protobuf.message_factory")
    except ModuleNotFoundError as error:
        raise ConfigError("gRPC needs protobuf: pip install 'polyspec[grpc]'") from error


def bundled(paths: Sequence[Path]) -> bytes:
    """Return the descriptor set of bundles that belong together; raises ConfigError with what is missing."""
    needing_protobuf()
    first, told = paths[0], ", ".join(map(str, paths))
    if len(paths) == 1 and first.is_file() and not is_zipfile(first):
        return first.read_bytes()
    with ExitStack() as stack:
        roots = [_root(path, stack) for path in paths]
        protos = {root: _below(root, ".proto") for root in roots}
        modules = {root: _below(root, "_pb2.py") for root in roots}
        if all(modules.values()) and (not all(protos.values()) or find_spec("grpc_tools") is None):
            return _read(told, modules)
        if not all(protos.values()):
            raise ConfigError(f"{told}: some have protos and some have modules; give one kind")
        return _compiled(told, roots, sorted({name for names in protos.values() for name in names}))


def _root(path: Path, stack: ExitStack) -> Path:
    """Find the folder that imports start from: the one that holds ``polymarket``."""
    folder = path
    if path.is_file():
        folder = Path(stack.enter_context(TemporaryDirectory()))
        try:
            with ZipFile(path) as archive:
                archive.extractall(folder)
        except BadZipFile as error:
            raise ConfigError(f"{path} is neither a folder, a zip nor a descriptor set") from error
    elif not path.is_dir():
        raise ConfigError(f"{path} does not exist")
    found = sorted({each for each in _folders(folder) if _below(each, ".proto") or _below(each, "_pb2.py")})
    if not found:
        raise ConfigError(
            f"{path} has no protos of Polymarket: no folder in it has {_PACKAGE}/**/*.proto. "
            "The venue's zip has them in api/; give the zip, or the folder it unpacks to"
        )
    if len(found) > 1:
        names = ", ".join(str(each.relative_to(folder)) for each in found)
        raise ConfigError(f"{path} has several bundles: give one of {names}")
    return found[0]


def _folders(folder: Path) -> Iterator[Path]:
    for depth in range(_DEPTH):
        for found in folder.glob("/".join(["*"] * depth + [_PACKAGE])):
            if found.is_dir() and _PACKAGE not in found.relative_to(folder).parts[:-1]:
                yield found.parent


def _below(root: Path, suffix: str) -> list[str]:
    """Return the files of the venue's packages, by the names others import them by."""
    return [path.relative_to(root).as_posix() for path in sorted((root / _PACKAGE).rglob(f"*{suffix}"))]


def _compiled(told: str, roots: Sequence[Path], names: Sequence[str]) -> bytes:
    _complete(told, roots, names)
    if find_spec("grpc_tools") is None:
        raise ConfigError("compiling protos needs grpcio-tools: pip install 'polyspec[protos]'")
    with TemporaryDirectory() as folder:
        output = Path(folder) / "set.binpb"
        command = [sys.executable, "-m", "grpc_tools.protoc", "--include_imports"]
        command += [*(f"-I{root}" for root in roots), f"--descriptor_set_out={output}", *names]
        try:
            done = subprocess.run(  # noqa: S603 - this interpreter, and names of files that were found
                command, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ConfigError(f"protoc was not done with {told} in {_PATIENCE:.0f} s") from error
        if done.returncode:
            raise ConfigError(f"protoc refuses {told}: {'; '.join(done.stderr.splitlines()[:_SHOWN])}")
        return output.read_bytes()


def _complete(told: str, roots: Sequence[Path], names: Sequence[str]) -> None:
    """Refuse a bundle of which files are missing, naming all of them and who wants them."""
    wanted: dict[str, str] = {}
    reached, waiting = set(names), list(names)
    while waiting:
        name = waiting.pop()
        path = next(root / name for root in roots if (root / name).is_file())
        for other in _IMPORT.findall(_COMMENT.sub("", path.read_text("utf-8", errors="replace"))):
            if other in reached or other.startswith(_WELL_KNOWN):
                continue
            if any((root / other).is_file() for root in roots):
                reached.add(other)
                waiting.append(other)
            else:
                wanted.setdefault(other, name)
    _refuse(told, wanted)


def _refuse(told: str, wanted: dict[str, str]) -> None:
    if wanted:
        names = [f"{name} (imported by {by})" for name, by in sorted(wanted.items())]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise ConfigError(f"{told} lacks {', '.join(names[:_SHOWN])}{more}")


def _read(told: str, modules: dict[Path, list[str]]) -> bytes:
    """Collect descriptors from the text of modules: importing them would put them into everybody's pool."""
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    waiting = [root / name for root, names in modules.items() for name in names]
    found: dict[str, FileDescriptorProto] = {}
    wanted: dict[str, str] = {}
    while waiting:
        file = _descriptor(waiting.pop())
        if file.name in found:
            continue
        found[file.name] = file
        for name in file.dependency:
            module = f"{name.removesuffix('.proto').replace('-', '_')}_pb2.py"
            path = next((root / module for root in modules if (root / module).is_file()), None)
            if path is not None:
                waiting.append(path)
            elif name.startswith(_WELL_KNOWN):
                found.setdefault(name, _well_known(name))
            elif name not in found:
                wanted.setdefault(name, file.name)
    _refuse(told, {name: by for name, by in wanted.items() if name not in found})
    try:
        graph = TopologicalSorter({name: list(file.dependency) for name, file in found.items()})
        return FileDescriptorSet(file=[found[name] for name in graph.static_order()]).SerializeToString()
    except CycleError as error:
        raise ConfigError(f"{told}: files import each other in a circle") from error


def _descriptor(path: Path) -> FileDescriptorProto:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.message import DecodeError

    try:
        tree = ast.parse(path.read_bytes())
        serialized = next(
            node.args[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "AddSerializedFile"
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, bytes)
        )
        return FileDescriptorProto.FromString(serialized)
    except (SyntaxError, StopIteration, DecodeError, ValueError) as error:
        raise ConfigError(f"{path} is not what protoc makes of a proto") from error


def _well_known(name: str) -> FileDescriptorProto:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    module = import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
    return FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
