-- Traces with a span stored between two marks, and with a matching span of any age.
-- A mark is the received_ns of a commit; the next commit's is always larger.
SELECT trace_id
FROM spans
WHERE trace_id IN (
    SELECT trace_id FROM spans WHERE received_ns > $after AND received_ns <= $upto)
  AND /*conditions*/
GROUP BY trace_id
ORDER BY max(start_ns) DESC
LIMIT $most
