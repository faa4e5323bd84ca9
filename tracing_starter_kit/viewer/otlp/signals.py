"""OTLP's three signals: what a request of each is called, and its answer."""

from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

__all__ = ["SIGNALS", "SignalType"]


@dataclass(frozen=True)
class SignalType:
    """One signal. The groups' names lead from a request to its items."""

    name: str
    path: str
    service: str
    request: Any
    response: Any
    groups: tuple[str, str, str]
    rejected: str


SIGNALS: Final = {
    "traces": SignalType(
        name="traces",
        path="/v1/traces",
        service="opentelemetry.proto.collector.trace.v1.TraceService",
        request=trace_service_pb2.ExportTraceServiceRequest,
        response=trace_service_pb2.ExportTraceServiceResponse,
        groups=("resource_spans", "scope_spans", "spans"),
        rejected="rejected_spans",
    ),
    "logs": SignalType(
        name="logs",
        path="/v1/logs",
        service="opentelemetry.proto.collector.logs.v1.LogsService",
        request=logs_service_pb2.ExportLogsServiceRequest,
        response=logs_service_pb2.ExportLogsServiceResponse,
        groups=("resource_logs", "scope_logs", "log_records"),
        rejected="rejected_log_records",
    ),
    "metrics": SignalType(
        name="metrics",
        path="/v1/metrics",
        service="opentelemetry.proto.collector.metrics.v1.MetricsService",
        request=metrics_service_pb2.ExportMetricsServiceRequest,
        response=metrics_service_pb2.ExportMetricsServiceResponse,
        groups=("resource_metrics", "scope_metrics", "metrics"),
        rejected="rejected_data_points",
    ),
}
