-- The log records of one span. Some senders set only the time of observation. Records with
-- the same log.record.uid are one record that was sent or imported twice.
SELECT
  CASE WHEN time_ns > 0 THEN time_ns ELSE observed_ns END AS at_ns,
  severity_text, severity_number, body_type, body, attributes, attribute_types
FROM logs
WHERE trace_id = $trace_id AND span_id = $span_id
QUALIFY attributes['log.record.uid'] IS NULL
  OR row_number() OVER (PARTITION BY attributes['log.record.uid'] ORDER BY observed_ns) = 1
ORDER BY at_ns
