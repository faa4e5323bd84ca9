"""Traces as the programs read them: fetched from a viewer, parsed, drawn as trees."""
