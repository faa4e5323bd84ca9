-- The log records of one span. Some senders leave out the time and say only when
-- the record was observed.
SELECT
  CASE WHEN time_ns > 0 THEN time_ns ELSE observed_ns END AS at_ns,
  severity_text, severity_number, body_type, body, attributes, attribute_types
FROM logs
WHERE trace_id = $trace_id AND span_id = $span_id
ORDER BY at_ns
