SELECT DISTINCT service AS value FROM spans
