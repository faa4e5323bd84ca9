-- The size limit: what came first goes first, whole commits at a time. Resources and
-- scopes that nothing refers to any more go with it. The variable `newest_removed` is
-- set before: a parameter may stand in the last of several statements only.
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
