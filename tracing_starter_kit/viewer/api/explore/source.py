"""GET /api/x/traces/{traceId}/spans/{spanId}/source: the code beside the span."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracing_starter_kit.viewer.api.answers import answer, reading, settings_of
from tracing_starter_kit.viewer.api.errors import AnswerError
from tracing_starter_kit.viewer.api.explore import shapes
from tracing_starter_kit.viewer.api.ids import parse_span_id, parse_trace_id
from tracing_starter_kit.viewer.query.code import code_of
from tracing_starter_kit.viewer.query.records import Attributes, Resource, SpanSet
from tracing_starter_kit.viewer.query.traces import read_span
from tracing_starter_kit.viewer.source.highlight import highlight
from tracing_starter_kit.viewer.source.locate import MissingError, RefusedError
from tracing_starter_kit.viewer.source.read import (
    CodeReference,
    SourceText,
    read_source,
)


def source(request: Request) -> Response:
    """Return the file that a span names, or say why there is none."""
    trace_id = parse_trace_id(request.path_params["trace_id"])
    span_id = parse_span_id(request.path_params["span_id"])
    with reading(request) as cursor:
        span_set = read_span(cursor, trace_id, span_id)
    if span_set is None:
        raise AnswerError(404, f"Trace {trace_id.hex} has no such span.")
    reference = _reference(span_set)
    try:
        file = read_source(settings_of(request).source_roots, reference)
    except RefusedError as error:
        raise AnswerError(403, str(error)) from error
    except MissingError as error:
        raise AnswerError(404, str(error)) from error
    return answer(_source_json(file, reference))


def _reference(span_set: SpanSet) -> CodeReference:
    span = span_set.spans[0]
    code = code_of(_texts(span.attributes))
    if code is None or code.path is None:
        raise AnswerError(404, "This span does not say which file made it.")
    resource = span_set.resources.get(span.resource_id, Resource())
    revision = _texts(resource.attributes).get("vcs.ref.head.revision") or None
    return CodeReference(code.path, code.line, code.function, revision)


def _texts(attributes: Attributes) -> dict[str, str]:
    return {attribute.key: attribute.text for attribute in attributes}


def _source_json(file: SourceText, reference: CodeReference) -> shapes.Source:
    lines = highlight(file.text, file.path)
    return {
        "path": file.path,
        "function": reference.function,
        "line": file.line,
        "revision": reference.revision,
        "shown": file.version,
        "note": file.note,
        "functionStart": file.function.start if file.function else None,
        "functionEnd": file.function.end if file.function else None,
        "lines": [
            {"number": number, "html": html} for number, html in enumerate(lines, 1)
        ],
    }


ROUTES = [Route("/api/x/traces/{trace_id}/spans/{span_id}/source", source)]
