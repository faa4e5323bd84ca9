"""From records to spans: lines of one id joined, begin and end found by their words."""
