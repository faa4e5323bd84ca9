-- The entry spans of some traces. The bounds on the time say nothing new: with them
-- DuckDB reads the wide column only where these traces are (90 ms -> 5 ms of 1 M spans).
SELECT trace_id, attributes
FROM spans
WHERE (trace_id, span_id) IN (
    SELECT (unnest($trace_ids::UUID[]), unnest($span_ids::UBIGINT[])))
  AND start_ns BETWEEN $first_ns AND $last_ns
