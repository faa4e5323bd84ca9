"""The tracing starter kit: its helpers, command line, viewer, log reader and workshop.

    from tracing_starter_kit.flask_tracing import trace_flask

`kit --help` lists the commands; `python -m tracing_starter_kit` is the same program.
"""

from tracing_starter_kit.installation import HELPERS, PACKAGE

# In a checkout the helpers stand in instrumentation/, in a wheel beside this file.
if HELPERS != PACKAGE:
    __path__.append(str(HELPERS))
