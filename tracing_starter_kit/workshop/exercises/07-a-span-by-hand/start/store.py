"""The shop's database, in memory. You need not change this file."""

from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

PRICES = {"starter": 900, "team": 2700, "business": 5900}


def open_store():
    """Return a new database with today's prices."""
    store = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )
    with store.begin() as connection:
        connection.execute(text("CREATE TABLE prices (plan TEXT, seat INTEGER)"))
        connection.execute(
            text("CREATE TABLE orders (id INTEGER PRIMARY KEY, plan TEXT, total INT)")
        )
        for plan, seat in PRICES.items():
            connection.execute(
                text("INSERT INTO prices VALUES (:plan, :seat)"),
                {"plan": plan, "seat": seat},
            )
    return store
