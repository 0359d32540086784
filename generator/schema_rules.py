"""Rules for schemas: one way to write each thing, the one that survives the parser and msgspec."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from openapi_python_client.strings import ClassName, PythonIdentifier

from generator.document import Document, Node, pointer
from generator.parser import FIELD_PREFIX

__all__ = ["check", "is_named", "walk"]

Found = Iterator[tuple[str, str]]
Parts = tuple[str | int, ...]

# what the templates themselves call by name
_TAKEN = frozenset(
    {
        "Any",
        "Call",
        "ClassVar",
        "Decimal",
        "Final",
        "Int64",
        "Literal",
        "Number",
        "OpenEnum",
        "Operation",
        "Page",
        "Parameter",
        "RateLimit",
        "UUID",
    }
)
_DEFAULTS = {list: "array", dict: "object", str: "string", bool: "boolean", int: "integer"}
# what is text on the wire and something else in Python
_STRICT = {"byte", "binary", "date", "date-time", "decimal", "int64", "uuid"}
_FORMATS = {
    "string": {"binary", "byte", "date", "date-time", "decimal", "email", "int64", "password", "uri", "uuid"},
    "integer": {"int32", "int64"},
    "number": {"decimal", "double", "float"},
}


def check(document: Document) -> Found:
    """Yield pointer and advice for every schema that breaks a rule."""
    for name in document.schemas:
        if ClassName(name, FIELD_PREFIX) != name:
            yield (
                pointer("components", "schemas", name),
                f"write the name in PascalCase: {ClassName(name, FIELD_PREFIX)}",
            )
        elif name in _TAKEN:
            yield (
                pointer("components", "schemas", name),
                f"{name} means something else in the generated code; rename it",
            )
    for path, schema, role in walk(document):
        where = pointer(*path)
        if not isinstance(schema, dict):
            yield where, "a schema is a mapping; the parser drops true, false and empty ones"
            continue
        if "$ref" in schema:
            continue
        yield from _enum(schema, role, where)
        yield from _inline(schema, role, where)
        yield from _union(document, schema, where, answer=_is_answer(path, role))
        yield from _scalar(schema, where)
        yield from _default(schema, role, where)
        yield from _object(document, schema, where)
        if role == "component" and "title" in schema:
            yield where, "leave the title out; it would replace the name"


def is_named(document: Document, schema: Any) -> bool:
    """Whether this is a reference to a component."""
    return isinstance(schema, dict) and "$ref" in schema and document.deref(schema) != {}


def walk(document: Document) -> Iterator[tuple[Parts, Any, str]]:
    """Yield path, schema and role of every schema of a document, those inside others included."""
    components = document.raw.get("components") or {}
    for name, schema in document.schemas.items():
        yield from _within(schema, ("components", "schemas", name), "component")
    for section in ("parameters", "responses", "requestBodies"):
        for name, holder in (components.get(section) or {}).items():
            yield from _held(holder, ("components", section, name))
    for path, item in document.raw["paths"].items():
        for place, parameter in enumerate(item.get("parameters") or []):
            yield from _held(parameter, ("paths", path, "parameters", place))
    for operation in document.operations():
        here: Parts = ("paths", operation.path, operation.method)
        for place, parameter in enumerate(operation.raw.get("parameters") or []):
            yield from _held(parameter, (*here, "parameters", place))
        yield from _held(operation.raw.get("requestBody"), (*here, "requestBody"))
        for code, response in (operation.raw.get("responses") or {}).items():
            yield from _held(response, (*here, "responses", code))


def _held(holder: Any, path: Parts) -> Iterator[tuple[Parts, Any, str]]:
    if isinstance(holder, dict) and "$ref" not in holder:
        if "schema" in holder:
            yield from _within(holder["schema"], (*path, "schema"), "parameter")
        for media, held in (holder.get("content") or {}).items():
            if "schema" in held:
                yield from _within(held["schema"], (*path, "content", media, "schema"), "body")


def _within(schema: Any, path: Parts, role: str) -> Iterator[tuple[Parts, Any, str]]:
    yield path, schema, role
    if not isinstance(schema, dict) or "$ref" in schema:
        return
    for name, inner in (schema.get("properties") or {}).items():
        yield from _within(inner, (*path, "properties", name), "property")
    for key, inner_role in (
        ("allOf", "part"),
        ("oneOf", "member"),
        ("anyOf", "member"),
        ("prefixItems", "item"),
    ):
        for place, inner in enumerate(schema.get(key) or []):
            yield from _within(inner, (*path, key, place), inner_role)
    if "items" in schema:
        yield from _within(schema["items"], (*path, "items"), "item")
    if not isinstance(schema.get("additionalProperties", True), bool):
        yield from _within(schema["additionalProperties"], (*path, "additionalProperties"), "value")


def _kinds(schema: Node) -> list[str]:
    kind = schema.get("type")
    return [str(each) for each in kind] if isinstance(kind, list) else [str(kind)] if kind else []


def _enum(schema: Node, role: str, where: str) -> Found:
    values = schema.get("enum")
    if values is None:
        return
    if role != "component":
        yield where, "make the enum a component and refer to it"
    if None in values or "null" in _kinds(schema):
        yield where, "leave null out; where it is allowed write oneOf: [{$ref}, {type: 'null'}]"
    if not values or not all(isinstance(value, str) for value in values if value is not None):
        yield where, "an enum is a list of strings"
        return
    prefix = schema.get("x-enum-prefix")
    if prefix is not None and (not prefix or any(str(value).startswith(str(prefix)) for value in values)):
        yield where, "x-enum-prefix is what values may also begin with; list them without it"
    names = schema.get("x-enum-varnames")
    if names is None:
        for value in values:
            if value is not None and not value[:1].isalpha():
                yield where, f"{value!r} does not start with a letter; give x-enum-varnames"
    elif len(names) != len(values):
        yield where, "give as many x-enum-varnames as values"
    for name, count in Counter(str(name).upper() for name in names or values).items():
        if count > 1:
            yield where, f"{name} would be there {count} times, case aside; give x-enum-varnames"


def _inline(schema: Node, role: str, where: str) -> Found:
    if role not in ("property", "item", "value", "member", "body", "parameter"):
        return
    mapping = schema.get("additionalProperties") not in (None, False) or schema.get("x-unpublished")
    if schema.get("properties") or len(schema.get("allOf") or []) > 1:
        yield where, "make the object a component and refer to it; glued names collide"
    elif "object" in _kinds(schema) and not mapping:
        yield where, "make the empty object a component, or say additionalProperties if it is a mapping"


def _union(document: Document, schema: Node, where: str, *, answer: bool) -> Found:
    if "enum" in schema:
        return
    key = "oneOf" if "oneOf" in schema else "anyOf"
    members = [document.deref(member) for member in schema.get(key) or []]
    members += (
        [{**schema, "type": kind} for kind in _kinds(schema)] if isinstance(schema.get("type"), list) else []
    )
    if sum(_stringlike(member) for member in members) > 1:
        yield where, "at most one of str, enum, decimal, date and uuid; msgspec cannot tell them apart"
    objects = [member for member in members if "object" in _kinds(member) or "properties" in member]
    if len(objects) < 2:
        return
    if answer and "discriminator" not in schema and any("properties" in each for each in objects):
        return
    discriminator = schema.get("discriminator") or {}
    mapping = discriminator.get("mapping") or {}
    if key != "oneOf" or "propertyName" not in discriminator:
        yield where, "tell the members apart: oneOf with a discriminator and its mapping"
        return
    if {str(ref) for ref in mapping.values()} != {str(member.get("$ref")) for member in schema[key]}:
        yield f"{where}/discriminator", "map every member, by #/components/schemas/..., and nothing else"
        return
    for value, ref in mapping.items():
        member, tag = document.deref({"$ref": ref}), discriminator["propertyName"]
        const = (document.properties(member).get(tag) or {}).get("const")
        if const != value or tag not in (member.get("required") or []):
            yield ref, f"require {tag} and give it const: {value}, its value in the discriminator"


def _is_answer(path: Parts, role: str) -> bool:
    """Whether this is a whole answer of success, whose alternatives are tried one after the other."""
    return role == "body" and any(key == "responses" and str(code)[0] == "2" for key, code in pairwise(path))


def _stringlike(schema: Node) -> bool:
    kinds = _kinds(schema)
    decimal = schema.get("format") == "decimal" and "number" in kinds
    return "enum" in schema or decimal or ("string" in kinds and schema.get("format") != "int64")


def _scalar(schema: Node, where: str) -> Found:
    kinds, form = [kind for kind in _kinds(schema) if kind != "null"], schema.get("format")
    if "number" in kinds and form is None:
        yield where, "say format: decimal; double only where binary fractions are meant"
    if form is not None and not any(form in _FORMATS.get(kind, ()) for kind in kinds):
        yield where, f"{form} is not a format of {' or '.join(kinds) or 'no type'} that is understood"
    if schema.get("type") == "array" and "items" not in schema:
        yield where, "say what the items are"
    if not _kinds(schema) and not {"const", "oneOf", "anyOf", "allOf", "x-unpublished"} & schema.keys():
        yield where, "give a type, or say x-unpublished where anything may come"
    if not isinstance(schema.get("x-presence", False), bool):
        yield where, "x-presence is true or not there"


def _default(schema: Node, role: str, where: str) -> Found:
    if "default" not in schema:
        return
    value, kinds = schema["default"], _kinds(schema)
    if role != "property":
        yield where, "only a property has a default here; say elsewhere in words what absent means"
    elif [_DEFAULTS.get(type(value))] != kinds:
        yield where, "a default is [], {}, '', false or 0, of the one type there"
    elif isinstance(value, str) and schema.get("format") in _STRICT:
        yield where, f"a text of format {schema['format']} has no default: it is no text in Python"
    elif value:
        yield where, "what is there by default is empty, false or 0"


def _object(document: Document, schema: Node, where: str) -> Found:
    for name in schema.get("required") or []:
        inner = document.properties(schema).get(name)
        if inner is None:
            yield where, f"{name} is required and not among the properties"
        elif isinstance(inner, dict) and "default" in inner:
            yield f"{where}/properties/{name}", "what is required has no default"
    names: dict[str, str] = {}
    for name in schema.get("properties") or {}:
        python = PythonIdentifier(name, FIELD_PREFIX)
        if names.setdefault(python, name) != name:
            yield f"{where}/properties", f"{name} and {names[python]} would both be called {python}"
        if not name.isprintable() or not {'"', "\\"}.isdisjoint(name):
            yield (
                f"{where}/properties",
                f"{name!r}: msgspec takes no quotes, backslashes or control characters",
            )
    extra = schema.get("additionalProperties")
    if schema.get("properties") and extra not in (None, False):
        yield where, "an object has properties or is a mapping, not both"
    form = schema.get("x-key-format")
    if form is not None and (form != "int64" or extra in (None, False)):
        yield where, "x-key-format: int64 goes with additionalProperties"
