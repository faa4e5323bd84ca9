-- The traces with a matching span in one period of time, the newest first. With the
-- bounds on start_ns DuckDB skips all other spans, by its min-max index.
SELECT trace_id, max(start_ns) AS newest_ns
FROM spans
WHERE start_ns >= $from_ns AND start_ns < $before_ns AND /*conditions*/
GROUP BY trace_id
ORDER BY newest_ns DESC
LIMIT $most
