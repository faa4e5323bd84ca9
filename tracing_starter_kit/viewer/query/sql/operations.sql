-- The span names of a service, each with its kind; with $kind, only those of that kind.
SELECT DISTINCT name, kind
FROM spans
WHERE service = $service AND ($kind IS NULL OR kind = $kind)
ORDER BY name, kind
