"""Views of schemas for the models template: classes, enums and their fields, as text ready to print."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties import EnumProperty, ModelProperty

from generator.document import Document, Node, SpecError
from generator.text import reflow
from generator.types import Types, field_name

__all__ = ["Enum", "Field", "Member", "Model", "Tag", "Union", "enums", "models", "types", "unions"]


@dataclass(frozen=True)
class Member:
    """A member of an enum; `value` is what travels."""

    name: str
    value: str


@dataclass(frozen=True)
class Enum:
    """An enum class."""

    name: str
    doc: str
    members: list[Member]
    prefix: str
    """What the venue may put before every value."""


@dataclass(frozen=True)
class Field:
    """A field of a struct; `default` is the rest of its line."""

    name: str
    type: str
    default: str
    doc: str
    secret: bool
    """Whether it must not be shown."""


@dataclass(frozen=True)
class Tag:
    """The constant that tells a member of a union from the others."""

    name: str
    wire: str
    value: str


@dataclass(frozen=True)
class Union:
    """A name for several structs that a tag tells apart."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class Model:
    """A struct class."""

    name: str
    doc: str
    options: str
    tags: list[Tag]
    fields: list[Field]

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of the fields that must not be shown."""
        return tuple(field.name for field in self.fields if field.secret)


def types(document: Document, data: GeneratorData) -> Types:
    """Collect what names mean in one document."""
    found = {str(model.class_info.name): model for model in data.models}
    members = {enum.name: [member.name for member in enum.members] for enum in enums(document, data)}
    return Types(document, found, members)


def enums(document: Document, data: GeneratorData) -> list[Enum]:
    """Describe every enum, members without what their names have in common."""
    return [_enum(document, prop) for prop in data.enums if isinstance(prop, EnumProperty)]


def _enum(document: Document, prop: EnumProperty) -> Enum:
    name = str(prop.class_info.name)
    raw = document.schemas[name]
    # the parser escapes the values, and loses one of two that become the same name
    values = [str(value) for value in raw["enum"] if value is not None]
    names = list(prop.values)
    if len(names) != len(values):
        raise SpecError(f"{document.path.name}: values of {name} become the same name; give x-enum-varnames")
    if "x-enum-varnames" not in raw:
        names = _shortened(names)
    members = [Member(_member(short), value) for short, value in zip(names, values, strict=True)]
    doc = reflow(raw.get("description") or f"The `{name}` of the venue.")
    return Enum(name, doc, members, raw.get("x-enum-prefix", ""))


def _shortened(names: list[str]) -> list[str]:
    """Drop the common prefix up to an underscore, or less of it if a name would start with a digit."""
    prefix = _common(names)
    while "_" in prefix:
        prefix = prefix[: prefix.rindex("_")]
        if all(name.startswith(prefix + "_") and name[len(prefix) + 1 :][:1].isalpha() for name in names):
            return [name[len(prefix) + 1 :] for name in names]
    return names


def _common(names: list[str]) -> str:
    # the first and the last in order differ at least as early as any other two
    low, high = min(names), max(names)
    same = next(
        (place for place, pair in enumerate(zip(low, high, strict=False)) if pair[0] != pair[1]), len(low)
    )
    return low[:same]


def _member(name: str) -> str:
    return name if name.isidentifier() and not keyword.iskeyword(name) else name + "_"


def models(document: Document, data: GeneratorData, known: Types) -> list[Model]:
    """Describe every object schema that is a class, in the order of the document."""
    tags = _tags(document)
    found = [_model(document, model, known, tags) for model in data.models if not known.is_map(model)]
    order = {name: place for place, name in enumerate(document.schemas)}
    return sorted(found, key=lambda model: order.get(model.name, len(order)))


def unions(document: Document) -> list[Union]:
    """Describe every component that is one of several structs."""
    found = []
    for name, raw in document.schemas.items():
        if isinstance(raw, dict) and "discriminator" in raw:
            members = [member["$ref"].rsplit("/", 1)[-1] for member in raw["oneOf"]]
            found.append(Union(name, " | ".join(members), reflow(raw.get("description") or f"Any {name}.")))
    return found


def _tags(document: Document) -> dict[str, Tag]:
    """Find the tag of every class that has one: the first property that is required and constant."""
    tags: dict[str, Tag] = {}
    for name, raw in document.schemas.items():
        if not isinstance(raw, dict):
            continue
        required = raw.get("required") or []
        for wire, inner in document.properties(raw).items():
            if wire in required and isinstance(inner, dict) and isinstance(inner.get("const"), str):
                tags.setdefault(name, Tag(wire, wire, inner["const"]))
    return tags


def _model(document: Document, model: ModelProperty, known: Types, tags: dict[str, Tag]) -> Model:
    name = str(model.class_info.name)
    raw = document.schemas.get(name, {})
    wires = document.properties(raw)
    order = {wire: place for place, wire in enumerate(wires)}
    props = [*(model.required_properties or []), *(model.optional_properties or [])]
    props.sort(key=lambda prop: order.get(prop.name.get_untrusted_value(), len(order)))
    options, tag = "frozen=True, kw_only=True, omit_defaults=True", tags.get(name)
    fields = []
    for prop in props:
        wire = prop.name.get_untrusted_value()
        if tag and wire == tag.wire:
            tag = Tag(field_name(prop), wire, tag.value)
            options += f", tag_field={tag.wire!r}, tag={tag.value!r}"
        else:
            fields.append(_field(prop, wires.get(wire, {}), known))
    doc = reflow(raw.get("description") or f"The `{name}` of the venue.")
    return Model(name, doc, options, [tag] if tag else [], fields)


def _field(prop: Any, raw: Node, known: Types) -> Field:
    name, wire, kind = field_name(prop), prop.name.get_untrusted_value(), known.of(prop)
    default: str | None = None
    if not prop.required:
        zero = known.stated(raw)
        if zero is None and known.document.protobuf and not raw.get("x-presence"):
            zero = known.zero(prop)
        if zero is None:
            kind, zero = known.optional(prop), "None"
        default = zero
    return Field(
        name,
        kind,
        _assignment(default, wire if wire != name else None),
        _doc(raw, known),
        raw.get("format") == "password",
    )


def _doc(raw: Node, known: Types) -> str:
    told = raw.get("description")
    if told is None and "$ref" not in raw and isinstance(items := raw.get("items"), dict):
        told = items.get("description")
    return reflow(told or "")


def _assignment(default: str | None, wire: str | None) -> str:
    if wire is None:
        return "" if default is None else f" = {default}"
    if default is None:
        return f" = msgspec.field(name={wire!r})"
    if default.startswith("msgspec.field("):
        return f" = {default.removesuffix(')')}, name={wire!r})"
    return f" = msgspec.field(default={default}, name={wire!r})"
