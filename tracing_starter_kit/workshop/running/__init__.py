"""The learner's programs: run as processes of their own, with their spans received."""
