"""What a person needs to know once the portal is up."""

from lra_portal.demo.people import PASSWORD, PEOPLE
from lra_portal.quickstart.authorities import address_of_authority
from lra_portal.quickstart.portal import Portal


def print_banner(portal: Portal) -> None:
    """Print the address, the demo people with their passwords, and where mail is read."""
    print(f"\nThe portal is at {portal.site_url}/")
    print(f"  mail it sent     {portal.site_url}/outbox/")
    print(f"  OCSP responder   {portal.responder_url}")
    print(f"  logs             {portal.logs}")
    named = address_of_authority(portal)
    if not named.startswith(f"{portal.status_url}/"):
        print(f"Certificates go on naming {named}: lists and OCSP are found there with the first PORT alone.")
    print(f"\nDemo people (all invented); everybody's password is {PASSWORD}")
    for person in PEOPLE:
        print(f"  {person.email:34} {person.says}")
    print("\nStaff are asked for a six-digit code as well: it stands on the page of sent mail,")
    print("and `.venv/bin/python -m lra_portal.quickstart code` prints it.")
    print("\nCtrl-C stops everything; the data stays. `make clean` removes it.", flush=True)
