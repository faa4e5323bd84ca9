-- The fields of a trace's spans that the waterfall shows, and no others: a trace may have
-- 10,000 spans. The second name of each code attribute is the older one.
SELECT
  span_id, parent_span_id, service, spans.name, kind, start_ns, end_ns,
  status_code = 2 AS has_error,
  coalesce(scopes.name, '') AS scope_name,
  coalesce(spans.attributes['code.file.path'], spans.attributes['code.filepath']),
  coalesce(spans.attributes['code.line.number'], spans.attributes['code.lineno'])
FROM spans
LEFT JOIN scopes USING (scope_id)
WHERE trace_id = $trace_id
ORDER BY start_ns, span_id
