"""A web service whose every answer is a span and names its process."""

import os

from flask import Flask

from instrumentation.flask_tracing import trace_flask
from instrumentation.tracing_setup import start_tracing

start_tracing("web")
app = Flask(__name__)
trace_flask(app)


@app.get("/pid")
def pid() -> str:
    """Answer with the number of this process."""
    return str(os.getpid())
