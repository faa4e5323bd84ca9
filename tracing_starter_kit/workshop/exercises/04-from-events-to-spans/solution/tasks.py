"""A task service: takes tasks over HTTP, and works on one at a time in a thread."""

import logging
import os
import queue
import threading
import time

from context import from_headers, inject_headers
from flask import Flask, request
from flask_tracing import trace_flask
from opentelemetry import trace
from traced import traced
from tracing_setup import start_tracing

TIMEOUT = float(os.environ.get("TASK_TIMEOUT", "6"))  # seconds
log = logging.getLogger("tasks")

start_tracing("tasks")

app = Flask(__name__)
trace_flask(app)
waiting = queue.SimpleQueue()
open_tasks = set()


@app.post("/tasks")
def enqueue():
    """Take a task, such as {"id": 72, "type": "feed", "takes": 2, "entries": 42}."""
    task = request.get_json()
    trace.get_current_span().set_attribute("shop.task.id", task["id"])
    task["headers"] = inject_headers()
    open_tasks.add(task["id"])
    waiting.put(task)
    return {"task": task["id"]}, 202


@app.get("/health")
def health():
    """Return the number of open tasks."""
    return {"open": len(open_tasks)}


@traced
def run(task):
    """Work on one task; raise TimeoutError if it takes too long."""
    here = trace.get_current_span()
    here.set_attributes({"shop.task.id": task["id"], "shop.task.type": task["type"]})
    entries = fetch(task)
    here.set_attribute("shop.task.entries", entries)
    log.info("Task %s processed, returning %d entries", task["id"], entries)


def fetch(task):
    """Ask the target; here, sleep as long as an answer takes."""
    time.sleep(min(task["takes"], TIMEOUT))
    if task["takes"] > TIMEOUT:
        raise TimeoutError(f"timed out after {TIMEOUT} seconds")
    return task["entries"]


def work():
    """Run one task after the other, without end."""
    while True:
        task = waiting.get()
        try:
            with from_headers(task["headers"]):
                run(task)
        except TimeoutError as error:
            log.warning("Task %s %s", task["id"], error)
        finally:
            open_tasks.discard(task["id"])


threading.Thread(target=work, daemon=True).start()
