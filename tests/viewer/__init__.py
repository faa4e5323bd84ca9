"""Tests of the viewer without its API and page: protocol, journal, store, program."""
