"""Types are made ready for reading by one thread at a time, and by all of the library in one place."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import polyspec

_PLACE = Path(polyspec.__file__).parent
_READERS = {"json.Decoder", "json.decode", "msgpack.Decoder", "msgpack.decode", "convert"}
# what holds no struct needs no making ready
_PLAIN = {"list[float]", "tuple[str, float]"}

_FRESH = """
import sys, threading
from types import ModuleType
import msgspec
from polyspec.core.typed import convert, decoder

sys.setswitchinterval(1e-6)

def fresh(number):
    module = ModuleType(f"fresh{number}")
    sys.modules[module.__name__] = module
    lines = ["from __future__ import annotations", "from msgspec import Struct"]
    for each in range(10):
        lines += [f"class Kind{each}(Struct):", "    text: str = ''", "    many: list[int] | None = None"]
        lines += [f"    below: list[Kind{each + 1}] | None = None"] * (each < 9)
    exec("\\n".join(lines), module.__dict__)
    return module.Kind0
"""


def _run(body: str) -> None:
    code = _FRESH + dedent(body)
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.returncode, ran.stdout) == (0, "as it should be\n"), ran.stderr[-2000:]


def test_threads_may_meet_a_type_at_the_same_moment() -> None:
    """Eight that read a type nobody has read before all get what was written, and the process lives on."""
    _run("""
        data = b'{"text":"a","below":[{"many":[1],"below":[{"text":"c"}]}]}'
        plain = msgspec.json.decode(data)
        wrong = []

        def read(kind, place, start):
            start.wait()
            value = decoder(kind).decode(data) if place % 2 else convert(plain, kind)
            if value.below[0].below[0].text != "c" or value.below[0].many != [1]:
                wrong.append(value)

        for number in range(60):
            kind, start = fresh(number), threading.Barrier(8)
            threads = [threading.Thread(target=read, args=(kind, place, start)) for place in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        assert not wrong
        print("as it should be")
    """)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_in_the_middle_leaves_a_child_that_can_read() -> None:
    """It does not wait for a thread that only its parent has."""
    _run("""
        import os
        stop = threading.Event()

        def work():
            number = 1000
            while not stop.is_set():
                decoder(fresh(number := number + 1))

        thread = threading.Thread(target=work)
        thread.start()
        ends = []
        for number in range(40):
            if (child := os.fork()) == 0:
                os._exit(decoder(fresh(number)).decode(b'{"text":"b"}').text != "b")
            ends.append(os.waitpid(child, 0)[1])
        stop.set()
        thread.join()
        assert not any(ends), ends
        print("as it should be")
    """)


def _typed(tree: ast.AST) -> Iterator[str]:
    """Name the calls of msgspec in a module that read something as a type."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"msgspec.json", "msgspec.msgpack"}:
            yield ast.unparse(node)
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).removeprefix("msgspec.")
        if name not in _READERS or name == "convert" == ast.unparse(node.func):
            continue
        kinds = [each.value for each in node.keywords if each.arg == "type"]
        kinds += node.args[0 if name.endswith("Decoder") else 1 :]
        if any(ast.unparse(kind) not in _PLAIN for kind in kinds):
            yield ast.unparse(node)


def test_nothing_reads_types_anywhere_else() -> None:
    """One place makes them ready, so one lock is enough."""
    modules = [path for path in _PLACE.rglob("*.py") if path.name != "typed.py"]
    assert {path.name: list(_typed(ast.parse(path.read_text()))) for path in modules} == {
        path.name: [] for path in modules
    }


@pytest.mark.parametrize(
    "line",
    [
        "msgspec.json.decode(raw, type=Line)",
        "msgspec.convert(plain, Line)",
        "msgspec.json.Decoder(list[Line])",
    ],
)
def test_another_place_would_be_found(line: str) -> None:
    """Whichever of the ways to read a type it takes."""
    assert list(_typed(ast.parse(line))) == [line]
