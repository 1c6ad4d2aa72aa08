"""The demo authorities: a root and one issuing CA, made by the same ceremony as real ones."""

import shutil

import psycopg2

from lra_portal.quickstart.portal import Portal

ISSUING_CA = "issuing"


def address_of_authority(portal: Portal) -> str:
    """Return where the issuing CA's certificates say that its list is, or nothing before the ceremony."""
    url = portal.services.database_url("lra_owner", portal.database)
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT crl_url FROM certificates_certificationauthority WHERE name = %s", [ISSUING_CA])
            return "".join(row[0] for row in cursor.fetchall())
    finally:
        connection.close()


def has_evidence_key(portal: Portal) -> bool:
    """Tell whether there is a key that signs seals over the evidence."""
    connection = psycopg2.connect(portal.services.database_url("lra_owner", portal.database))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT FROM audit_sealkey LIMIT 1")
            return cursor.rowcount > 0
    finally:
        connection.close()


def hold_ceremony(portal: Portal) -> None:
    """Make the root and the issuing CA, with the addresses that this portal answers at.

    Keys that a killed ceremony left behind belong to no authority in the database: nothing was ever
    signed with them that anybody could know, and they are thrown away.
    """
    shutil.rmtree(portal.folder / "ca-keys", ignore_errors=True)
    portal.manage(
        "signer", "create_authority", "--name", ISSUING_CA, "--status-url", portal.status_url,
        "--ocsp-url", portal.responder_url, "--organization", "Demo LRA",
        "--common-name", "Demo LRA Issuing CA", "--root-common-name", "Demo LRA Root CA",
    )  # fmt: skip
