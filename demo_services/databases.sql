-- A role and a database for each service: no service can read another's tables.
-- psql runs this at every start of the composed system; existing ones stay unchanged.
\set ON_ERROR_STOP on

-- Demo passwords: the system listens on this machine only.
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', service, 'demo-' || service)
  FROM unnest(ARRAY['gateway', 'billing', 'payments', 'notifications']) AS service
 WHERE service NOT IN (SELECT rolname FROM pg_roles)
\gexec

-- UTF-8, independent of the server's locale.
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L',
              service, service, 'UTF8')
  FROM unnest(ARRAY['gateway', 'billing', 'payments', 'notifications']) AS service
 WHERE service NOT IN (SELECT datname FROM pg_database)
\gexec

-- Without this every role may connect to every database.
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', datname)
  FROM pg_database WHERE datname IN ('gateway', 'billing', 'payments', 'notifications')
\gexec
