"""What this process does, for logs, metrics and traces.

::

    from polyspec.telemetry import LogEvents, OtelEvents, observe

    observe(LogEvents())        # the standard library's logging, logger "polyspec.events"
    observe(OtelEvents())       # OpenTelemetry, as the process has set it up; needs the extra otel
    observe(print)              # or any function of one event

Events are in `polyspec.core.happenings`. With no observer nothing is measured, made or told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polyspec.core.happenings import Event
from polyspec.core.watching import Observer, observe
from polyspec.telemetry.logs import LogEvents

if TYPE_CHECKING:
    from polyspec.telemetry.otel import OtelEvents

__all__ = ["Event", "LogEvents", "Observer", "OtelEvents", "observe"]


def __getattr__(name: str) -> Any:
    if name != "OtelEvents":
        raise AttributeError(f"module 'polyspec.telemetry' has no attribute {name!r}")
    try:
        from polyspec.telemetry.otel import OtelEvents
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("polyspec"):
            raise
        raise ImportError(
            f"polyspec.telemetry.OtelEvents needs {error.name}: pip install 'polyspec[otel]'"
        ) from error
    return OtelEvents


def __dir__() -> list[str]:
    return __all__
