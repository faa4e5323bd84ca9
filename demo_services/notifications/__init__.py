"""Notifications: delivers receipts and writes the nightly statements."""
