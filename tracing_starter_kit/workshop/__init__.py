"""The workshop: exercises that check the traces of the learner's own code."""
