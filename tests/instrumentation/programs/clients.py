"""Uses each client library below a span. Arguments: Valkey's port, and whether roots.

Prints the baggage that each host got: the first host, and its target of a redirect.
"""

import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import redis
import requests
import sqlalchemy
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from instrumentation.business import BusinessFields, set_fields
from instrumentation.client_tracing import trace_clients
from instrumentation.traced import span
from instrumentation.tracing_setup import start_tracing

baggage_of: dict[str, str | None] = {}  # by the host that got it


class Host(BaseHTTPRequestHandler):
    """Redirects from 127.0.0.1 to localhost, which counts as another host."""

    def do_GET(self) -> None:
        """Note the baggage."""
        name, _, port = self.headers["Host"].partition(":")
        baggage_of[name] = self.headers["baggage"]
        self.send_response(204 if name == "localhost" else 307)
        self.send_header("Location", f"http://localhost:{port}/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be quiet."""


class LikePostgres(SQLiteDialect_pysqlite):
    """SQLite that contrib takes for PostgreSQL over a Unix socket."""

    name = "postgresql"
    supports_statement_cache = True


class Connection(sqlite3.Connection):
    """Describes itself as a connection of psycopg does."""

    info = SimpleNamespace(host="/run/postgresql", port=5432, dbname="orders")


start_tracing("clients", processors=[BusinessFields(["shop.plan"], ["127.0.0.1:*"])])
server = HTTPServer(("127.0.0.1", 0), Host)
threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
registry.register("like_postgres", __name__, "LikePostgres")
trace_clients("redis", "requests", "sqlalchemy", roots=sys.argv[2] == "roots")
valkey = redis.Redis(port=int(sys.argv[1]))
valkey.ping()  # below no span
with span("work"):
    set_fields({"shop.plan": "pro"})
    valkey.set("key", "value")
    pipeline = valkey.pipeline()
    pipeline.get("key")
    pipeline.incr("number")
    pipeline.execute()
    requests.get(f"http://127.0.0.1:{server.server_port}/", timeout=5)
    engine = sqlalchemy.create_engine(
        "like_postgres://", connect_args={"factory": Connection}
    )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("select 1"))
server.shutdown()
print(baggage_of)
