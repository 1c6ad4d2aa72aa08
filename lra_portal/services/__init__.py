"""PostgreSQL and Valkey out of wheels, for the quick start, tests and benchmarks.

Production names its own servers in ``DATABASE_URL``, ``BROKER_URL`` and ``CACHE_URL`` and never
comes here. ``with lease() as services:`` is all that a user of this package needs.
"""

from lra_portal.services.lease import LOGIN_ROLES, OWNER, Services, clean, lease
from lra_portal.services.place import ServiceProblem

__all__ = ["LOGIN_ROLES", "OWNER", "ServiceProblem", "Services", "clean", "lease"]
