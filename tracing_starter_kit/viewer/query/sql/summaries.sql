-- One row for each of the traces, newest first. The root is the earliest span without a
-- parent; the entry is the root or, if it is missing, the earliest span.
-- A span is an orphan if its parent is not in the trace.
WITH
selected AS (
  SELECT unnest($trace_ids::UUID[]) AS trace_id
),
members AS MATERIALIZED (
  SELECT
    trace_id, span_id, parent_span_id, service, name, start_ns, end_ns,
    status_code = 2 AS has_error,
    parent_span_id IS NULL AS is_root
  FROM spans
  WHERE trace_id IN (SELECT trace_id FROM selected)
),
orphans AS (
  SELECT child.trace_id, count(*) AS orphan_count
  FROM members AS child
  ANTI JOIN members AS parent
    ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
  WHERE NOT child.is_root
  GROUP BY child.trace_id
),
by_service AS (
  SELECT
    trace_id, service, count(*) AS span_count,
    count(*) FILTER (has_error) AS error_count
  FROM members
  GROUP BY trace_id, service
),
services AS (
  SELECT
    trace_id,
    list((service, span_count, error_count) ORDER BY service) AS services
  FROM by_service
  GROUP BY trace_id
),
totals AS (
  SELECT
    trace_id,
    first((service, name) ORDER BY NOT is_root, start_ns, span_id) AS entry,
    first(span_id ORDER BY NOT is_root, start_ns, span_id) AS entry_span_id,
    bool_or(is_root) AS has_root,
    -- A time of 0 was not set: it must not stretch the trace to 1970.
    coalesce(min(start_ns) FILTER (start_ns > 0), 0) AS start_ns,
    greatest(max(end_ns), min(start_ns) FILTER (start_ns > 0)) AS end_ns,
    count(*) AS span_count,
    count(*) FILTER (has_error) AS error_count
  FROM members
  GROUP BY trace_id
)
SELECT
  trace_id, entry, entry_span_id, has_root, start_ns, end_ns, span_count, error_count,
  coalesce(orphan_count, 0) AS orphan_count,
  services
FROM totals
JOIN services USING (trace_id)
LEFT JOIN orphans USING (trace_id)
ORDER BY start_ns DESC, trace_id
