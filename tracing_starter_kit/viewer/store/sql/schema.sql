-- The tables of the store, which is one DuckDB file: viewer/store writes it, viewer/query
-- reads it. Ids are numbers (a UUID is 16 bytes, a UBIGINT 8), because they are compared
-- and joined far more often than shown. All times are nanoseconds since 1970, UTC.
--
-- Attributes are a map from key to text, in the form that Jaeger compares: true, 42, 1.5,
-- base64 for bytes, JSON for arrays and maps. Beside each map stands one letter per
-- attribute, in the map's order. Letter and text together give the value back:
--   s string   b boolean   i integer   d double   y bytes   n empty
--   a array    m map       as plain JSON
--   A array    M map       as OTLP/JSON, where plain JSON would lose something
-- Only viewer/model/attributes.py reads and writes these letters.

CREATE TABLE IF NOT EXISTS spans (
  trace_id           UUID NOT NULL,
  span_id            UBIGINT NOT NULL,
  parent_span_id     UBIGINT,            -- NULL: a root
  service            VARCHAR NOT NULL,   -- the resource's service.name, or unknown_service
  name               VARCHAR NOT NULL,
  kind               UTINYINT NOT NULL,  -- OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer
  start_ns           BIGINT NOT NULL,
  end_ns             BIGINT NOT NULL,
  status_code        UTINYINT NOT NULL,  -- OTLP: 0 unset, 1 ok, 2 error
  status_message     VARCHAR NOT NULL,
  attributes         MAP(VARCHAR, VARCHAR) NOT NULL,
  attribute_types    VARCHAR NOT NULL,
  events             STRUCT(
                       time_ns BIGINT,
                       name VARCHAR,
                       attributes MAP(VARCHAR, VARCHAR),
                       attribute_types VARCHAR,
                       dropped_attributes UINTEGER
                     )[] NOT NULL,
  links              STRUCT(
                       trace_id UUID,
                       span_id UBIGINT,
                       trace_state VARCHAR,
                       flags UINTEGER,
                       attributes MAP(VARCHAR, VARCHAR),
                       attribute_types VARCHAR,
                       dropped_attributes UINTEGER
                     )[] NOT NULL,
  trace_state        VARCHAR NOT NULL,
  flags              UINTEGER NOT NULL,
  dropped_attributes UINTEGER NOT NULL,
  dropped_events     UINTEGER NOT NULL,
  dropped_links      UINTEGER NOT NULL,
  resource_id        UBIGINT NOT NULL,   -- resources.resource_id
  scope_id           UBIGINT NOT NULL,   -- scopes.scope_id
  received_ns        BIGINT NOT NULL     -- the time of the commit; each commit's is larger
);

-- A resource or scope is stored once; its id is a hash of its content.
CREATE TABLE IF NOT EXISTS resources (
  resource_id        UBIGINT NOT NULL,
  attributes         MAP(VARCHAR, VARCHAR) NOT NULL,
  attribute_types    VARCHAR NOT NULL,
  schema_url         VARCHAR NOT NULL,
  dropped_attributes UINTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS scopes (
  scope_id           UBIGINT NOT NULL,
  name               VARCHAR NOT NULL,
  version            VARCHAR NOT NULL,
  attributes         MAP(VARCHAR, VARCHAR) NOT NULL,
  attribute_types    VARCHAR NOT NULL,
  schema_url         VARCHAR NOT NULL,
  dropped_attributes UINTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS logs (
  trace_id           UUID,               -- NULL: not written inside a span
  span_id            UBIGINT,
  time_ns            BIGINT NOT NULL,
  observed_ns        BIGINT NOT NULL,
  severity_number    UTINYINT NOT NULL,
  severity_text      VARCHAR NOT NULL,
  event_name         VARCHAR NOT NULL,
  body               VARCHAR NOT NULL,   -- the text of an attribute; body_type is its letter
  body_type          VARCHAR NOT NULL,
  attributes         MAP(VARCHAR, VARCHAR) NOT NULL,
  attribute_types    VARCHAR NOT NULL,
  service            VARCHAR NOT NULL,
  resource_id        UBIGINT NOT NULL,
  scope_id           UBIGINT NOT NULL,
  received_ns        BIGINT NOT NULL
);

-- One row: the position in the journal up to which these tables hold its records, written
-- in the same transaction as the records, and how many spans the size limit has removed.
CREATE TABLE IF NOT EXISTS progress (
  segment            BIGINT NOT NULL,
  "offset"           BIGINT NOT NULL,
  removed_spans      BIGINT NOT NULL
);
INSERT INTO progress SELECT 0, 0, 0 WHERE NOT EXISTS (FROM progress);
