"""Revoking as it happens: requests come in, are verified and decided; the certificate is revoked; people are told."""
