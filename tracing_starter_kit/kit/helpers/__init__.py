"""`kit helpers`: copies of the helpers in a user's project, kept up to date.

`options` reads the command line; `listing`, `adding`, `comparing` and `updating` are
the commands. A copy carries a stamp in its first lines, and its pristine text stays
beside it in `.kit-helpers/`.
"""
