"""OTLP's three signals: the path, the service and the messages of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2


@dataclass(frozen=True)
class SignalType:
    """One signal; `groups` are the fields from a request down to its items."""

    name: str
    service: str
    request: Any
    response: Any
    groups: tuple[str, str, str]
    rejected: str


SIGNALS = {
    "traces": SignalType(
        name="traces",
        service="opentelemetry.proto.collector.trace.v1.TraceService",
        request=trace_service_pb2.ExportTraceServiceRequest,
        response=trace_service_pb2.ExportTraceServiceResponse,
        groups=("resource_spans", "scope_spans", "spans"),
        rejected="rejected_spans",
    ),
    "logs": SignalType(
        name="logs",
        service="opentelemetry.proto.collector.logs.v1.LogsService",
        request=logs_service_pb2.ExportLogsServiceRequest,
        response=logs_service_pb2.ExportLogsServiceResponse,
        groups=("resource_logs", "scope_logs", "log_records"),
        rejected="rejected_log_records",
    ),
    "metrics": SignalType(
        name="metrics",
        service="opentelemetry.proto.collector.metrics.v1.MetricsService",
        request=metrics_service_pb2.ExportMetricsServiceRequest,
        response=metrics_service_pb2.ExportMetricsServiceResponse,
        groups=("resource_metrics", "scope_metrics", "metrics"),
        rejected="rejected_data_points",
    ),
}
