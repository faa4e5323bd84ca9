-- Of the newest 200,000 spans, and of all resources.
SELECT DISTINCT attributes[$key] AS value
FROM spans WHERE rowid > (SELECT max(rowid) - 200000 FROM spans)
UNION SELECT DISTINCT attributes[$key] FROM resources
