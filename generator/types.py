"""Python types, names and defaults for what the parser found."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Any, Final

from openapi_python_client.parser.properties import (
    AnyProperty,
    EnumProperty,
    LiteralEnumProperty,
    ModelProperty,
)
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from generator.document import Document, Node, SpecError
from generator.parser import DecimalProperty, Int64Property, NumberProperty
from generator.text import literal, snake

__all__ = ["RESERVED", "Types", "field_name"]

# What annotations and defaults of a generated class are spelled with; a field of that name would hide it.
RESERVED = frozenset({"bool", "bytes", "dict", "dt", "float", "int", "list", "msgspec", "str"})

_SIMPLE: dict[type, str] = {
    AnyProperty: "Any",
    BooleanProperty: "bool",
    DateProperty: "dt.date",
    DateTimeProperty: "dt.datetime",
    DecimalProperty: "Decimal",
    FileProperty: "bytes",
    FloatProperty: "float",
    Int64Property: "Int64",
    IntProperty: "int",
    NoneProperty: "None",
    NumberProperty: "Number",
    StringProperty: "str",
    UuidProperty: "UUID",
}

_FRESH = {list: "no_items", dict: "no_entries", str: "str", bool: "bool", int: "int"}
_ZEROS = {
    "bool": "False",
    "bytes": 'b""',
    "float": "0.0",
    "int": "0",
    "str": '""',
    "Decimal": "Decimal(0)",
    "Int64": "0",
    "Number": "Decimal(0)",
}


_PLURAL_ACRONYM: Final = re.compile(r"[A-Z]{2,}s(?![a-z])")


def field_name(prop: Any) -> str:
    """Name a field or argument as the parser does, without its underscore where Python needs none.

    A plural acronym stays whole: `tradeIDs` is `trade_ids`.
    """
    wire = prop.name.get_untrusted_value()
    name = snake(wire) if _PLURAL_ACRONYM.search(wire) and wire.isidentifier() else str(prop.python_name)
    bare = name.removesuffix("_")
    if keyword.iskeyword(bare) or bare in RESERVED or bare == "self":
        return bare + "_"
    return bare if bare.isidentifier() else name


@dataclass(frozen=True)
class Types:
    """The types of one document; `models` and `enums` by class name."""

    document: Document
    models: dict[str, ModelProperty]
    enums: dict[str, list[str]]

    def is_map(self, model: ModelProperty) -> bool:
        """Whether an object schema is a mapping, not a class."""
        data = model.data
        if data.properties or data.allOf:
            return False
        extra = data.model_extra or {}
        return bool(extra.get("x-unpublished")) or data.additionalProperties not in (None, False)

    def of(self, prop: Any) -> str:
        """Spell the type of a property, apart from whether it may be absent."""
        if isinstance(prop, ModelProperty):
            return self._map(prop) if self.is_map(prop) else str(prop.class_info.name)
        if isinstance(prop, EnumProperty):
            return str(prop.class_info.name)
        if isinstance(prop, ListProperty):
            return f"list[{self.of(prop.inner_property)}]"
        if isinstance(prop, UnionProperty):
            members = list(dict.fromkeys(self.of(inner) for inner in prop.inner_properties))
            return " | ".join(sorted(members, key=lambda member: member == "None"))
        if isinstance(prop, ConstProperty):
            return f"Literal[{literal(prop.value.raw_value)}]"
        if type(prop) in _SIMPLE:
            return _SIMPLE[type(prop)]
        raise SpecError(f"{self.document.path.name}: nothing is generated for {type(prop).__name__}")

    def alternatives(self, prop: Any) -> list[str]:
        """Spell the types of a union without a tag apart, if some of them are classes; one type otherwise.

        Whatever is no class differs from the rest in JSON itself, and one type can hold it all.
        """
        inner = prop.inner_properties if isinstance(prop, UnionProperty) else []
        members = [each for each in inner if not isinstance(each, NoneProperty)]
        classes = [each for each in members if isinstance(each, ModelProperty) and not self.is_map(each)]
        if not classes or len(members) < 2:
            return [self.of(prop)]
        return list(dict.fromkeys(self.of(each) for each in members))

    def _map(self, model: ModelProperty) -> str:
        # the parser hands out copies made before the model was finished; the finished one is in `models`
        finished = self.models[str(model.class_info.name)]
        values = self.of(finished.additional_properties) if finished.additional_properties else "Any"
        keys = "int" if (model.data.model_extra or {}).get("x-key-format") == "int64" else "str"
        return f"dict[{keys}, {values}]"

    def optional(self, prop: Any) -> str:
        """Spell the type of something that may be None."""
        kind = self.of(prop)
        return kind if kind == "Any" or kind.endswith("None") else f"{kind} | None"

    def stated(self, raw: Node) -> str | None:
        """Spell the `default` of a property, so that it is written out; None if it has none."""
        # what msgspec makes with a factory of ours is no default to it, and what is one stays off the wire
        return f"msgspec.field(default_factory={_FRESH[type(raw['default'])]})" if "default" in raw else None

    def zero(self, prop: Any) -> str | None:
        """Spell the zero value protobuf JSON leaves out; None for what has presence (messages, unions)."""
        if isinstance(prop, ListProperty):
            return "msgspec.field(default_factory=list)"
        if isinstance(prop, ModelProperty):
            return "msgspec.field(default_factory=dict)" if self.is_map(prop) else None
        if isinstance(prop, EnumProperty) and not isinstance(prop, LiteralEnumProperty):
            name = str(prop.class_info.name)
            return f"{name}.{self.enums[name][0]}"
        return _ZEROS.get(self.of(prop))
