"""Views of operations for the operations template: signature, traits and documentation."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.strings import PythonIdentifier

from generator import document as spec
from generator.document import Document, Node
from generator.parser import FIELD_PREFIX
from generator.text import literal, reflow, snake
from generator.types import Types, field_name

__all__ = ["Operation", "function_name", "imports", "operations"]

_SECONDS = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}

_RETRY = {
    "safe": "may be repeated whatever happened",
    "never": "do not repeat when the outcome is unknown",
    "resolve": "look the placement up when the outcome is unknown, do not repeat it",
}


@dataclass(frozen=True)
class Operation:
    """One generated function and the constant it refers to."""

    function: str
    constant: str
    signature: str
    result: str
    doc: str
    traits: list[tuple[str, str]]
    path: str
    query: str
    headers: str
    has_body: bool
    counted: bool
    """Whether limits may count the things in its body."""


def function_name(operation_id: str) -> str:
    """Name a function after the part of the operationId behind the last underscore."""
    name = snake(operation_id.rsplit("_", 1)[-1])
    return name + "_" if keyword.iskeyword(name) else name


def operations(document: Document, data: GeneratorData, known: Types) -> dict[str, list[Operation]]:
    """Describe every operation, by tag, in the order of the document."""
    parsed = {
        endpoint.name: endpoint
        for collection in data.endpoint_collections_by_tag.values()
        for endpoint in collection.endpoints
    }
    found: dict[str, list[Operation]] = {}
    for raw in document.operations():
        endpoint = parsed[PythonIdentifier(raw.id, prefix=FIELD_PREFIX)]
        found.setdefault(raw.tag, []).append(_Builder(document, known, endpoint, raw).build())
    return found


def imports(found: list[Operation], names: set[str]) -> list[str]:
    """List the models the functions of a module mention."""
    text = " ".join(f"{op.signature} {op.result} {op.traits}" for op in found)
    return sorted(set(re.findall(r"\b[A-Za-z_]\w*\b", text)) & names)


@dataclass
class _Builder:
    document: Document
    known: Types
    endpoint: Endpoint
    spec: spec.Operation

    def build(self) -> Operation:
        function = function_name(self.spec.id)
        success = self._success()
        body = self.endpoint.bodies[0].prop if self.endpoint.bodies else None
        return Operation(
            function=function,
            constant=function.upper(),
            signature=self._signature(body),
            result=" | ".join(dict.fromkeys(kind for kinds in success.values() for kind in kinds)),
            doc=self._doc(),
            traits=self._traits(function, success, body),
            path=self._call("fill", self.endpoint.path_parameters) or f"{function.upper()}.path",
            query=self._call("query", self.endpoint.query_parameters),
            headers=self._call("headers", self.endpoint.header_parameters),
            has_body=body is not None,
            counted=isinstance(body, ListProperty),
        )

    def _call(self, helper: str, props: list[Any]) -> str:
        values = ", ".join(f"{field_name(prop)}={field_name(prop)}" for prop in props)
        return f"_call.{helper}({function_name(self.spec.id).upper()}, {values})" if props else ""

    def _signature(self, body: Any) -> str:
        arguments = [f"{field_name(prop)}: {self.known.of(prop)}" for prop in self.endpoint.path_parameters]
        if body is not None and body.required:
            arguments.append(f"body: {self.known.of(body)}")
        elif body is not None:
            arguments.append(f"body: {self.known.optional(body)} = None")
        outside = [*self.endpoint.query_parameters, *self.endpoint.header_parameters]
        if outside:
            arguments.append("*")
        for prop in outside:
            kind = self.known.of(prop) if prop.required else f"{self.known.optional(prop)} = None"
            arguments.append(f"{field_name(prop)}: {kind}")
        return ", ".join(arguments)

    def _success(self) -> dict[int, list[str]]:
        """Spell what is answered, by status; several types are alternatives to be tried in their order."""
        found = {}
        for response in self.endpoint.responses.patterns:
            low = response.status_code.range[0] if response.status_code.range else 0
            if 200 <= low < 300:
                if response.source["attribute"] == "None":
                    found[low] = ["None"]
                elif self._is_tagged(low):
                    found[low] = [self.known.of(response.prop)]
                else:
                    found[low] = self.known.alternatives(response.prop)
        return found

    def _is_tagged(self, status: int) -> bool:
        answer = self.document.deref(self.spec.raw["responses"].get(str(status)))
        schemas = (media.get("schema") for media in (answer.get("content") or {}).values())
        return any("discriminator" in self.document.deref(schema) for schema in schemas)

    def _failure(self) -> str:
        responses = self.endpoint.responses
        failures = [r for r in responses.patterns if r.status_code.range and r.status_code.range[0] >= 400]
        chosen = responses.default or failures[0]
        return self.known.of(chosen.prop)

    def _traits(self, function: str, success: dict[int, list[str]], body: Any) -> list[tuple[str, str]]:
        raw = self.spec.raw
        traits = {
            "id": literal(self.spec.id),
            "name": literal(f"{self.spec.tag}.{function}"),
            "method": literal(self.spec.method.upper()),
            "path": literal(self.spec.path),
            "body": self.known.of(body) if body is not None else "",
            "success": f"{{{', '.join(f'{status}: {_kind(kinds)}' for status, kinds in success.items())}}}",
            "failure": self._failure(),
            "stream": literal(raw["x-stream"]) if "x-stream" in raw else "",
            "security": literal(_security(raw["security"])),
            "rate_limits": _rate_limits(limits(self.spec)),
            "retry": literal(raw["x-retry"]),
            "lane": literal(lane(self.spec)),
            "page": _page(raw.get("x-page")),
            "parameters": self._parameters(),
            "json": literal(raw.get("x-json") or self.document.raw.get("x-json") or "plain"),
            "servers": literal(tuple(server["url"] for server in self.spec.servers))
            if self.spec.servers
            else "",
        }
        return [(name, value) for name, value in traits.items() if value]

    def _parameters(self) -> str:
        raws = {(raw["in"], raw["name"]): raw for raw in self.spec.parameters}
        found = []
        for location, prop in self.endpoint.iter_all_parameters():
            wire = prop.name.get_untrusted_value()
            found.append(
                f"Parameter(name={wire!r}, python={field_name(prop)!r}, kind={location.value!r}, "
                f"type={self.known.of(prop)}, required={prop.required}"
                + ("" if raws[location.value, wire].get("explode", True) else ", explode=False")
                + ")"
            )
        return f"({', '.join(found)},)" if found else ""

    def _doc(self) -> str:
        raw = self.spec.raw
        parts = [str(raw.get("summary") or self.spec.id).rstrip(".") + "."]
        if raw.get("description"):
            parts.append(reflow(raw["description"]))
        if arguments := self._arguments():
            parts.append("Args:\n" + "\n".join(arguments))
        parts.append("\n".join(self._facts()))
        return "\n\n".join(parts)

    def _arguments(self) -> list[str]:
        described = {(raw["in"], raw["name"]): raw.get("description") for raw in self.spec.parameters}
        found = []
        for location, prop in self.endpoint.iter_all_parameters():
            if told := described.get((location.value, prop.name.get_untrusted_value())):
                found.append(f"    {field_name(prop)}: {' '.join(str(told).split())}")
        return found

    def _facts(self) -> list[str]:
        raw = self.spec.raw
        facts = [f"{self.spec.method.upper()} {self.spec.path}", f"Access: {_access(raw['security'])}."]
        facts += [f"Rate limit: {_rate(limit)}." for limit in limits(self.spec)]
        facts.append(f"Repeating: {_RETRY[raw['x-retry']]}.")
        if "x-confidence" in raw:
            facts.append(f"Confidence: {raw['x-confidence']} ({raw.get('x-source', 'no source')}).")
        return facts


def lane(operation: spec.Operation) -> str:
    """Return the lane of an operation: reading, unless the spec says otherwise."""
    return str(operation.raw.get("x-lane", "read"))


def limits(operation: spec.Operation) -> list[Node]:
    """Return the rate limits of an operation, however many it states."""
    stated = operation.raw.get("x-rate-limit")
    return [] if stated is None else stated if isinstance(stated, list) else [stated]


def _kind(alternatives: list[str]) -> str:
    return alternatives[0] if len(alternatives) == 1 else f"({', '.join(alternatives)})"


def _security(raw: list[dict[str, list[str]]]) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]:
    return tuple(tuple((name, tuple(scopes)) for name, scopes in each.items()) for each in raw)


def _access(raw: list[dict[str, list[str]]]) -> str:
    if not raw:
        return "open to everybody"
    alternatives = [" and ".join(" ".join([name, *scopes]) for name, scopes in each.items()) for each in raw]
    return ", or ".join(each or "anonymous" for each in alternatives)


def _rate_limits(found: list[Node]) -> str:
    if not found:
        return ""
    told = (", ".join(f"{name}={value!r}" for name, value in raw.items()) for raw in found)
    return f"({', '.join(f'RateLimit({parts})' for parts in told)},)"


def _rate(raw: Node) -> str:
    rate, per = raw["rate"], raw.get("per", 1)
    period = _SECONDS.get(per, f"{per} seconds")
    if isinstance(rate, dict) and len(set(rate.values())) == 1:
        rate = next(iter(rate.values()))
    counted = {1: "", "items": " items"}[raw.get("cost", 1)]
    if isinstance(rate, dict):
        told = f"per {period} " + ", ".join(f"{tier} {count}{counted}" for tier, count in rate.items())
    else:
        told = f"{rate}{counted} per {period}"
    owner = f" by each {raw['scope']}" if "scope" in raw else ""
    told += f", shared as {raw['bucket']}{owner}"
    told += "" if raw.get("enforced", True) else ", not enforced yet"
    return told + (", counted without waiting" if raw.get("ahead") else "")


def _page(raw: Node | None) -> str:
    if raw is None:
        return ""
    return "Page(" + ", ".join(f"{name}={value!r}" for name, value in raw.items()) + ")"
