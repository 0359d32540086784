"""Protos are compiled into a package that stands by itself, and goes stale with them."""

from __future__ import annotations

import re
import shutil
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from tinyspec import operation, save, spec_of

from generator import __main__ as generator
from generator import protos, rest

ROOT = Path(__file__).resolve().parents[2]
TINY = 'syntax = "proto3";\npackage tiny.v1;\nmessage Thing {\n  string name = 1;\n}\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place with one small spec and two protos, and what was generated from them."""
    tmp_path = tmp_path_factory.mktemp("made")
    save(tmp_path / "specs", spec_of(paths=operation()))
    folder = tmp_path / "specs/proto/tiny/v1"
    folder.mkdir(parents=True)
    (folder / "thing.proto").write_text(TINY)
    (folder / "box.proto").write_text(
        'syntax = "proto3";\npackage tiny.v1;\nimport "google/protobuf/duration.proto";\n'
        'import "tiny/v1/thing.proto";\n'
        "message Box {\n  repeated Thing things = 1;\n  google.protobuf.Duration age = 2;\n}\n"
        "service Boxes {\n  rpc Open(Box) returns (stream Thing);\n}\n"
    )
    assert run(tmp_path) == 0
    return tmp_path


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """Return a copy of that place, to be changed."""
    return shutil.copytree(made, tmp_path / "copy")


def run(root: Path, *options: str) -> int:
    """Run the generator on a copy."""
    return generator.main(["--specs", str(root / "specs"), "--output", str(root / "generated"), *options])


def test_what_is_written_for_protos(made: Path) -> None:
    """Messages and stubs get a module each, stubs only where there is a service; packages can be imported."""
    found = {path.relative_to(made / "generated/polyspec_wire/proto").as_posix() for path in trees_of(made)}
    modules = {"box_pb2", "box_pb2_grpc", "thing_pb2"}
    assert found == {"__init__.py", "_pool.py", "tiny/__init__.py", "tiny/v1/__init__.py"} | {
        f"tiny/v1/{name}.{suffix}" for name in modules for suffix in ("py", "pyi")
    }


def trees_of(copy: Path) -> list[Path]:
    """Return the files made of protos."""
    return sorted(path for path in (copy / "generated/polyspec_wire/proto").rglob("*") if path.is_file())


def test_modules_are_listed_after_what_they_import(made: Path) -> None:
    """The list can be imported from first to last, and the pool knows what protobuf itself brings."""
    root = made / "generated/polyspec_wire/proto"
    text = (root / "__init__.py").read_text()
    assert text.index('"tiny.v1.thing_pb2"') < text.index('"tiny.v1.box_pb2"')
    assert "from google.protobuf import duration_pb2" in (root / "_pool.py").read_text()


def test_no_module_names_a_package_of_the_venue(made: Path) -> None:
    """Every import and annotation is below our own package, so nothing else that is installed is found."""
    for path in trees_of(made):
        text = path.read_text()
        assert not re.search(r"(?<![\w./\"'])tiny\.v1\.\w+_pb2", text), path.name
        assert not re.search(r"^(from|import) tiny", text, re.M), path.name
        assert "Default()" not in text, path.name


def test_the_same_protos_give_the_same_bytes(copy: Path) -> None:
    """Generating again from a folder elsewhere changes nothing."""
    (copy / "specs").rename(copy / "elsewhere")
    options = ["--specs", str(copy / "elsewhere"), "--output", str(copy / "generated"), "--check"]
    assert generator.main(options) == 0


def test_check_finds_a_proto_that_changed(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A field that was added, even a comment, and the tree is stale."""
    path = copy / "specs/proto/tiny/v1/thing.proto"
    path.write_text(TINY + "// a second thought\n")
    assert run(copy, "--check") == 1
    assert capsys.readouterr().err.endswith("run `python -m generator`: SOURCES\n")
    path.write_text(TINY.replace("}", "  int32 size = 2;\n}"))
    assert run(copy, "--check") == 1
    assert "polyspec_wire/proto/tiny/v1/thing_pb2.py" in capsys.readouterr().err


def test_check_finds_what_no_proto_is_behind(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Modules of a proto that is gone are orphans."""
    (copy / "specs/proto/tiny/v1/box.proto").unlink()
    assert run(copy, "--check") == 1
    assert "tiny/v1/box_pb2_grpc.pyi" in capsys.readouterr().err


def test_a_proto_that_is_wrong_is_named_with_its_line(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What protoc refuses is an error of the spec, in protoc's words, and nothing is written."""
    before = {path: path.read_bytes() for path in trees_of(copy)}
    (copy / "specs/proto/tiny/v1/thing.proto").write_text(TINY.replace("string name", "strange name"))
    assert run(copy) == 1
    assert "tiny/v1/thing.proto:4:3" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in trees_of(copy)}


def test_an_output_of_protoc_that_is_not_known_is_refused(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Should protoc write its modules differently one day, no module with the shared pool slips through."""
    monkeypatch.setitem(protos._OWN, "_pool_of_everybody.AddSerializedFile(", "_POOL.")
    assert run(copy) == 1
    assert "in another way" in capsys.readouterr().err


def test_another_version_of_the_tools_is_refused(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text depends on the tools, so only the pinned ones may write it."""
    monkeypatch.setattr(
        rest, "version", lambda name: "9.9" if name == "grpcio-tools" else metadata.version(name)
    )
    assert run(copy) == 1
    assert "grpcio-tools is 9.9" in capsys.readouterr().err


def test_lower_bounds_come_from_the_pinned_tools() -> None:
    """Generated code refuses to run below the versions it was generated with, so nobody may have those."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    bounds = dict(entry.split(">=") for entry in project["project"]["optional-dependencies"]["grpc"])
    texts = "".join(
        path.read_text() for path in sorted((ROOT / "generated/polyspec_wire/proto").rglob("*_pb2*.py"))
    )
    assert set(re.findall(r"GRPC_GENERATED_VERSION = '([\d.]+)'", texts)) == {bounds["grpcio"]}
    assert set(re.findall(r"^# Protobuf Python Version: ([\d.]+)$", texts, re.M)) == {bounds["protobuf"]}
    assert f"grpcio-tools=={bounds['grpcio']}" in project["dependency-groups"]["generate"]
