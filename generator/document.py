"""A spec as it was written: the raw document, its references and its operations.

The parser forgets string formats, security, extensions and parameter styles; what it forgets is read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

__all__ = ["METHODS", "Document", "Operation", "SpecError", "load", "pointer"]

Node = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class SpecError(Exception):
    """A spec cannot be turned into code; the text says where and what to do."""


@dataclass(frozen=True)
class Operation:
    """One operation with everything its path item adds to it."""

    path: str
    method: str
    raw: Node
    pointer: str
    parameters: list[Node]
    servers: list[Node]

    @property
    def id(self) -> str:
        """The operationId, empty if it is missing."""
        return str(self.raw.get("operationId", ""))

    @property
    def tag(self) -> str:
        """The first tag, empty if there is none."""
        return str((self.raw.get("tags") or [""])[0])


@dataclass
class Document:
    """A loaded spec."""

    path: Path
    raw: Node
    schemas: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.schemas = (self.raw.get("components") or {}).get("schemas") or {}

    @property
    def name(self) -> str:
        """The name of the package this spec becomes."""
        return self.path.name.removesuffix(".openapi.yaml")

    @property
    def protobuf(self) -> bool:
        """Whether the API speaks protobuf JSON: zero values may be absent."""
        return bool(self.raw.get("x-json") == "protobuf")

    def resolve(self, ref: str) -> Any:
        """Return what a local `$ref` points at, None if nothing is there."""
        node: Any = self.raw
        if not ref.startswith("#/"):
            return None
        for part in ref[2:].split("/"):
            if not isinstance(node, dict):
                return None
            node = node.get(part.replace("~1", "/").replace("~0", "~"))
        return node

    def deref(self, node: Any) -> Node:
        """Follow `$ref` until there is none; an empty mapping if it leads nowhere."""
        seen = set()
        while isinstance(node, dict) and "$ref" in node and node["$ref"] not in seen:
            seen.add(node["$ref"])
            node = self.resolve(str(node["$ref"]))
        return node if isinstance(node, dict) and "$ref" not in node else {}

    def properties(self, schema: Node, _depth: int = 0) -> dict[str, Any]:
        """Return the properties of an object schema, those of its `allOf` parts first."""
        found: dict[str, Any] = {}
        if _depth < 20:  # a schema that includes itself is the parser's to refuse
            for part in schema.get("allOf") or []:
                found |= self.properties(self.deref(part), _depth + 1)
        return found | (schema.get("properties") or {})

    def operations(self) -> Iterator[Operation]:
        """Yield the operations in the order they are written."""
        for path, item in (self.raw.get("paths") or {}).items():
            for method in METHODS:
                if isinstance(raw := item.get(method), dict):
                    own = [self.deref(p) for p in raw.get("parameters") or []]
                    known = {(p.get("in"), p.get("name")) for p in own}
                    shared = [self.deref(p) for p in item.get("parameters") or []]
                    yield Operation(
                        path=path,
                        method=method,
                        raw=raw,
                        pointer=pointer("paths", path, method),
                        parameters=own + [p for p in shared if (p.get("in"), p.get("name")) not in known],
                        servers=raw.get("servers") or item.get("servers") or [],
                    )


def pointer(*parts: str | int) -> str:
    """Spell a JSON pointer, as a fragment."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def load(path: Path) -> Document:
    """Read a spec as YAML 1.2; raises SpecError if it is no mapping or no YAML."""
    try:
        raw = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except YAMLError as error:
        raise SpecError(f"{path.name}: {error}") from error
    if not isinstance(raw, dict):
        raise SpecError(f"{path.name}: the document is not a mapping")
    return Document(path, raw)
