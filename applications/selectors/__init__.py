"""Reads that join: the queue, one case, one story."""
