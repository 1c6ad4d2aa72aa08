"""What must hold of orders and certificates after every fault, at every time (G1 to G3, G7).

`manage.py check_invariants` asks each app for its breaches; a good database has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cryptography import x509
from django.db import connection

from certificates import names, rules
from certificates.models import Certificate

CHUNK = 500
_QUERIES = {
    "G1: serial {0} twice": """
        SELECT serial, count(*) FROM certificates_intent GROUP BY authority_id, serial HAVING count(*) > 1
    """,
    "G2: order {0} has {1} signed intents": """
        SELECT order_id, count(*) FROM certificates_intent WHERE status = 'signed' AND order_id IS NOT NULL
        GROUP BY order_id HAVING count(*) > 1
    """,
    "G2: order {0} is issued without a certificate": """
        SELECT o.id FROM certificates_order o LEFT JOIN certificates_certificate c ON c.order_id = o.id
        WHERE o.status = 'issued' AND c.id IS NULL
    """,
    "G2: certificate {0} of an order that is {1}": """
        SELECT c.management_number, o.status FROM certificates_certificate c
        JOIN certificates_order o ON o.id = c.order_id WHERE o.status <> 'issued'
    """,
    "G2: subscription {0} has {2} certificates as its {1}": """
        SELECT subscription_id, slot, count(*) FROM certificates_certificate WHERE slot <> 'past'
        GROUP BY subscription_id, slot HAVING count(*) > 1
    """,
    "G3: certificate {0} without its signed intent": """
        SELECT c.management_number FROM certificates_certificate c JOIN certificates_intent i ON i.id = c.intent_id
        WHERE i.status <> 'signed' OR i.serial <> c.serial OR i.authority_id <> c.authority_id
           OR i.order_id IS DISTINCT FROM c.order_id
    """,
    "G3: signed intent {0} without its certificate": """
        SELECT i.serial FROM certificates_intent i LEFT JOIN certificates_certificate c ON c.intent_id = i.id
        WHERE i.status = 'signed' AND c.id IS NULL
    """,
    "G2: certificate {0} is for another key than its holder gave": """
        SELECT c.management_number FROM certificates_certificate c JOIN certificates_order o ON o.id = c.order_id
        WHERE o.frozen->>'key_mode' = 'browser' AND c.public_key_sha256 IS DISTINCT FROM (
            SELECT k.public_key_sha256 FROM certificates_holderkey k
            WHERE k.order_id = o.id ORDER BY k.turn DESC LIMIT 1)
    """,
    "G7: order {0} is {1}, and no event says who did that": """
        SELECT o.id, o.status FROM certificates_order o WHERE o.status <> 'proposed' AND NOT EXISTS (
            SELECT FROM audit_event e WHERE e.subject_type = 'certificates.order' AND e.subject_id = o.id::text
            AND e.after = o.status AND e.outcome = 'done' AND e.role <> '')
    """,
    "G7: intent {0} is {1}, and no event says who did that": """
        SELECT i.serial, i.status FROM certificates_intent i WHERE i.status = 'abandoned' AND NOT EXISTS (
            SELECT FROM audit_event e WHERE e.subject_type = 'certificates.intent' AND e.subject_id = i.id::text
            AND e.after = i.status AND e.outcome = 'done' AND e.role <> '')
    """,
    "G7: intent {0} is signed, and no event says who issued its certificate": """
        SELECT i.serial FROM certificates_intent i WHERE i.status = 'signed' AND NOT EXISTS (
            SELECT FROM audit_event e WHERE e.subject_type = 'certificates.order' AND e.subject_id = i.order_id::text
            AND e.act = 'certificate:issue' AND e.outcome = 'done' AND e.role <> '')
    """,
}


def breaches() -> Iterator[str]:
    """Yield one line for everything that does not hold."""
    for words, query in _QUERIES.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            for row in cursor.fetchall():
                yield words.format(*row)
    for certificate in Certificate.objects.select_related("intent", "authority").iterator(CHUNK):
        for fault in faults_of(certificate):
            yield f"{certificate.management_number}: {fault}"


def faults_of(row: Certificate) -> Iterator[str]:
    """Yield where a stored certificate and the columns, intent and issuer beside it differ."""
    der = bytes(row.der)
    try:
        parsed = x509.load_der_x509_certificate(der)
        issuer = x509.load_der_x509_certificate(bytes(row.authority.certificate_der))
        parsed.verify_directly_issued_by(issuer)
    except Exception as error:  # noqa: BLE001 — whatever makes it unreadable or unsigned is the finding
        yield f"does not parse or verify ({type(error).__name__})"
        return
    subject = names.parts_of(parsed.subject)
    pairs = {
        "sha256": (hashlib.sha256(der).hexdigest(), row.sha256),
        "serial": (f"{parsed.serial_number:040x}", row.serial),
        "not_before": (parsed.not_valid_before_utc, row.not_before),
        "not_after": (parsed.not_valid_after_utc, row.not_after),
        "subject_text": (rules.subject_text(subject), row.subject_text),
        "shard": (row.intent.statement.get("shard", 0), row.shard),
        "common_name": (rules.common_name(subject), row.common_name),
        "intent": ([list(part) for part in subject], row.intent.statement.get("subject")),
    }
    for column, (printed, stored) in pairs.items():
        if printed != stored:
            yield f"{column} is not what the certificate says"
