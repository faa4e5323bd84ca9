# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Start tracing in one call: `start_tracing("billing")`.

Use: first thing in the process. Sends OTLP over HTTP to OTEL_EXPORTER_OTLP_ENDPOINT
(default: this machine, port 4318) and survives forks. At the end of the process each
exporter gets two seconds for the last spans (`exit_timeout`), whatever the collector
does.
Needs beside it: span_delivery.py
Needs: pip install opentelemetry-exporter-otlp-proto-http~=1.45 requests~=2.32
From the tracing starter kit 0.2.0.

Example:
    from opentelemetry import trace
    from tracing_setup import start_tracing

    start_tracing("billing", version="2.4.0", environment="staging")
    with trace.get_tracer("billing").start_as_current_span("write invoice"):
        print("writing")

You will see:
    write invoice
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from multiprocessing import parent_process
from multiprocessing import util as multiprocessing_util
from pathlib import Path
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import Sampler

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

# The other half of this helper: batches, and the way to the collector. Imported by its
# name, because both files may lie in a package, or side by side in a plain folder.
_delivery = importlib.import_module(
    f"{__package__}.span_delivery" if __package__ else "span_delivery"
)
_REVISION_VARIABLES = (
    "VCS_REF_HEAD_REVISION",
    "GIT_COMMIT",  # Jenkins, and the usual name of a Docker build argument
    "GITHUB_SHA",
    "CI_COMMIT_SHA",  # GitLab
    "BITBUCKET_COMMIT",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "BUILD_SOURCEVERSION",  # Azure
    "CODEBUILD_RESOLVED_SOURCE_VERSION",  # AWS
    "HEROKU_SLUG_COMMIT",
    "SOURCE_VERSION",  # Heroku, while it builds
)
_PLUG_IN_VARIABLES = (
    "OTEL_TRACES_SAMPLER",
    "OTEL_PYTHON_ID_GENERATOR",
    "OTEL_PYTHON_TRACER_CONFIGURATOR",
)
_starting = threading.Lock()
_provider: TracerProvider | None = None
_first_call: tuple[object, ...] = ()  # its arguments, to compare with a second call's
_LEFT_OUT = (None, None, None, None, 2.0, (), *4 * (type(None),))
_deliveries: list[Any] = []  # a SpanDelivery for each exporter


def start_tracing(
    service: str,
    *,
    version: str | None = None,
    environment: str | None = None,
    revision: str | None = None,
    processors: Sequence[SpanProcessor] = (),
    sampler: Sampler | None = None,
    exporter: SpanExporter | None = None,
    wrap_exporter: Callable[[SpanExporter], SpanExporter] | None = None,
    wrap_batches: Callable[[SpanProcessor], SpanProcessor] | None = None,
    exit_timeout: float = 2.0,
) -> TracerProvider:
    """Set up tracing for this process; return the provider, as a second call does.

    Args:
        service: `service.name`.
        version: `service.version`.
        environment: `deployment.environment.name`; default: "development".
        revision: `vcs.ref.head.revision`; default from the CI's variables, else from
            the git repository of the calling file.
        processors: More span processors, such as `CodeLocation()`.
        sampler: Which traces to keep; default: all, but a request follows the decision
            of the service that sent it.
        exporter: Replaces OTLP over HTTP, for instance in tests.
        wrap_exporter: Gets each exporter and returns its replacement, which runs in
            the thread that sends; such as `Redaction().spans`.
        wrap_batches: Gets each processor that makes batches and returns the processor
            to register instead. That one runs in the thread that ends a span; such
            as `Rescue`.
        exit_timeout: Seconds that the end of the process waits for the last spans of
            each exporter.

    Raises:
        RuntimeError: after another tracing set-up, such as `opentelemetry-instrument`,
            or after this one with other arguments (of processors, sampler, exporter
            and wrappers the types are compared). A second call may leave arguments out:
            `start_tracing("billing")`, as in the children of a pool, keeps the first.
        ValueError: if a variable names an exporter, a sampler or another plug-in that
            is not installed.

    OTEL_* variables override the arguments. All variables of the SDK work, except:
    OTEL_CONFIG_FILE is refused; OTEL_EXPORTER_OTLP_PROTOCOL does not choose gRPC,
    which can hang in forked children; OTEL_BSP_EXPORT_TIMEOUT has no effect, as in
    the SDK; the SDK's metrics about its batches are not produced
    (OTEL_PYTHON_SDK_INTERNAL_METRICS_…).

    Two defaults differ from the SDK's. Spans leave half a second after they end, not
    five (OTEL_BSP_SCHEDULE_DELAY), so that a developer sees them at once. A request to
    the collector may take four seconds, not ten (OTEL_EXPORTER_OTLP_TIMEOUT), and is
    retried after at most four seconds: spans flow again within five seconds of the
    collector's return. Until then up to OTEL_BSP_MAX_QUEUE_SIZE (2048) spans wait. A
    collector may ask for a pause (Retry-After) of up to a minute; the end of the
    process does not wait for it.

    >>> provider = start_tracing("billing", version="2.4.0", environment="staging")
    >>> provider.resource.attributes["service.version"]
    '2.4.0'
    """
    global _provider, _first_call
    parts = map(type, (sampler, exporter, wrap_exporter, wrap_batches))
    kinds = (tuple(map(type, processors)), *parts)
    call = (service, version, environment, revision, exit_timeout, *kinds)
    with _starting:
        if _provider is not None:
            _refuse_other_arguments(call)
            return _provider
        _refuse_second_setup()
        # Without this variable contrib's instrumentations use the old attribute names.
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
        caller = sys._getframe(1).f_code.co_filename
        resource = _resource(service, version, environment, revision, caller)
        provider = TracerProvider(resource=resource, **_provider_options(sampler))
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true":
            exporters = map(wrap_exporter or _unchanged, _exporters(exporter))
            _deliveries.extend(
                _delivery.SpanDelivery(each, exit_timeout) for each in exporters
            )
            batching = map(wrap_batches or _unchanged, _deliveries)
            # Own processors first: they may still change the span that is then sent.
            for processor in (*processors, *batching):
                provider.add_span_processor(processor)
            _prepare_for_children(provider)
        trace.set_tracer_provider(provider)
        _provider, _first_call = provider, call
        return provider


def flush(timeout: float = 2.0) -> bool:
    """Send the spans that have ended, within `timeout` seconds.

    Returns:
        False if a span was lost since the last flush, or if time ran out.

    >>> flush()  # nothing started, nothing to send
    True
    """
    return _provider is None or _provider.force_flush(int(timeout * 1000))


def shutdown(timeout: float = 2.0) -> bool:
    """Flush, then stop tracing, within `timeout` seconds; return the flush's result.

    >>> shutdown(timeout=1.0)
    True
    """
    deadline = time.monotonic() + timeout
    is_flushed = flush(timeout)
    for delivery in _deliveries:
        delivery.exit_timeout = max(0.0, deadline - time.monotonic())
    if _provider is not None:
        _provider.shutdown()
    return is_flushed


def _refuse_other_arguments(call: tuple[object, ...]) -> None:
    trios = zip(call, _first_call, _LEFT_OUT, strict=True)
    if not all(value in (first, left_out) for value, first, left_out in trios):
        raise RuntimeError(
            f"start_tracing({call[0]!r}) after start_tracing({_first_call[0]!r}) with "
            f"other arguments: a process starts tracing once. Keep the first call."
        )


def _refuse_second_setup() -> None:
    if os.environ.get("OTEL_CONFIG_FILE"):
        raise RuntimeError(
            "OTEL_CONFIG_FILE is set, which start_tracing() does not read: keep the "
            "file and start with opentelemetry-instrument, or unset it."
        )
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return
    if "opentelemetry.instrumentation.auto_instrumentation" in sys.modules:
        raise RuntimeError(
            "This process was started with opentelemetry-instrument, which has set up "
            "tracing already: keep start_tracing() and start without that command, or "
            "keep the command and do not call start_tracing()."
        )
    raise RuntimeError(
        "A tracer provider is set already: keep start_tracing() and remove the other "
        "call of set_tracer_provider(), or keep that one and do not call this."
    )


def _resource(
    service: str,
    version: str | None,
    environment: str | None,
    revision: str | None,
    caller: str,
) -> Resource:
    """Describe this process: by OTEL_* variables, else arguments, else CI and git."""
    variables = OTELResourceDetector().detect().attributes
    key = "vcs.ref.head.revision"
    arguments = {
        "service.name": service,
        "service.version": version,
        "deployment.environment.name": environment or "development",
        key: variables.get(key) or revision or _revision_around(caller),
    }
    arguments = {name: value for name, value in arguments.items() if value}
    return Resource.create({**arguments, **variables})


def _revision_around(file: str) -> str | None:
    """Return the commit that the CI names, or that is checked out around `file`."""
    for variable in _REVISION_VARIABLES:
        if commit := os.environ.get(variable):
            return commit
    # git itself, because only it reads worktrees, packed refs and reftables alike.
    command = ["git", "-C", str(Path(file).parent), "rev-parse", "HEAD"]
    try:
        git = subprocess.run(command, capture_output=True, text=True, timeout=2)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return git.stdout.strip() if git.returncode == 0 else None


def _exporters(argument: SpanExporter | None) -> Iterator[SpanExporter]:
    """Yield the exporters in OTEL_TRACES_EXPORTER; else `argument`, else OTLP."""
    listed = os.environ.get("OTEL_TRACES_EXPORTER") or ("" if argument else "otlp")
    if argument and not listed:
        yield argument
    plug_ins = entry_points(group="opentelemetry_traces_exporter")
    for name in filter(None, map(str.strip, listed.lower().split(","))):
        if name in ("otlp", "otlp_proto_http"):
            yield _delivery.otlp_exporter()
        elif name in plug_ins.names:
            yield plug_ins[name].load()()
        elif name != "none":
            choices = ", ".join(sorted({"otlp", "none", *plug_ins.names}))
            raise ValueError(
                f"OTEL_TRACES_EXPORTER={name}: no package here provides it. Use one or "
                f"more of {choices}, or install the package that does."
            )


def _provider_options(sampler: Sampler | None) -> dict[str, Any]:
    """Return the plug-ins that the SDK's own set-up would read from the environment."""
    if not any(map(os.environ.get, _PLUG_IN_VARIABLES)):
        return {"sampler": sampler}
    try:
        # Private: only these functions read all three variables and load plug-ins.
        from opentelemetry.sdk._configuration import (
            _get_id_generator,
            _get_sampler,
            _get_tracer_configurator,
            _import_id_generator,
            _import_sampler,
            _import_tracer_configurator,
        )
    except ImportError:
        # Without a sampler the provider reads OTEL_TRACES_SAMPLER itself, but knows
        # only the samplers of the SDK.
        has_variable = bool(os.environ.get("OTEL_TRACES_SAMPLER"))
        return {"sampler": None if has_variable else sampler}
    return {
        "sampler": _import_sampler(_get_sampler()) or sampler,
        "id_generator": _import_id_generator(_get_id_generator()),
        "_tracer_configurator": _import_tracer_configurator(_get_tracer_configurator()),
    }


def _unchanged(part: Any) -> Any:
    """Stand in for a wrapper that the caller did not give."""
    return part


def _prepare_for_children(provider: TracerProvider) -> None:
    """Make children of this process send their spans, with the same instance id."""
    _keep_instance_id(provider)
    # At its end a forked child runs multiprocessing's finalizers, but not atexit.
    multiprocessing_util.register_after_fork(provider, _flush_at_exit)
    if parent_process():  # called within a child: its after-fork hooks have run already
        _flush_at_exit(provider)


def _keep_instance_id(provider: TracerProvider) -> None:
    """Keep the environment's instance id in children; the SDK gives each a new one."""
    key = "service.instance.id"
    instance = OTELResourceDetector().detect().attributes.get(key)
    # Private: without it each forked child has an id of its own.
    update = getattr(provider, "_update_resource", None)
    if instance and update and hasattr(os, "register_at_fork"):
        same = Resource({key: instance})
        os.register_at_fork(after_in_child=lambda: update(same))


def _flush_at_exit(_: TracerProvider) -> None:
    seconds = max((delivery.exit_timeout for delivery in _deliveries), default=0.0)
    multiprocessing_util.Finalize(None, flush, args=(seconds,), exitpriority=0)
