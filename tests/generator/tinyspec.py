"""Write specs of a few lines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

HEAD = """
openapi: 3.1.0
info: {title: Tiny, version: "1"}
x-venue: NAME
"""

TRAITS = "x-retry: safe, x-lane: read, x-confidence: documented, x-source: nowhere"

ERROR = """
    Error: {type: object, properties: {message: {type: string}}, examples: [{}]}
"""

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
