"""Runs the learner's programs as processes of their own, and takes their spans."""
