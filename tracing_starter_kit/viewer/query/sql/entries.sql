-- The entry spans of some traces. The bounds on start_ns exclude none of them, but let
-- DuckDB read the wide column only around these traces (5 ms instead of 90 in 1 M spans).
SELECT trace_id, attributes
FROM spans
WHERE (trace_id, span_id) IN (
    SELECT (unnest($trace_ids::UUID[]), unnest($span_ids::UBIGINT[])))
  AND start_ns BETWEEN $first_ns AND $last_ns
