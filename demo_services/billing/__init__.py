"""Billing: prices orders, writes invoices, has them paid, and queues receipts."""
