"""Which of our fields travel; all three programs import this."""

FIELDS = []
