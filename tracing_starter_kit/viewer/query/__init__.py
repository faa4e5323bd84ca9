"""Queries over the stored spans: the only package that reads the database."""
