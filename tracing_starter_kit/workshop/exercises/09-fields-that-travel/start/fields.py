"""The fields that travel; all three programs import this."""

FIELDS = []
