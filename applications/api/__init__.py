"""The API of parent services: contracts begin, are extended, shortened and end (O-18).

OpenAPI 3.1; refusals are problem+json (RFC 9457).
"""
