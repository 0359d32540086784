"""From one OpenAPI document to one package of models and operations."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator import models as schemas
from generator import operations as calls
from generator import rules
from generator.document import Document, SpecError, load
from generator.parser import parse
from generator.text import docstring, literal, reflow

__all__ = ["build", "environment"]

_PINNED = ("openapi-python-client", "ruff", "grpcio-tools", "mypy-protobuf")


def build(specs: Sequence[Path], output: Path) -> None:
    """Write `polyspec_wire` under `output`; raises SpecError with everything that is wrong with the specs."""
    _check_toolchain()
    documents = [load(path) for path in sorted(specs)]
    findings = [finding for document in documents for finding in rules.check(document)]
    if findings:
        raise SpecError("\n".join(str(finding) for finding in findings))
    root = output / "polyspec_wire"
    root.mkdir(parents=True)
    env = environment()
    _write(
        root / "__init__.py",
        env.get_template("root.py.jinja").render(apis=[document.name for document in documents]),
    )
    _write(root / "_call.py", env.get_template("call.py.jinja").render())
    _write(root / "py.typed", "")
    for document in documents:
        _package(document, root / document.name, env)


def _check_toolchain() -> None:
    pins = dict(
        line.split("==")
        for line in (Path(__file__).parent / "requirements.txt").read_text("utf-8").splitlines()
        if "==" in line
    )
    for name in _PINNED:
        if version(name) != pins[name]:
            raise SpecError(
                f"{name} is {version(name)}; generated/ is written with {pins[name]}: requirements.txt"
            )


def environment() -> Environment:
    """Return where the templates are, and what they can do."""
    env = Environment(  # the output is Python, escaped by the filters below
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(docstring=docstring, literal=literal)
    return env


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")


def _package(document: Document, root: Path, env: Environment) -> None:
    data = parse(document)
    known = schemas.types(document, data)
    enums, models = schemas.enums(document, data), schemas.models(document, data, known)
    unions = schemas.unions(document)
    tags = calls.operations(document, data, known)
    names = {enum.name for enum in enums} | {model.name for model in models}
    root.mkdir()

    def render(module: str, template: str, doc: str, **context: Any) -> None:
        banner = f"{doc}\n\nGenerated from `{document.path.name}`; do not edit."
        text = env.get_template(template).render(doc=banner, package=document.name, **context)
        _write(root / f"{module}.py", text)

    info = document.raw["info"]
    title = str(info["title"])
    about = "\n\n".join(reflow(info[key]) for key in ("summary", "description") if key in info)
    render(
        "__init__",
        "package.py.jinja",
        f"{title}.\n\n{about}".strip(),
        modules=sorted(tags),
        version=str(info["version"]),
    )
    names |= {union.name for union in unions}
    named = {"names": sorted(names), "enums": enums, "models": models, "unions": unions}
    render("models", "models.py.jinja", f"Models of {title}.", **named)
    told = {tag["name"]: tag.get("description") for tag in document.raw.get("tags") or []}
    for tag, found in tags.items():
        render(
            tag,
            "operations.py.jinja",
            str(told.get(tag) or f"The {tag} operations of {title}."),
            names=sorted(["OPERATIONS", *(op.function for op in found), *(op.constant for op in found)]),
            operations=found,
            imports=calls.imports(found, names),
        )
