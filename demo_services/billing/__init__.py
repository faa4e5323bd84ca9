"""Billing: prices orders, writes and charges invoices, and queues receipts."""
