SELECT DISTINCT name AS value FROM spans
WHERE $service = '' OR service = $service
