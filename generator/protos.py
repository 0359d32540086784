"""From the protos to one package of messages and stubs, in a descriptor pool of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

from jinja2 import Environment

from generator.document import SpecError

__all__ = ["build", "found"]

_PREFIX: Final = "polyspec_wire.proto"
_PLUGINS: Final = ("mypy", "mypy_grpc")
_IMPORT: Final = re.compile(r'^import (?:public )?"([^"]+)";', re.M)
_SERVICE: Final = re.compile(r"^service ", re.M)
_WELL_KNOWN: Final = "google/protobuf/"
# what modules share with all others of a process, and what is ours in its place
_OWN: Final = {
    "from google.protobuf import descriptor_pool as _descriptor_pool\n": (
        f"from {_PREFIX}._pool import POOL as _POOL, publish as _publish\n"
    ),
    "from google.protobuf import symbol_database as _symbol_database\n": "",
    "_sym_db = _symbol_database.Default()\n": "",
    "_descriptor_pool.Default().AddSerializedFile(": "_POOL.AddSerializedFile(",
    "_builder.BuildTopDescriptorsAndMessages(": "_publish(",
}


def found(specs: Path) -> list[Path]:
    """Return the protos below a folder of specs, in one order everywhere."""
    return sorted((specs / "proto").rglob("*.proto"))


def build(specs: Path, output: Path, env: Environment) -> None:
    """Write `polyspec_wire/proto` if there are protos; raises SpecError with what protoc says."""
    files = found(specs)
    if not files:
        return
    source, root = specs / "proto", output / "polyspec_wire" / "proto"
    texts = {path.relative_to(source).as_posix(): path.read_text("utf-8") for path in files}
    root.mkdir(parents=True)
    _compile(source, sorted(texts), root)
    for name, text in texts.items():
        if not _SERVICE.search(text):
            for suffix in ("py", "pyi"):
                (root / f"{name.removesuffix('.proto')}_pb2_grpc.{suffix}").unlink(missing_ok=True)
    _relocate(root, texts)
    _packages(root)
    modules, well_known = _modules(texts)
    for template, name, context in (
        ("proto", "__init__", {"modules": modules}),
        ("pool", "_pool", {"well_known": well_known}),
    ):
        text = env.get_template(f"{template}.py.jinja").render(context)
        (root / f"{name}.py").write_text(text, "utf-8", newline="\n")


def _compile(source: Path, names: Sequence[str], root: Path) -> None:
    kinds = ("python", "grpc_python", *_PLUGINS)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", f"-I{source}"),
            *(f"--plugin=protoc-gen-{name}={_plugin(name)}" for name in _PLUGINS),
            *(f"--{kind}_out={'quiet:' if kind in _PLUGINS else ''}{root}" for kind in kinds),
            *names,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SpecError(f"{source.name}: {done.stderr.strip()}")


def _plugin(name: str) -> str:
    """Find a plugin of protoc beside this interpreter, whichever is first on the path."""
    path = shutil.which(f"protoc-gen-{name}", path=sysconfig.get_path("scripts"))
    if path is None:
        raise SpecError(f"protoc-gen-{name} is not installed here: generator/requirements.txt")
    return path


def _relocate(root: Path, names: Iterable[str]) -> None:
    """Point imports at where the package really is, and every file at the pool of the package."""
    tops = "|".join(sorted({name.partition("/")[0] for name in names}))
    imports = re.compile(rf"^(\s*(?:from|import) )((?:{tops})[.\s])", re.M)
    # names of modules in annotations of stubs, and the one by which a class says where it lives
    uses = re.compile(rf"(?<![\w./])((?:{tops})\.(?:\w+\.)*\w+_pb2\b)")
    for path in sorted((*root.rglob("*.py"), *root.rglob("*.pyi"))):
        text = uses.sub(rf"{_PREFIX}.\1", imports.sub(rf"\1{_PREFIX}.\2", path.read_text("utf-8")))
        text = text.replace(f"{_PREFIX}.{_PREFIX}.", f"{_PREFIX}.")
        if path.name.endswith("_pb2.py"):
            text = _own_pool(path, text)
        proto = re.sub(r"_pb2(_grpc)?\.pyi?$", ".proto", path.relative_to(root).as_posix())
        path.write_text(f"# From specs/proto/{proto}; do not edit.\n{text}", "utf-8", newline="\n")


def _own_pool(path: Path, text: str) -> str:
    for shared, own in _OWN.items():
        if text.count(shared) != 1:
            raise SpecError(f"{path.name}: protoc writes it in another way than this generator knows")
        text = text.replace(shared, own)
    return text


def _packages(root: Path) -> None:
    for folder in sorted(path for path in root.rglob("*") if path.is_dir()):
        name = ".".join(folder.relative_to(root).parts)
        text = f'"""Modules of the package `{name}`."""\n'
        (folder / "__init__.py").write_text(text, "utf-8", newline="\n")


def _modules(texts: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return the modules, imported ones first, and the modules of protobuf itself that they need."""
    imports = {name: sorted(_IMPORT.findall(text)) for name, text in texts.items()}
    known = {name for names in imports.values() for name in names if name.startswith(_WELL_KNOWN)}
    graph = {name: [each for each in names if each in texts] for name, names in imports.items()}
    ready = TopologicalSorter(graph)
    ready.prepare()
    order: list[str] = []
    while ready.is_active():
        order.extend(level := sorted(ready.get_ready()))
        ready.done(*level)
    return (
        [name.removesuffix(".proto").replace("/", ".") + "_pb2" for name in order],
        [name.removeprefix(_WELL_KNOWN).removesuffix(".proto") + "_pb2" for name in sorted(known)],
    )
