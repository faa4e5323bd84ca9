"""A task service: takes tasks over HTTP, works on one at a time, and logs."""

import logging
import os
import queue
import sys
import threading
import time

from flask import Flask, request
from logs import JsonFormatter

TIMEOUT = float(os.environ.get("TASK_TIMEOUT", "6"))  # seconds

handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JsonFormatter())
log = logging.getLogger("tasks")
log.addHandler(handler)
log.setLevel(logging.INFO)

app = Flask(__name__)
waiting = queue.SimpleQueue()
open_tasks = set()


@app.post("/tasks")
def enqueue():
    """Take a task: {"id": 72, "type": "feed", "target": "example.com", "takes": 2}."""
    task = request.get_json()
    task["enqueued"] = time.monotonic()
    open_tasks.add(task["id"])
    waiting.put(task)
    return {"task": task["id"]}, 202


@app.get("/health")
def health():
    """Return the number of open tasks."""
    return {"open": len(open_tasks)}


def run(task):
    """Work on one task, and log its outcome."""
    begun = time.monotonic()
    event = {
        "task_id": task["id"],
        "type": task["type"],
        "target": task["target"],
        "queue_dur_ms": round((begun - task["enqueued"]) * 1000),
    }
    try:
        event["entries"] = fetch(task)
        event["outcome"] = "processed"
    except TimeoutError:
        event["outcome"] = "timed out"
    finally:
        event["work_dur_ms"] = round((time.monotonic() - begun) * 1000)
        log.info("Task", extra=event)


def fetch(task):
    """Ask the target; here, sleep as long as an answer takes."""
    time.sleep(min(task["takes"], TIMEOUT))
    if task["takes"] > TIMEOUT:
        raise TimeoutError
    return 42


def work():
    """Run one task after the other, without end."""
    while True:
        task = waiting.get()
        run(task)
        open_tasks.discard(task["id"])


threading.Thread(target=work, daemon=True).start()
