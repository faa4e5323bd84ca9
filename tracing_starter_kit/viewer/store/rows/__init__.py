"""From OTLP messages to rows: the columns that DuckDB takes in."""
