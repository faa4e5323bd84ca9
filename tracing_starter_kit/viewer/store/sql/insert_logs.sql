-- Insert a batch's log records. The batch has no nulls: an absent id is all zeros.
INSERT INTO logs BY NAME
SELECT
  nullif(trace_id, '00000000-0000-0000-0000-000000000000'::UUID) AS trace_id,
  nullif(span_id, 0) AS span_id,
  time_ns,
  observed_ns,
  if(severity_number BETWEEN 0 AND 24, severity_number, 0)::UTINYINT AS severity_number,
  severity_text,
  event_name,
  body,
  body_type,
  attributes,
  attribute_types,
  service,
  resource_id,
  scope_id,
  $received_ns AS received_ns
FROM batch
