"""The card network's charges by key, kept across restarts.

    ledger = Ledger(Path("card_network.db"))
    ledger.count_attempt("o-17", {"card": "demo-card-approve", ...})
    ledger.charge("o-17")["status"]      # "approved"

Needs nothing but the standard library.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

TABLE = """
    CREATE TABLE IF NOT EXISTS charges (
        key TEXT PRIMARY KEY,
        card TEXT NOT NULL,
        amount INTEGER NOT NULL,
        currency TEXT NOT NULL,
        status TEXT NOT NULL,
        reason TEXT,
        attempts INTEGER NOT NULL,
        charged INTEGER NOT NULL
    )
"""
REASONS = {"demo-card-decline": "insufficient funds"}
APPROVED = (
    "demo-card-approve",
    "demo-card-slow",
    "demo-card-flaky",
    "demo-card-lost-answer",
)


class Ledger:
    """The charges by key; one connection, one caller at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(TABLE)

    def count_attempt(self, key: str, charge: dict[str, Any]) -> int:
        """Count one more attempt for a key; return the number of attempts."""
        row = {"key": key, **charge}
        count = """
            INSERT INTO charges VALUES
                (:key, :card, :amount, :currency, 'pending', NULL, 1, 0)
            ON CONFLICT (key) DO UPDATE SET attempts = attempts + 1
            RETURNING attempts
        """
        with self._lock:
            return int(self._db.execute(count, row).fetchall()[0][0])

    def charge(self, key: str) -> dict[str, Any]:
        """Charge a key's card, unless it is charged already; return the charge."""
        charge = self.find(key)
        if charge is None or charge["status"] != "pending":
            return charge or {}
        approved = charge["card"] in APPROVED
        reason = None if approved else REASONS.get(charge["card"], "unknown card")
        settle = """
            UPDATE charges SET status = ?, reason = ?, charged = charged + ?
            WHERE key = ? AND status = 'pending'
        """
        status = "approved" if approved else "declined"
        with self._lock:
            self._db.execute(settle, (status, reason, int(approved), key))
        return self.find(key) or {}

    def find(self, key: str) -> dict[str, Any] | None:
        """Return a key's charge; `charged` counts the payments."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM charges WHERE key = ?", (key,))
            row = rows.fetchone()
        return dict(row) if row else None

    def close(self) -> None:
        """Close the file."""
        self._db.close()
