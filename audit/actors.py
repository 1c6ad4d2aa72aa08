"""Who acts: a person with roles, or a part of the system; and from where."""

from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """Someone or something that acts. `acting_as` is the role in which the act is done.

    It is empty until `accounts.services.authorise` has found a role that permits the act.
    """

    person_id: UUID | None
    roles: frozenset[str]
    origin: str = ""
    acting_as: str = ""

    @classmethod
    def system(cls, name: str) -> "Actor":
        """Return the actor for a part of the system, such as the signer or a sweep."""
        return cls(person_id=None, roles=frozenset({"system"}), acting_as=f"system:{name}")

    @classmethod
    def client(cls, prefix: str, origin: str) -> "Actor":
        """Return the actor for a parent service that calls with the key of `prefix`."""
        return cls(None, frozenset({"api_client"}), origin, acting_as=f"api_client:{prefix}")

    @classmethod
    def anyone(cls, origin: str) -> "Actor":
        """Return the actor for a visitor who is not signed in."""
        return cls(person_id=None, roles=frozenset({"anyone"}), origin=origin, acting_as="anyone")

    def acting(self, role: str) -> "Actor":
        """Return the same actor acting in `role`."""
        return replace(self, acting_as=role)
