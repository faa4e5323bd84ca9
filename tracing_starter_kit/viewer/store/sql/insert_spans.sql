-- Insert a batch's spans. The batch has no nulls: an absent parent is 0. A kind or status
-- code that OTLP does not define (yet) is stored as 0, unspecified.
INSERT INTO spans BY NAME
SELECT
  trace_id,
  span_id,
  nullif(parent_span_id, 0) AS parent_span_id,
  service,
  name,
  if(kind BETWEEN 0 AND 5, kind, 0)::UTINYINT AS kind,
  start_ns,
  end_ns,
  if(status_code BETWEEN 0 AND 2, status_code, 0)::UTINYINT AS status_code,
  status_message,
  attributes,
  attribute_types,
  events,
  links,
  trace_state,
  flags,
  dropped_attributes,
  dropped_events,
  dropped_links,
  resource_id,
  scope_id,
  $received_ns AS received_ns
FROM batch
