"""Parse one line, in many formats: its time, level, message and fields."""
