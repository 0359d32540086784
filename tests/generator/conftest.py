"""Compile a spec of a few lines, import what comes out, use it."""

from __future__ import annotations

import importlib
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import polyspec_wire
import pytest

from generator import __main__ as generator

HEAD = """
openapi: 3.1.0
info: {title: Tiny, version: "1"}
x-venue: NAME
"""

TRAITS = "x-retry: safe, x-lane: read, x-confidence: documented, x-source: nowhere"

ERROR = """
    Error: {type: object, properties: {message: {type: string}}, examples: [{}]}
"""

_numbers = itertools.count()

Compile = Callable[..., ModuleType]


def spec_of(*, schemas: str = "", paths: str = "{}", root: str = "", components: str = "") -> str:
    """Write a spec around schemas and paths, both given as YAML at any indentation."""
    return (
        HEAD
        + textwrap.dedent(root)
        + "\npaths:\n"
        + textwrap.indent(textwrap.dedent(paths), "  ")
        + "\ncomponents:\n"
        + textwrap.indent(textwrap.dedent(components), "  ")
        + "\n  schemas:"
        + ERROR
        + textwrap.indent(textwrap.dedent(schemas), "    ")
    )


def operation(
    answer: str = "Error",
    *,
    extra: str = "",
    path: str = "/things",
    method: str = "get",
    name: str = "API_GetThing",
) -> str:
    """Write one path with one operation; `extra` is more of the operation, in flow style."""
    content = "content: {{application/json: {{schema: {{$ref: '#/components/schemas/{}'}}}}}}"
    return f"""
{path}:
  {method}: {{operationId: {name}, tags: [things], {TRAITS}, {extra or "security: []"}, responses: {{
    "200": {{description: "", {content.format(answer)}}},
    default: {{description: "", {content.format("Error")}}}}}}}
"""


def save(folder: Path, text: str, name: str = "tiny") -> Path:
    """Store a spec as `name` would be stored."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.openapi.yaml"
    path.write_text(text.replace("x-venue: NAME", f"x-venue: {name}"), "utf-8")
    return path


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Compile]:
    """Return a function that compiles a spec and imports it as a package of `polyspec_wire`."""
    output = tmp_path / "generated"
    monkeypatch.setattr(polyspec_wire, "__path__", [*polyspec_wire.__path__, str(output / "polyspec_wire")])
    before = set(sys.modules)

    def compile_spec(**parts: str) -> ModuleType:
        name = f"tiny{next(_numbers)}"
        save(tmp_path / "specs", spec_of(**parts), name)
        assert generator.main(["--specs", str(tmp_path / "specs"), "--output", str(output)]) == 0
        importlib.invalidate_caches()
        return importlib.import_module(f"polyspec_wire.{name}")

    yield compile_spec
    for name in set(sys.modules) - before:
        if name.startswith("polyspec_wire.tiny"):
            del sys.modules[name]
            vars(polyspec_wire).pop(name.split(".")[1], None)
