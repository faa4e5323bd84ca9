-- A role and a database of its own for each service: none can read another's tables.
-- Run by psql at every start of the composed system; what is there is left alone.
\set ON_ERROR_STOP on

-- The passwords are for a demo that listens on this machine only, and look like it.
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', service, 'demo-' || service)
  FROM unnest(ARRAY['gateway', 'billing', 'payments', 'notifications']) AS service
 WHERE service NOT IN (SELECT rolname FROM pg_roles)
\gexec

-- UTF-8 whatever the server's own language is.
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L',
              service, service, 'UTF8')
  FROM unnest(ARRAY['gateway', 'billing', 'payments', 'notifications']) AS service
 WHERE service NOT IN (SELECT datname FROM pg_database)
\gexec

-- Without this everybody may connect to every database.
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', datname)
  FROM pg_database WHERE datname IN ('gateway', 'billing', 'payments', 'notifications')
\gexec
