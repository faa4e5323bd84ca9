-- The last commit to remove, so that about this share of all spans and log records goes.
SET VARIABLE newest_removed = (
  SELECT quantile_disc(received_ns, $share)
  FROM (SELECT received_ns FROM spans UNION ALL SELECT received_ns FROM logs)
)
