-- The store: one DuckDB file. Only viewer/store writes it, viewer/query reads it.
-- Ids are numbers (a UUID is 16 bytes, a UBIGINT 8), because they are compared and
-- joined far more often than shown. All times are nanoseconds since 1970, UTC.
--
-- Attributes are a map from key to text, the text that Jaeger compares: true, 42, 1.5,
-- base64 for bytes, JSON for arrays and maps. Beside each map stands one letter per
-- attribute, in the map's order, which is what it takes to give the value back:
--   s string   b boolean   i integer   d double   y bytes   n empty
--   a array    m map       as plain JSON
--   A array    M map       as OTLP/JSON, because plain JSON would lose something
-- viewer/model/attributes.py is the one place that reads and writes these letters.

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
  received_ns        BIGINT NOT NULL     -- one value per commit, and each commit's is larger
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
  body               VARCHAR NOT NULL,   -- as an attribute's text, and its letter beside it
  body_type          VARCHAR NOT NULL,
  attributes         MAP(VARCHAR, VARCHAR) NOT NULL,
  attribute_types    VARCHAR NOT NULL,
  service            VARCHAR NOT NULL,
  resource_id        UBIGINT NOT NULL,
  scope_id           UBIGINT NOT NULL,
  received_ns        BIGINT NOT NULL
);

-- One row: how far the journal is in these tables, written in the same transaction as
-- what was read from it, and how many spans the size limit has removed so far.
CREATE TABLE IF NOT EXISTS progress (
  segment            BIGINT NOT NULL,
  "offset"           BIGINT NOT NULL,
  removed_spans      BIGINT NOT NULL
);
INSERT INTO progress SELECT 0, 0, 0 WHERE NOT EXISTS (FROM progress);
