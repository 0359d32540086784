"""Wire models and operations of every venue, generated from `specs/`; do not edit."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from polyspec_wire._call import Call, Int64, Number, OpenEnum, Operation, Page, Parameter, RateLimit

if TYPE_CHECKING:
    from polyspec_wire import clob, polysimulator, us_exchange

__all__ = [
    "Call",
    "Int64",
    "Number",
    "OpenEnum",
    "Operation",
    "Page",
    "Parameter",
    "RateLimit",
    "clob",
    "polysimulator",
    "us_exchange",
]

_APIS = ["clob", "polysimulator", "us_exchange"]


def __getattr__(name: str) -> Any:
    # an API is imported when it is first asked for: nobody trades on all venues at once
    if name in _APIS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
