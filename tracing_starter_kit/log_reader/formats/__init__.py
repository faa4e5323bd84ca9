"""What one line says: its time, level, message and fields, in many formats."""
