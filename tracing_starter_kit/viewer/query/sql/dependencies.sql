-- Calls between services: pairs of a span's service and its parent's, counted over the
-- spans that started in a time. As in Jaeger, a service may call itself.
SELECT parent.service, child.service, count(*)
FROM spans AS child
JOIN spans AS parent
  ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
WHERE child.start_ns >= $start_ns AND child.start_ns < $end_ns
GROUP BY ALL
ORDER BY ALL
