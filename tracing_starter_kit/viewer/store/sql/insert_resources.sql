INSERT INTO resources BY NAME
FROM batch ANTI JOIN resources USING (resource_id)
