"""Join records with the same id, and turn them into spans by the words of events."""
