-- The candidates that contain the prefix, those that start with it first.
SELECT value FROM (/*candidates*/)
WHERE value <> '' AND contains(lower(value), lower($prefix))
ORDER BY NOT starts_with(lower(value), lower($prefix)), lower(value), value
LIMIT $most
