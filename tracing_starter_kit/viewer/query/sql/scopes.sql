SELECT scope_id, name, version, attributes, attribute_types, schema_url, dropped_attributes
FROM scopes
WHERE scope_id IN (SELECT unnest($ids::UBIGINT[]))
