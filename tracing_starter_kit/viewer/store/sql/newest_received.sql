-- The time of the last commit; 0 in an empty database.
SELECT coalesce(max(received_ns), 0)
FROM (SELECT received_ns FROM spans UNION ALL SELECT received_ns FROM logs)
