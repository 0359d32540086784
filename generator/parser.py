"""Drive openapi-python-client as a parser, and make whatever it complains about fatal.

The only private name touched is `properties._string_based_property`, which decides by `format` what a string
is. It is replaced while a document is parsed, so that decimals and 64-bit integers reach parameters, list
items, unions and maps alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from attrs import define
from openapi_python_client import strings
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData, properties
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties.string import StringProperty

from generator.document import Document, SpecError

__all__ = ["FIELD_PREFIX", "DecimalProperty", "Int64Property", "NumberProperty", "parse"]

FIELD_PREFIX = "field_"

# what a decimal written as a JSON number is called on its way through the parser, to which numbers are floats
_NUMBER = "decimal-number"


@define
class DecimalProperty(StringProperty):
    """A decimal written as a JSON string."""

    _type_string: ClassVar[str] = "Decimal"


@define
class NumberProperty(StringProperty):
    """A decimal written as a JSON number."""

    _type_string: ClassVar[str] = "Number"


@define
class Int64Property(StringProperty):
    """A 64-bit integer written as a JSON string."""

    _type_string: ClassVar[str] = "Int64"


_BY_FORMAT: dict[str, type[StringProperty]] = {
    "decimal": DecimalProperty,
    "int64": Int64Property,
    _NUMBER: NumberProperty,
}


@contextmanager
def _formats() -> Iterator[None]:
    stock = properties._string_based_property  # noqa: SLF001

    def by_format(name: Any, required: bool, data: Any, config: Config) -> Any:  # noqa: FBT001
        kind = _BY_FORMAT.get(data.schema_format.get_untrusted_value()) if data.schema_format else None
        if kind is None:
            return stock(name=name, required=required, data=data, config=config)
        return kind.build(
            name=name,
            required=required,
            default=None,
            python_name=strings.PythonIdentifier(value=name, prefix=config.field_prefix),
            description=data.description,
            example=data.example,
        )

    properties._string_based_property = by_format  # noqa: SLF001
    try:
        yield
    finally:
        properties._string_based_property = stock  # noqa: SLF001


def _numbers_marked(node: Any) -> Any:
    """Copy the document with every `number`/`decimal` schema spelled so that the format hook sees it."""
    if isinstance(node, list):
        return [_numbers_marked(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _numbers_marked(value) for key, value in node.items()}
    kinds = copy["type"] if isinstance(copy.get("type"), list) else [copy.get("type")]
    if copy.get("format") == "decimal" and "number" in kinds:
        copy["format"] = _NUMBER
        renamed = ["string" if kind == "number" else kind for kind in kinds]
        copy["type"] = renamed if isinstance(copy["type"], list) else renamed[0]
    return copy


def _config(document: Document) -> Config:
    return Config.from_sources(
        ConfigFile(field_prefix=FIELD_PREFIX, post_hooks=[]),
        MetaType.NONE,
        document_source=document.path,
        file_encoding="utf-8",
        overwrite=False,
        output_path=Path(document.name),
    )


def parse(document: Document) -> GeneratorData:
    """Parse a document; raises SpecError with every error and warning the parser has to tell."""
    with _formats():
        try:
            data = GeneratorData.from_dict(_numbers_marked(document.raw), config=_config(document))
        except ValueError as error:  # two enum values that differ in case alone end here
            raise SpecError(f"{document.path.name}: {error}") from error
    if isinstance(data, GeneratorError):
        raise SpecError(f"{document.path.name}: {_told(data)}")
    complaints = [*data.errors]
    for collection in data.endpoint_collections_by_tag.values():
        complaints += collection.parse_errors
    if complaints:
        raise SpecError("\n".join(f"{document.path.name}: {_told(each)}" for each in complaints))
    return data


def _told(error: GeneratorError) -> str:
    parts = [error.header, error.detail, repr(data) if (data := getattr(error, "data", None)) else None]
    return ": ".join(part.strip() for part in parts if part)
