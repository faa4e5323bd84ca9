-- Whole traces, or one span of a trace. The columns are in the order of
-- viewer.query.records.Span.
SELECT
  trace_id, span_id, parent_span_id, service, name, kind, start_ns, end_ns,
  status_code, status_message, attributes, attribute_types, events, links,
  trace_state, flags, dropped_attributes, dropped_events, dropped_links,
  resource_id, scope_id
FROM spans
WHERE trace_id IN (SELECT unnest($trace_ids::UUID[]))
  AND ($span_id IS NULL OR span_id = $span_id)
ORDER BY start_ns, span_id
