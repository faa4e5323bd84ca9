-- Who calls whom: a span's service and its parent's, counted over the spans that started
-- in a time. A service that calls itself is counted too, as Jaeger does.
SELECT parent.service, child.service, count(*)
FROM spans AS child
JOIN spans AS parent
  ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
WHERE child.start_ns >= $start_ns AND child.start_ns < $end_ns
GROUP BY ALL
ORDER BY ALL
