"""What an exercise's check is written in: expectations of spans, as sentences."""
