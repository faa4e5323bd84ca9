-- One span, with the columns of trace.sql.
SELECT
  trace_id, span_id, parent_span_id, service, name, kind, start_ns, end_ns,
  status_code, status_message, attributes, attribute_types, events, links,
  trace_state, flags, dropped_attributes, dropped_events, dropped_links,
  resource_id, scope_id
FROM spans
WHERE trace_id = $trace_id AND span_id = $span_id
LIMIT 1
