"""Generated models against the examples of the specs they come from."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from generator.document import Document
from tests.contract.spec import CLOB, POLYSIM, US

SPECS = [Document(Path(f"{spec.name}.openapi.yaml"), spec.document) for spec in (CLOB, POLYSIM, US)]


def package(document: Document) -> Any:
    """Return the package generated from a spec."""
    return importlib.import_module(f"polyspec_wire.{document.name}")


MODELS = [
    pytest.param(model, id=f"{document.name}.{name}")
    for document in SPECS
    for name, model in inspect.getmembers(package(document).models, inspect.isclass)
    if model.__module__ == f"polyspec_wire.{document.name}.models"
]
OPERATIONS = [
    pytest.param(operation, id=f"{document.name}.{operation.name}")
    for document in SPECS
    for operation in package(document).OPERATIONS.values()
]
EXAMPLES = [
    pytest.param(document, name, example, id=f"{document.name}.{name}.{place}")
    for document in SPECS
    for name, schema in document.schemas.items()
    for place, example in enumerate(schema.get("examples") or [])
    if hasattr(package(document).models, name)
]


def alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the types an answer may have."""
    return kind if isinstance(kind, tuple) else (kind,)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_can_be_decoded(model: type) -> None:
    """No model holds a type msgspec cannot decode, and every field has a type that resolves."""
    msgspec.json.Decoder(model, strict=False)
    if issubclass(model, msgspec.Struct):
        assert len(msgspec.structs.fields(model)) == len(model.__struct_fields__)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_can_be_answered(operation: Any) -> None:
    """Decoders exist for all answers, bodies and arguments, and the page rule names fields that are there."""
    answers = [kind for kinds in operation.success.values() for kind in alternatives(kinds)]
    for kind in [*answers, operation.failure, operation.body]:
        msgspec.json.Decoder(kind, strict=False)
    for parameter in operation.parameters:
        msgspec.json.Decoder(parameter.type, strict=False)
        assert parameter.kind != "path" or "{" + parameter.name + "}" in operation.path
    if operation.page is not None:
        pages = [kind for kind in alternatives(operation.success[200]) if isinstance(kind, type)]
        answered = [{field.encode_name for field in msgspec.structs.fields(kind)} for kind in pages]
        told = {operation.page.response, operation.page.items, operation.page.more} - {None}
        assert [told <= names for names in answered] == [True]


@pytest.mark.parametrize("document", SPECS, ids=lambda document: document.name)
def test_every_operation_of_the_spec_is_generated(document: Document) -> None:
    """Nothing is dropped on the way from spec to package, neither operations nor what they are called."""
    generated = package(document).OPERATIONS
    assert {op.id for op in document.operations()} == set(generated)
    for written in document.operations():
        operation = generated[written.id]
        assert (operation.method, operation.path) == (written.method.upper(), written.path)
        assert {p["name"] for p in written.parameters} == {p.name for p in operation.parameters}
        module, function = operation.name.split(".")
        assert callable(getattr(getattr(package(document), module), function))


@pytest.mark.parametrize(("document", "name", "example"), EXAMPLES)
def test_examples_survive_their_model(document: Document, name: str, example: Any) -> None:
    """An example decodes into its model, and what the model encodes to says the same."""
    model = getattr(package(document).models, name)
    decoded = msgspec.json.decode(msgspec.json.encode(example), type=model, strict=False)
    encoded = msgspec.json.decode(msgspec.json.encode(decoded))
    schema = document.schemas[name]
    assert canonical(document, schema, encoded) == canonical(document, schema, example)
    assert msgspec.json.decode(msgspec.json.encode(decoded), type=model, strict=False) == decoded


FRAMES = [
    pytest.param(document, union, tag, id=f"{document.name}.{union}.{tag}")
    for document in SPECS
    for union, schema in document.schemas.items()
    for tag in schema.get("discriminator", {}).get("mapping", {})
]


@pytest.mark.parametrize(("document", "union", "tag"), FRAMES)
def test_frames_are_told_by_their_tag(document: Document, union: str, tag: str) -> None:
    """Each example of an event is read as that event by its channel's union, alone, in a list, tag last."""
    schema = document.schemas[union]
    name = schema["discriminator"]["mapping"][tag].rpartition("/")[2]
    assert {"$ref": f"#/components/schemas/{name}"} in schema["oneOf"]
    models = package(document).models
    alternatives, event = getattr(models, union), getattr(models, name)
    examples = document.schemas[name]["examples"]
    assert examples
    for example in examples:
        assert example[schema["discriminator"]["propertyName"]] == tag
        read = msgspec.json.decode(msgspec.json.encode(example), type=alternatives)
        assert type(read) is event
        turned = dict(reversed([*example.items(), ("added_later", {"a": [None]})]))
        assert msgspec.json.decode(msgspec.json.encode([turned]), type=list[alternatives]) == [read]


def canonical(document: Document, schema: Any, value: Any) -> Any:
    """Spell a JSON value so that what the spec takes for the same is the same."""
    schema = document.deref(schema)
    form = schema.get("format")
    if form in ("int64", "int32"):
        return int(value)
    if form == "decimal":
        return Decimal(str(value))
    if form == "date-time":
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC).replace(microsecond=0)
    if isinstance(value, list):
        return [canonical(document, schema.get("items"), item) for item in value]
    if isinstance(value, dict):
        return _canonical_object(document, schema, value)
    return value


def _canonical_object(document: Document, schema: Any, value: dict[str, Any]) -> dict[str, Any]:
    properties = document.properties(schema)
    extra = schema.get("additionalProperties")
    found = {key: of["default"] for key, of in properties.items() if "default" in of}
    for key, item in value.items():
        of = properties.get(key, extra if isinstance(extra, dict) else {})
        told = canonical(document, of, item)
        if key not in properties or not document.protobuf or not _is_zero(document, of, told):
            found[key] = told
    return found


def _is_zero(document: Document, schema: Any, value: Any) -> bool:
    kind = document.deref(schema)
    if schema.get("x-presence") or "properties" in kind:
        return value is None
    return value in (None, "", 0, False, [], {}) or value == (kind.get("enum") or [None])[0]


def test_canonical_tells_apart_what_protobuf_tells_apart() -> None:
    """The comparison of these tests forgives spellings and zero values, not differences."""
    document = next(document for document in SPECS if document.protobuf)
    integer = {"type": "string", "format": "int64"}
    thing = {"type": "object", "properties": {"a": integer, "b": {**integer, "x-presence": True}}}
    assert canonical(document, thing, {"a": "0", "b": "5"}) == canonical(document, thing, {"b": 5})
    assert canonical(document, thing, {"b": 0}) != canonical(document, thing, {})
    assert canonical(document, thing, {"a": 1}) != canonical(document, thing, {"a": 2})
