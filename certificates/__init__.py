"""Authorities, orders with their approvals, signing, delivery and acceptance of certificates."""
