"""The names of rules and the values that they may have, in words for the pages of rules."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

NAMES: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "purpose": gettext_lazy("Purpose"),
    "fee": pgettext_lazy("rule", "Fee"),
    "applicants": gettext_lazy("Who may apply"),
    "agents": gettext_lazy("Applying by an agent"),
    "identity": gettext_lazy("Fields that identify the subject"),
    "subscriptions_per_subject": gettext_lazy("Subscriptions per subject"),
    "four_eyes": gettext_lazy("Examined and approved by two people"),
    "promised_days": gettext_lazy("Business days until the result"),
    "key_modes": gettext_lazy("Ways to make the key"),
    "acceptance_days": gettext_lazy("Days to confirm receipt"),
    "acceptance_lapse": gettext_lazy("When receipt is not confirmed in time"),
    "reopen_days": gettext_lazy("Days in which a lapsed application can be reopened"),
    "override": gettext_lazy("Findings that an examiner may override"),
    "bulk": gettext_lazy("Applications by file for many people"),
    "bulk_consent": gettext_lazy("Who agrees when a file is sent in"),
    "backup": gettext_lazy("Backup of the key"),
    "pin_channel": gettext_lazy("Way of the PIN"),
    "pin_letter": gettext_lazy("Address of the PIN letter"),
    "consents": gettext_lazy("Documents to agree to"),
    "declarations": gettext_lazy("Declaration"),
    "fields": pgettext_lazy("rule", "Field"),
    "documents": pgettext_lazy("rule", "Document to hand in"),
    "examination": gettext_lazy("Examination item"),
    "subject": gettext_lazy("Part of the certificate's name"),
    "san_email": gettext_lazy("Mail address in the certificate"),
    "renewal": pgettext_lazy("rule", "Renewal"),
    "reissue": pgettext_lazy("rule", "Reissue"),
    "notices": pgettext_lazy("rule", "Reminders"),
    "retention": pgettext_lazy("rule", "Retention"),
    "profile": gettext_lazy("Certificate profile"),
    "company": pgettext_lazy("rule", "company"),
    "postal_code": pgettext_lazy("rule", "postal code"),
    "address": pgettext_lazy("rule", "address"),
    "allowed": pgettext_lazy("rule", "possible"),
    "opens_days": pgettext_lazy("rule", "days before the end from which it is possible"),
    "old_ends_days": pgettext_lazy("rule", "days after which the old certificate ends"),
    "expiry_days": pgettext_lazy("rule", "days before the certificate's end"),
    "documents_days": pgettext_lazy("rule", "days for documents"),
    "application_days": pgettext_lazy("rule", "days for what was filled in"),
    "label": pgettext_lazy("rule", "label"),
    "help": pgettext_lazy("rule", "help"),
    "group": pgettext_lazy("rule", "group"),
    "kind": pgettext_lazy("rule", "kind"),
    "required": pgettext_lazy("rule", "required"),
    "max_length": pgettext_lazy("rule", "longest"),
    "characters": pgettext_lazy("rule", "characters that may stand in it"),
    "source": pgettext_lazy("rule", "taken from"),
    "choices": pgettext_lazy("rule", "choices"),
    "max_age_days": pgettext_lazy("rule", "greatest age in days"),
    "instruction": pgettext_lazy("rule", "instruction"),
    "field": pgettext_lazy("rule", "field"),
    "evidence": pgettext_lazy("rule", "needs evidence"),
    "beside": pgettext_lazy("rule", "held against"),
    "type": pgettext_lazy("rule", "type"),
    "value": pgettext_lazy("rule", "value"),
    "key_types": pgettext_lazy("rule", "kinds of keys"),
    "lra_key_type": pgettext_lazy("rule", "kind of key that the LRA makes"),
    "signature_hash": pgettext_lazy("rule", "hash of the signature"),
    "key_usage": pgettext_lazy("rule", "key usage"),
    "extended_key_usage": pgettext_lazy("rule", "extended key usage"),
    "policy_oid": pgettext_lazy("rule", "policy"),
    "validity_days": pgettext_lazy("rule", "days of validity"),
    "issuer": pgettext_lazy("rule", "issuer"),
    "pkcs12": pgettext_lazy("rule", "encryption of the PKCS#12 file"),
    "crl_shards": pgettext_lazy("rule", "revocation lists that the certificates are spread over"),
}
KEYS: dict[str, str | Promise] = {
    "rsa2048": gettext_lazy("RSA with 2048 bits"),
    "rsa3072": gettext_lazy("RSA with 3072 bits"),
    "rsa4096": gettext_lazy("RSA with 4096 bits"),
    "p256": gettext_lazy("elliptic curve P-256"),
    "p384": gettext_lazy("elliptic curve P-384"),
    "ed25519": gettext_lazy("Ed25519"),
    "mldsa65": gettext_lazy("ML-DSA-65, safe from quantum computers"),
}
# What stands in a rule as a code, by the rule's name; a code without a word shows itself.
VALUES: dict[str, dict[str, str | Promise]] = {
    "fee": {
        "contained": gettext_lazy("contained in the fee of the parent service"),
        "none": pgettext_lazy("fee", "none"),
    },
    "applicants": {
        "verified": gettext_lazy("everybody whose mail address was verified"),
        "member": gettext_lazy("everybody whom a contract in force names"),
        "authorised_person": gettext_lazy("authorised persons of a contract in force"),
    },
    "agents": {
        "none": gettext_lazy("not possible"),
        "letter_of_proxy": gettext_lazy("possible with a letter of proxy"),
    },
    "key_modes": {
        "csr": gettext_lazy("by the applicant, who sends a request (CSR)"),
        "lra": gettext_lazy("by the registration authority, as a file with a PIN"),
        "browser": gettext_lazy("in the holder's browser at pick-up, after approval"),
    },
    "acceptance_lapse": {
        "remind": gettext_lazy("holder and office are reminded"),
        "revoke": gettext_lazy("the certificate is revoked"),
    },
    "override": {
        "document_age": gettext_lazy("a document is too old or not dated"),
        "document_missing": gettext_lazy("a required document is missing"),
        "scripts": gettext_lazy("a text mixes scripts"),
        "valid_certificate": gettext_lazy("a valid certificate is held already"),
        "key": gettext_lazy("a certificate was issued for the key before"),
        "duplicate": gettext_lazy("another application for the same subject is open"),
    },
    "bulk_consent": {
        "person": gettext_lazy("each person, by a link in a mail"),
        "administrator": gettext_lazy("the contract's administrator, for everybody"),
    },
    "pin_channel": {
        "mail": gettext_lazy("a mail of its own"),
        "second_mail": gettext_lazy("a mail to the holder's second confirmed address"),
        "letter": gettext_lazy("a printed letter to the registered address"),
    },
    "key_types": KEYS,
    "pkcs12": {
        "aes256": gettext_lazy("AES-256 with SHA-256"),
        "legacy_3des": gettext_lazy("Triple DES with SHA-1, only for old systems that open nothing else"),
    },
    "lra_key_type": KEYS,
    "signature_hash": {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"},
    "key_usage": {
        "digital_signature": gettext_lazy("digital signature"),
        "content_commitment": gettext_lazy("content commitment (non-repudiation)"),
        "key_encipherment": gettext_lazy("enciphering keys"),
        "data_encipherment": gettext_lazy("enciphering data"),
        "key_agreement": gettext_lazy("key agreement"),
    },
    "extended_key_usage": {
        "client_auth": gettext_lazy("logging in (client authentication)"),
        "email_protection": gettext_lazy("protecting mail"),
        "server_auth": gettext_lazy("server authentication"),
        "code_signing": gettext_lazy("signing programs"),
    },
    "group": {
        "company": gettext_lazy("about the company"),
        "person": gettext_lazy("about the person"),
        "certificate": gettext_lazy("printed in the certificate"),
        "contact": gettext_lazy("how to get in touch"),
    },
    "kind": {
        "text": gettext_lazy("text"),
        "kana": gettext_lazy("katakana"),
        "latin": gettext_lazy("English letters"),
        "corporate_number": gettext_lazy("corporate number"),
        "postal_code": gettext_lazy("postal code"),
        "tel": gettext_lazy("telephone number"),
        "email": gettext_lazy("mail address"),
        "date": gettext_lazy("date"),
        "choice": gettext_lazy("choice"),
        "compare": gettext_lazy("comparison with the documents"),
        "check": gettext_lazy("check by the examiner"),
        "telephone": gettext_lazy("telephone check"),
        "automatic": gettext_lazy("looked up by the system"),
    },
}


def word(name: str) -> str:
    """Return the word for the name of a rule; languages and unknown names as they are."""
    return str(NAMES.get(name, name))


def said(name: str, value: str) -> str:
    """Return the words for a value of the rule `name`; what is no code shows itself."""
    return str(VALUES.get(name, {}).get(value, value))


def listed(name: str, values: tuple[str, ...]) -> str:
    """Return the words for several values of the rule `name`, in their order."""
    return enumerated(said(name, value) for value in values)


def enumerated(parts: Iterable[str]) -> str:
    """Return several things one after the other, as the reader's language parts them."""
    return pgettext("between two of a list", ", ").join(parts)
