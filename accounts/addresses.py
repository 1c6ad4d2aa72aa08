"""The mail addresses that a person has confirmed beside the one that they sign in with."""

from allauth.account.models import EmailAddress

from accounts.models import User


def second_address(person: User) -> str:
    """Return the first confirmed address of a person that is not the account's own, or ""."""
    others = EmailAddress.objects.filter(user=person, verified=True).exclude(email__iexact=person.email)
    found = others.order_by("pk").values_list("email", flat=True).first()
    return str(found).lower() if found else ""
