INSERT INTO scopes BY NAME
FROM batch ANTI JOIN scopes USING (scope_id)
