SELECT resource_id, attributes, attribute_types, schema_url, dropped_attributes
FROM resources
WHERE resource_id IN (SELECT unnest($ids::UBIGINT[]))
