from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tinyspec import Compile, operation, save, spec_of

from generator import __main__ as generator
from generator import rest, trees
from generator.document import SpecError
from generator.text import docstring

ROOT = Path(__file__).resolve().parents[2]

SCHEMA = "schema: {type: string}"

HOSTILE = [
    '"""\nimport os\n"""',
    'ends with a quote"',
    "ends with a backslash\\",
    '\\"""',
    '""""""',
    "{{ 7 * 7 }} {% raw %} {# gone #}",
    "\\N{BULLET} \\x41 \\u0041 \\U00000041",
    "nul \x00 bell \x07 separator \u2028 bidi \u202e",
    "'''\n'''",
    "a" * 300 + '"""',
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a place with one small spec and what was generated from it."""
    save(tmp_path / "specs", spec_of(paths=operation()))
    assert run(tmp_path) == 0
    return tmp_path


def run(root: Path, *options: str) -> int:
    """Run the generator on a copy."""
    return generator.main(["--specs", str(root / "specs"), "--output", str(root / "generated"), *options])


def test_generated_is_what_the_specs_say() -> None:
    """The committed tree comes from the committed specs."""
    assert generator.main(["--check"]) == 0


def test_check_is_content_with_a_fresh_tree(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is said about a tree that is up to date, compiled files or not."""
    (copy / "generated/polyspec_wire/__pycache__").mkdir()
    (copy / "generated/polyspec_wire/__pycache__/x.pyc").write_bytes(b"x")
    capsys.readouterr()
    assert run(copy, "--check") == 0
    assert capsys.readouterr() == ("", "")


def test_check_finds_a_stale_file(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A spec that changed after generating is found, with a diff, and nothing is written."""
    spec = copy / "specs/tiny.openapi.yaml"
    spec.write_text(spec.read_text().replace("/things", "/stuff"))
    before = (copy / "generated/polyspec_wire/tiny/things.py").read_text()
    assert run(copy, "--check") == 1
    assert '+    path="/stuff",' in capsys.readouterr().out
    assert (copy / "generated/polyspec_wire/tiny/things.py").read_text() == before


def test_check_finds_an_edit_without_effect(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A comment that changed in a spec is a change: what was generated names the very file it came from."""
    spec = copy / "specs/tiny.openapi.yaml"
    spec.write_text(spec.read_text() + "# a second thought\n")
    assert run(copy, "--check") == 1
    assert "SOURCES" in capsys.readouterr().err


def test_every_template_is_a_source() -> None:
    """The committed list of sources names every spec, every template and the pins."""
    listed = {line.split()[1] for line in (ROOT / "generated/SOURCES").read_text().splitlines()}
    templates = {f"generator/templates/{path.name}" for path in (ROOT / "generator/templates").iterdir()}
    found = [*(ROOT / "specs").glob("*.yaml"), *(ROOT / "specs/proto").rglob("*.proto")]
    specs = {path.relative_to(ROOT).as_posix() for path in found}
    assert listed == templates | specs | {"generator/requirements.txt"}


def test_check_finds_a_changed_file(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line somebody added at the end of a generated file is found."""
    with (copy / "generated/polyspec_wire/_call.py").open("a") as file:
        file.write("# mine\n")
    assert run(copy, "--check") == 1
    captured = capsys.readouterr()
    assert "-# mine" in captured.out
    assert "polyspec_wire/_call.py" in captured.err


def test_check_finds_orphans_and_gaps_and_write_mends_them(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file too many or too few fails the check; writing removes and restores."""
    orphan = copy / "generated/polyspec_wire/tiny/gone.py"
    orphan.write_text("x = 1\n")
    (copy / "generated/polyspec_wire/py.typed").unlink()
    assert run(copy, "--check") == 1
    told = capsys.readouterr().err
    assert "gone.py" in told
    assert "py.typed" in told
    assert run(copy) == 0
    assert not orphan.exists()
    assert run(copy, "--check") == 0


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_every_run_writes_the_same_bytes(tmp_path: Path, seed: str) -> None:
    """Neither the hash seed, the folder nor a configuration nearby has a say in what is generated."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    (tmp_path / "ruff.toml").write_text("line-length = 40\n")
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "generator", "--specs", "specs", "--output", "generated"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert trees.read(tmp_path / "generated") == trees.read(ROOT / "generated")


def test_no_specs_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without specs does not empty the output."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated/x.py").write_text("")
    assert run(tmp_path) == 1
    assert (tmp_path / "generated/x.py").exists()
    assert "no *.openapi.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            {"paths": operation(path="/things/{id}")},
            "GET /things/{id} within things. Endpoint will not be generated",
        ),
        (
            {"schemas": "A: {allOf: [{$ref: '#/components/schemas/A'}]}", "paths": operation()},
            "A",
        ),
        (
            {
                "schemas": """
                A: {type: object, properties: {b: {type: object, additionalProperties: {type: string}}}}
                AB: {type: object}
                """
            },
            'duplicate models with name "AB"',
        ),
    ],
)
def test_what_the_parser_drops_is_an_error(tmp_path: Path, parts: dict[str, str], told: str) -> None:
    """An operation or schema that cannot be parsed stops the run instead of being left out."""
    path = save(tmp_path, spec_of(**parts))
    with pytest.raises(SpecError) as caught:
        rest.build([path], tmp_path / "out")
    assert told in str(caught.value)


def test_broken_yaml_is_an_error_with_a_place(tmp_path: Path) -> None:
    """A key given twice, or no YAML at all, is told with its line."""
    with pytest.raises(SpecError, match=r"(?s)tiny.*duplicate key.*line 3"):
        rest.build([save(tmp_path, "openapi: 3.1.0\na: 1\na: 2\n")], tmp_path / "out")
    with pytest.raises(SpecError, match="not a mapping"):
        rest.build([save(tmp_path, "- 1\n")], tmp_path / "out")


def test_another_toolchain_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code is only written with the versions that are pinned."""
    monkeypatch.setattr(rest, "version", lambda name: "0.0.1")
    with pytest.raises(SpecError, match=r"openapi-python-client is 0\.0\.1"):
        rest.build([save(tmp_path, spec_of())], tmp_path / "out")


def as_yaml(text: str) -> str:
    """Write any text as a YAML scalar on one line."""
    return '"' + "".join(f"\\U{ord(c):08X}" for c in text) + '"'


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(compiled: Compile, text: str) -> None:
    """Whatever a description holds, it is read back from the docstring and nothing else changes."""
    quoted = as_yaml(text)
    tiny = compiled(
        root=f"tags: [{{name: things, description: {quoted}}}]",
        schemas=f"""
        Kind: {{type: string, enum: [A, B], description: {quoted}}}
        Thing:
          type: object
          description: {quoted}
          properties: {{a: {{type: string, description: {quoted}}}}}
        """,
        paths=operation(
            extra=f"""security: [], summary: {quoted}, description: {quoted}, x-source: {quoted},
            parameters: [{{name: q, in: query, {SCHEMA}, description: {quoted}}}]"""
        ).replace(", x-source: nowhere", ""),
    )
    assert tiny.models.__all__ == ["Error", "Kind", "Thing"]
    assert tiny.models.Thing.__struct_fields__ == ("a",)
    seen = "".join(c for c in text if c.isprintable() and not c.isspace())
    for place in (tiny.models.Thing, tiny.models.Kind, tiny.things, tiny.things.get_thing):
        assert seen in "".join(place.__doc__.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_names(compiled: Compile, text: str) -> None:
    """Values and wire names are printed as literals, so they travel as they are."""
    quoted = as_yaml(text)
    field = text if text.isprintable() and not {'"', "\\"} & set(text) else "it's {{ 1 }}"
    tiny = compiled(
        schemas=f"""
        Kind: {{type: string, enum: [{quoted}, B], x-enum-varnames: [A, B]}}
        Thing: {{type: object, properties: {{"{field}": {{type: string}}}}}}
        """,
        paths=operation(extra=f"security: [], parameters: [{{name: {quoted}, in: query, {SCHEMA}}}]"),
    )
    assert tiny.models.Kind.A.value == text
    assert tiny.models.Thing.__struct_encode_fields__ == (field,)
    assert tiny.things.GET_THING.parameters[0].name == text


def test_docstrings_are_literals() -> None:
    """A docstring of any length is one string expression."""
    for text in [*HOSTILE, "", '"', "\\", "word " * 200]:
        parsed = ast.parse(docstring(text, 0))
        assert len(parsed.body) == 1
        assert isinstance(parsed.body[0], ast.Expr)
