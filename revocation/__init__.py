"""Revocation requests, certificate revocation lists and OCSP."""
