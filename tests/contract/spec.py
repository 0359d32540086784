"""The specs as documents: which operations there are, and what each says about itself.

Nothing here uses the generated package, the client or the sandbox, so that none of them can be wrong
together with the judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote

import yaml

__all__ = ["CLOB", "POLYSIM", "US", "Operation", "Spec", "Spelling", "path_values", "snake"]

Spelling = Literal["camel", "snake"]
Part = Literal["answer", "failure", "body"]

_FOLDER: Final = Path(__file__).resolve().parents[2] / "specs"
_METHODS: Final = ("get", "put", "post", "delete", "patch")


def snake(name: str) -> str:
    """Return a name in snake_case."""
    return re.sub(r"([A-Z])", r"_\1", name).lower()


class Spec:
    """One spec."""

    def __init__(self, name: str) -> None:
        text = (_FOLDER / f"{name}.openapi.yaml").read_text("utf-8")
        self.name = name
        self.document: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.schemas: dict[str, Any] = self.document["components"]["schemas"]
        self.operations: dict[str, Operation] = {
            item[method]["operationId"]: Operation(
                item[method]["operationId"], method.upper(), path, item[method]["tags"][0], item[method], self
            )
            for path, item in self.document["paths"].items()
            for method in _METHODS
            if method in item
        }
        # a fixed path goes before a template that would match it too
        self._routes = [
            (each.method, re.compile(re.sub(r"{\w+}", "[^/]+", each.path)), each)
            for each in sorted(self.operations.values(), key=lambda each: each.path.count("{"))
        ]

    @property
    def is_plain(self) -> bool:
        """Whether bodies are ordinary JSON, not protobuf's."""
        return self.document.get("x-json") == "plain"

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference to a component; what stands beside it is kept."""
        if "$ref" not in schema:
            return schema
        found: Any = self.document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation behind a method and a path as sent."""
        routes = self._routes
        return next((op for verb, pattern, op in routes if verb == method and pattern.fullmatch(path)), None)


@dataclass(frozen=True)
class Operation:
    """One operation of a spec."""

    id: str
    method: str
    path: str
    tag: str
    raw: dict[str, Any] = field(repr=False, hash=False)
    spec: Spec = field(repr=False, hash=False, compare=False)

    @property
    def security(self) -> list[dict[str, list[str]]]:
        """Alternatives of schemes with their scopes."""
        return list(self.raw["security"])

    @property
    def schemes(self) -> set[str]:
        """Every scheme some alternative names."""
        return {name for alternative in self.security for name in alternative}

    @property
    def needs_participant(self) -> bool:
        """Whether no alternative does without the participant."""
        return bool(self.security) and all("participantId" in each for each in self.security)

    @property
    def scope(self) -> str | None:
        """The scope demanded, if the operation is not open."""
        return next((each["accessToken"][0] for each in self.security), None)

    @property
    def is_stream(self) -> bool:
        """Whether the answer is one JSON value per line."""
        return self.raw.get("x-stream") == "lines"

    @property
    def is_plain(self) -> bool:
        """Whether bodies are ordinary JSON, not protobuf's."""
        return self.spec.is_plain or self.raw.get("x-json") == "plain"

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Path and query parameters."""
        return [self.spec.resolved(each) for each in self.raw.get("parameters", [])]

    @property
    def query(self) -> dict[str, dict[str, Any]]:
        """Query parameters by name."""
        return {each["name"]: each for each in self.parameters if each["in"] == "query"}

    @property
    def body(self) -> dict[str, Any] | None:
        """Schema of the request body."""
        if "requestBody" not in self.raw:
            return None
        return dict(self.raw["requestBody"]["content"]["application/json"]["schema"])

    @property
    def example(self) -> Any:
        """A body the spec shows, for calls that are refused before anybody reads them."""
        if self.body is None:
            return None
        schema = self.spec.resolved(self.body)
        # the first of several shapes is the usual one
        schema = self.spec.resolved(schema.get("oneOf", [schema])[0])
        if "examples" not in schema and schema["type"] == "array":
            return [self.spec.resolved(schema["items"])["examples"][0]]
        return schema["examples"][0]

    @property
    def good(self) -> dict[int, str]:
        """Statuses of good answers, with the media type each has; empty: no body."""
        answers = {int(status): each for status, each in self.raw["responses"].items() if status != "default"}
        return {status: next(iter(each.get("content", {})), "") for status, each in answers.items()}

    @property
    def answer(self) -> dict[str, Any]:
        """Schema of a good answer, or of one line of it; of several statuses those with a body agree."""
        status, kind = next((status, kind) for status, kind in self.good.items() if kind)
        return dict(self.raw["responses"][str(status)]["content"][kind]["schema"])

    @property
    def failure(self) -> dict[str, Any]:
        """Schema of every other answer."""
        default = self.spec.resolved(self.raw["responses"]["default"])
        return dict(default["content"]["application/json"]["schema"])

    @property
    def is_unpublished(self) -> bool:
        """Whether nobody knows what a good answer looks like."""
        schema = self.spec.resolved(self.answer)
        alternatives = [self.spec.resolved(each) for each in schema.get("oneOf", [schema])]
        return alternatives[0].get("x-unpublished", False) is True

    def schema(self, part: Part) -> dict[str, Any]:
        """Return the schema of one of the things that are sent."""
        found = {"answer": self.answer, "failure": self.failure, "body": self.body}[part]
        assert found is not None, f"{self.id} has no {part}"
        return found

    def filled(self, value: str = "unknown") -> str:
        """Return the path with every placeholder filled."""
        return re.sub(r"{\w+}", value, self.path)


US: Final = Spec("us_exchange")
CLOB: Final = Spec("clob")
POLYSIM: Final = Spec("polysimulator")


def path_values(operation: Operation, raw_path: str) -> dict[str, str]:
    """Return the values of a path's placeholders."""
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", operation.path)
    match = re.fullmatch(pattern, raw_path)
    return {name: unquote(text) for name, text in match.groupdict().items()} if match else {}
