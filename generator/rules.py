"""The style a spec is written in, checked before anything is generated.

Each rule stands for something the parser or msgspec would do quietly or refuse late. A finding says where, as
a JSON pointer, and what to do; all of them are collected, so that one run tells everything.
"""

from __future__ import annotations

import datetime as dt
import keyword
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator import operation_rules, schema_rules
from generator.document import METHODS, Document, pointer

__all__ = ["Finding", "check"]

Parts = tuple[str | int, ...]

# below these keys nothing means what it would mean elsewhere
_VALUES = frozenset({"const", "default", "enum", "example", "examples"})

# the keys below these keys are names
_NAMED = frozenset(
    {
        "content",
        "headers",
        "mapping",
        "parameters",
        "paths",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "scopes",
        "securitySchemes",
    }
)

_EXTENSIONS = {
    "x-confidence",
    "x-enum-prefix",
    "x-enum-varnames",
    "x-json",
    "x-key-format",
    "x-lane",
    "x-page",
    "x-presence",
    "x-rate-limit",
    "x-retry",
    "x-roles",
    "x-source",
    "x-stream",
    "x-unpublished",
    "x-venue",
}


@dataclass(frozen=True)
class Finding:
    """Something to change in a spec."""

    spec: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.spec}{self.where}: {self.what}"


def check(document: Document) -> list[Finding]:
    """Return everything about a spec that breaks a rule."""
    found = list(_root(document))
    if not found:
        found += _structure(document)
    if not found:  # what follows relies on references that lead somewhere
        found += [*operation_rules.check(document), *schema_rules.check(document)]
    return [Finding(document.path.name, where, what) for where, what in dict.fromkeys(found)]


def _root(document: Document) -> Iterator[tuple[str, str]]:
    raw = document.raw
    if not str(raw.get("openapi", "")).startswith("3.1."):
        yield "#/openapi", "write the document as OpenAPI 3.1"
    info = raw.get("info")
    if not isinstance(info, dict) or not {"title", "version"} <= info.keys():
        yield "#/info", "give title and version"
    name = document.name
    if not name.isidentifier() or keyword.iskeyword(name):
        yield "#", f"name the file <package>.openapi.yaml; {name!r} is no Python package"
    if raw.get("x-venue") != name:
        yield "#/x-venue", f"say which venue this is: x-venue: {name}, as the file is called"
    if raw.get("x-json", "plain") not in ("protobuf", "plain"):
        yield "#/x-json", "write protobuf or plain"
    if not isinstance(raw.get("paths"), dict):
        yield "#/paths", "list the paths"
    else:
        yield from _paths(raw["paths"])
    for name in sorted({"security", "webhooks"} & raw.keys()):
        yield f"#/{name}", "nothing is generated from this; say it for each operation"


def _paths(paths: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Find what would be left out without a word: operations that are none, and keys nobody reads."""
    for path, item in paths.items():
        if not str(path).startswith("/"):
            yield pointer("paths", path), "start the path with /"
        if not isinstance(item, dict) or "$ref" in item:
            yield pointer("paths", path), "write the operations here; a path is no reference"
            continue
        for key, value in item.items():
            if key not in METHODS and key not in ("description", "parameters", "servers", "summary"):
                yield pointer("paths", path, key), f"{key} is not read here"
            elif key in METHODS and (not isinstance(value, dict) or "callbacks" in value):
                yield pointer("paths", path, key), "an operation is a mapping, without callbacks"


def _nodes(node: Any, path: Parts, mode: str) -> Iterator[tuple[Parts, Any, str]]:
    """Yield nodes with path and what their keys are: `structure`, `names` somebody chose, or `values`."""
    yield path, node, mode
    if isinstance(node, list):
        for place, item in enumerate(node):
            yield from _nodes(item, (*path, place), mode if mode == "values" else "structure")
    elif isinstance(node, dict):
        for key, value in node.items():
            inner = mode if mode == "values" else "structure"
            if mode == "structure":
                inner = "values" if key in _VALUES else "names" if key in _NAMED else "structure"
            yield from _nodes(value, (*path, key), inner)


def _structure(document: Document) -> Iterator[tuple[str, str]]:
    """Check what does not depend on what a node is for: keys, dates, extensions, references."""
    known = ", ".join(sorted(_EXTENSIONS))
    for path, node, mode in _nodes(document.raw, (), "structure"):
        if isinstance(node, dt.date):
            yield pointer(*path), "quote this, YAML reads it as a date and JSON has none"
        if not isinstance(node, dict):
            continue
        for key in node:
            if not isinstance(key, str):
                yield pointer(*path, key), f"quote this key, YAML reads it as {type(key).__name__}"
            elif mode == "structure" and key.startswith("x-") and key not in _EXTENSIONS:
                yield pointer(*path, key), f"no such extension; there are {known}"
        ref = node.get("$ref") if mode == "structure" else None
        if ref is not None and not str(ref).startswith("#/components/"):
            yield pointer(*path), f"refer to #/components/... in this file, not to {ref}"
        elif ref is not None and document.resolve(str(ref)) is None:
            yield pointer(*path), f"{ref} leads nowhere"
