-- The size limit: remove the oldest commits as a whole, and then the resources and
-- scopes that no row refers to any more. choose_oldest.sql sets `newest_removed`: it is
-- a variable because of several statements only the last may have a parameter.
DELETE FROM spans WHERE received_ns <= getvariable('newest_removed');
DELETE FROM logs WHERE received_ns <= getvariable('newest_removed');
DELETE FROM resources
WHERE resource_id NOT IN (
  SELECT resource_id FROM spans UNION SELECT resource_id FROM logs
);
DELETE FROM scopes
WHERE scope_id NOT IN (
  SELECT scope_id FROM spans UNION SELECT scope_id FROM logs
);
