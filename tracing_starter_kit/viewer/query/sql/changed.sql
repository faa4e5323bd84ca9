-- Traces that got spans after a mark and have a span that matches, whenever that came.
-- The mark is a commit's time of receipt, and the next commit's is always larger.
SELECT trace_id
FROM spans
WHERE trace_id IN (
    SELECT trace_id FROM spans WHERE received_ns > $after AND received_ns <= $upto)
  AND /*conditions*/
GROUP BY trace_id
ORDER BY max(start_ns) DESC
LIMIT $most
