"""OpenTelemetry for tests, without anybody to export to."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from polyspec.telemetry import OtelEvents

__all__ = ["Otel"]


class Otel:
    """OpenTelemetry in memory."""

    def __init__(self) -> None:
        self.reader, self.exporter = InMemoryMetricReader(), InMemorySpanExporter()
        traces = TracerProvider()
        traces.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = traces.get_tracer("test")
        self.events = OtelEvents(tracer_provider=traces, meter_provider=MeterProvider([self.reader]))

    def points(self) -> dict[str, list[Any]]:
        """Return all points by the name of their metric."""
        data = self.reader.get_metrics_data()
        assert data is not None
        return {
            metric.name: list(metric.data.data_points)
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def labels(self) -> dict[str, set[Any]]:
        """Return all values that attributes of metrics have, by name."""
        found: dict[str, set[Any]] = {}
        for points in self.points().values():
            for point in points:
                for name, value in point.attributes.items():
                    found.setdefault(name, set()).add(value)
        return found

    def spans(self) -> str:
        """Return all that spans tell, as text."""
        return "".join(
            repr((span.name, dict(span.attributes or {}), span.status.description, span.events))
            for span in self.exporter.get_finished_spans()
        )
