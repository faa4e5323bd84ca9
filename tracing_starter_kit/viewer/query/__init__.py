"""Questions to the stored spans: the only place that reads the store."""
