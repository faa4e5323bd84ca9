"""The expectations that an exercise's check is made of; each failure is a sentence."""
