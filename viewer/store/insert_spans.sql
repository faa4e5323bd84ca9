-- A batch's spans into the table. The columns come without nulls and without a sign:
-- an absent parent is 0, and a time past the year 2262 is cut there.
INSERT INTO spans BY NAME
SELECT
  trace_id,
  span_id,
  nullif(parent_span_id, 0) AS parent_span_id,
  service,
  name,
  kind,
  least(start_ns, 9223372036854775807)::BIGINT AS start_ns,
  least(end_ns, 9223372036854775807)::BIGINT AS end_ns,
  status_code,
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
