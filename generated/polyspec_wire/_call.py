"""What a generated operation returns, and what it says about itself.

Nothing here sends anything. A `Call` is data; whoever sends it, or serves it, reads the traits of its
`Operation`, which are those the spec states.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote

from msgspec import Meta, Struct

__all__ = ["Call", "Int64", "Number", "OpenEnum", "Operation", "Page", "Parameter", "RateLimit"]

T_co = TypeVar("T_co", covariant=True)

Int64: TypeAlias = Annotated[int, Meta(extra_json_schema={"type": "string", "format": "int64"})]
"""An integer the venue writes as a JSON string; decode with `strict=False`."""

Number: TypeAlias = Annotated[Decimal, Meta(extra_json_schema={"type": "number"})]
"""A decimal the venue writes as a JSON number."""


class OpenEnum(StrEnum):
    """An enum that keeps values added by the venue later; compare members with `==`, not `is`.

    A class made with `prefix` reads its values with that prefix and without it.
    """

    _prefix: ClassVar[str]

    def __init_subclass__(cls, *, prefix: str = "") -> None:
        """Note what a venue may put before every value."""
        super().__init_subclass__()
        cls._prefix = prefix

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        if cls._prefix and value.startswith(cls._prefix):
            return cls(value[len(cls._prefix) :])
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


class RateLimit(Struct, frozen=True, kw_only=True):
    """How often the operations that share `bucket` may be called."""

    bucket: str
    rate: float | dict[str, float]
    """Requests per period, for everybody or by tier, the lowest tier first."""
    per: float = 1.0
    """Seconds in a period."""
    burst: float | dict[str, float] | None = None
    """Requests at once; if None one second of the rate and at least one, or a whole window."""
    window: bool = False
    """Whether no stretch of a period may hold more than the rate, however the requests are spread; by tier too."""
    scope: Literal["firm", "ip", "signer", "key"] = "firm"
    """Whose requests are counted together."""
    enforced: bool = True
    """Whether the venue refuses what is beyond it; if not, it only warns."""
    cost: Literal[1, "items"] = 1
    """What a request counts for: one, or as many as the things its body lists."""
    ahead: bool = False
    """Whether it is only counted and never waits: cancels, under a limit that others can use up."""

    def per_second(self, tier: str | None = None) -> float:
        """Return the requests per second of a tier, the lowest if None.

        Raises ValueError if the spec knows no such tier.
        """
        return self._of(self.rate, tier) / self.per

    def size(self, tier: str | None = None) -> float:
        """Return the requests a tier may make at once."""
        if self.burst is not None:
            return self._of(self.burst, tier)
        return self._of(self.rate, tier) if self.window else max(1.0, self.per_second(tier))

    def _of(self, value: float | dict[str, float], tier: str | None) -> float:
        if not isinstance(value, dict):
            return value
        if tier is None:
            return next(iter(value.values()))
        if tier not in value:
            raise ValueError(f"no tier {tier!r}; the limit {self.bucket} has {', '.join(value)}")
        return value[tier]


class Page(Struct, frozen=True, kw_only=True):
    """Where a listing takes and gives its page token, by wire name."""

    request: str
    response: str
    items: str
    eof: str | None = None
    """The flag that is true on the last page."""
    more: str | None = None
    """The flag that is false on the last page."""
    also: str | None = None
    """What `items` is called in an older dialect of the venue."""
    end: str | None = None
    """The token that says there are no more pages, and that must not be sent."""


class Parameter(Struct, frozen=True, kw_only=True):
    """An argument that travels outside the body."""

    name: str
    """The name on the wire."""
    python: str
    """The name of the argument."""
    kind: Literal["path", "query", "header"]
    type: Any
    required: bool
    explode: bool = True
    """Whether a list repeats the name; joined by commas if not."""


class Operation(Struct, frozen=True, kw_only=True):
    """What the spec says about one operation."""

    id: str
    """The operationId, the venue's own name."""
    name: str
    """Module and function, as in `trading.insert_order`."""
    method: str
    path: str
    """A template, with wire names in braces."""
    body: Any = None
    success: dict[int, Any]
    """The type of the answer, by status; of several in a tuple the first that fits."""
    failure: Any
    stream: Literal["lines", "events", "file"] | None = None
    """How the answer comes if not as one JSON value; `success` is then the type of a piece of it.

    `lines` is one JSON value per line, `events` are server-sent events, `file` is a file without end in sight.
    """
    security: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    """Alternatives; each is all of its (scheme, scopes). Empty if nobody is asked who they are."""
    rate_limits: tuple[RateLimit, ...] = ()
    """Limits that hold at once, the one of its own first."""
    retry: Literal["safe", "never", "resolve"]
    """What to do when the outcome is unknown: repeat, give up, or look the placement up."""
    lane: Literal["read", "write", "cancel"]
    page: Page | None = None
    parameters: tuple[Parameter, ...] = ()
    json: Literal["protobuf", "plain"]
    servers: tuple[str, ...] = ()
    """Hosts of its own, if it does not live where the API lives."""

    @property
    def rate_limit(self) -> RateLimit | None:
        """The first of the limits, None if no number is published."""
        return self.rate_limits[0] if self.rate_limits else None


class Call(Struct, Generic[T_co], frozen=True, kw_only=True):
    """A request that has not been made: filled path, query, body, and the operation it belongs to."""

    operation: Operation
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    items: int = 1
    """How many things the body lists, for limits that count them."""


def no_items() -> list[Any]:
    """Make the list a field is when it is absent, and which is written although it is empty."""
    return []


def no_entries() -> dict[str, Any]:
    """Make the map a field is when it is absent, and which is written although it is empty."""
    return {}


def shown(struct: Struct, hidden: tuple[str, ...]) -> str:
    """Show a struct without what the spec calls a password."""
    fields = (
        (name, "<hidden>" if name in hidden else repr(getattr(struct, name)))
        for name in struct.__struct_fields__
    )
    return f"{type(struct).__name__}({', '.join(f'{name}={text}' for name, text in fields)})"


def fill(operation: Operation, /, **values: Any) -> str:
    """Fill the path template; raises ValueError for values that would name another resource."""
    path = operation.path
    for parameter in operation.parameters:
        if parameter.kind == "path":
            text = _text(values[parameter.python])
            if text in {"", ".", ".."}:
                raise ValueError(f"{operation.name}: {parameter.python} cannot be {text!r}")
            path = path.replace("{" + parameter.name + "}", quote(text, safe=""))
    return path


def query(operation: Operation, /, **values: Any) -> tuple[tuple[str, str], ...]:
    """Spell the query; what is None is left out."""
    return tuple(_pairs(operation, "query", values))


def headers(operation: Operation, /, **values: Any) -> tuple[tuple[str, str], ...]:
    """Spell the headers; what is None is left out."""
    return tuple(_pairs(operation, "header", values))


def _pairs(operation: Operation, kind: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for parameter in operation.parameters:
        if parameter.kind != kind or (value := values[parameter.python]) is None:
            continue
        if not isinstance(value, list | tuple):
            pairs.append((parameter.name, _text(value)))
        elif parameter.explode:
            pairs.extend((parameter.name, _text(item)) for item in value)
        elif value:
            pairs.append((parameter.name, ",".join(_text(item) for item in value)))
    return pairs


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
