"""Compile a spec of a few lines, import what comes out, use it."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import polyspec_wire
import pytest
from tinyspec import Compile, save, spec_of

from generator import __main__ as generator

_numbers = itertools.count()


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
