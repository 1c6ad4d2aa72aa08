"""What an accreditation of certificate handling asks, and what the records here can and can't show of it (J-3.1).

The criteria are those that an assessor goes through one after the other; the acts are what the export of each contains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Criterion:
    """One criterion: the subjects of its acts (the word before the colon), and single acts besides.

    One takes the rest: what belongs to no other.
    """

    key: str
    title: Text
    shows: tuple[Text, ...]
    lacks: tuple[Text, ...]
    subjects: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    pages: tuple[tuple[Text, str], ...] = ()
    takes_rest: bool = False

    def covers(self, act: str) -> bool:
        """Tell whether an act belongs to the export of this criterion."""
        if act in self.acts or act.partition(":")[0] in self.subjects:
            return True
        return self.takes_rest and not any(other.covers(act) for other in CRITERIA if not other.takes_rest)


CRITERIA: Final = (
    Criterion(
        "application",
        _("Application and identity check"),
        (
            _(
                "Every application with its consents, documents by digest, and each item examined: result, evidence, who, when."  # noqa: E501 — one message of the catalogue
            ),
            _("That examiner, approver and applicant were different people, and what each of them saw when deciding."),
            _("Refusals, returns and requests for further documents with their grounds."),
        ),
        (
            _("Whether a document is genuine, or what was said on the telephone beyond the note that was made of it."),
            _("Documents whose retention has passed: their digest and the day of destruction remain."),
        ),
        ("application", "batch", "upload", "consent", "watch_list", "change", "contract", "contract_file"),
        pages=((_("Follow a story"), "applications:stories"), (_("Figures"), "applications:dashboard")),
    ),
    Criterion(
        "staff",
        _("Staff and training"),
        (
            _("Who was brought into the office by whom, who confirmed it, and when they left."),
            _("Each role from its beginning to its end, and pairs of roles that nobody may hold together."),
        ),
        (
            _("Training, its contents and who attended: no record of it is kept here."),
            _("Contracts of employment, confidentiality pledges and background checks."),
        ),
        ("staff", "role"),
        pages=((_("Report on roles"), "accounts:review"),),
    ),
    Criterion(
        "authentication",
        _("Access authentication"),
        (
            _("Every sign-in and every failed one, with time and network address; second factors added and removed."),
            _("Refused attempts with the page and the act that was refused."),
        ),
        (
            _("Who sat at the keyboard, and how passwords and keys are kept at the workplace."),
            _("Sign-ins to servers, to the database and to the machine rooms: their own logs tell."),
        ),
        ("account", "account_change"),
        pages=((_("All records"), "applications:events"),),
    ),
    Criterion(
        "operation",
        _("Operation and records"),
        (
            _(
                "Every act with who, role, time and address, sealed so that changes are found; each can be proved alone."  # noqa: E501 — one message of the catalogue
            ),
            _("That records were read, searched and taken out, and by whom; what was erased, when and why."),
            _("Inquiries from beginning to end, and notices that were sent, bounced or given up."),
        ),
        (
            _("What happened outside the portal, on paper or by word of mouth."),
            _(
                "What a superuser of the database does in the seconds before a seal: rights and machine logs answer for that."  # noqa: E501 — one message of the catalogue
            ),
        ),
        ("evidence", "ticket", "caller", "desk", "notice", "mail", "retention", "personal_data", "disclosure"),
        pages=((_("Seals over the records"), "applications:seals"), (_("Register"), "certificates:register")),
        takes_rest=True,
    ),
    Criterion(
        "life_cycle",
        _("Life cycle of certificates"),
        (
            _(
                "Orders, issue, delivery, acceptance, start of use, renewal, reissue, revocation and expiry of each certificate."  # noqa: E501 — one message of the catalogue
            ),
            _(
                "Time from a request to revoke until the list had it; the numbers of all lists; a second signature where one was enough."  # noqa: E501 — one message of the catalogue
            ),
        ),
        (
            _("What a subscriber does with certificate and key after acceptance."),
            _("Whether relying parties look at lists and responder."),
        ),
        (
            "order",
            "certificate",
            "register",
            "revocation",
            "mass_revocation",
            "crl",
            "service_notice",
            "subscription",
            "campaign",
            "intent",
            "responder",
        ),
        pages=((_("Register"), "certificates:register"), (_("Follow a story"), "applications:stories")),
    ),
    Criterion(
        "policy",
        _("Policies and rules"),
        (
            _(
                "Every version of terms, regulations and manuals: who drafted, reviewed and posted it, its digest, from when it applied."  # noqa: E501 — one message of the catalogue
            ),
            _("The rules of each target system by version, and which version stands behind each certificate."),
        ),
        (_("Whether people outside the portal follow the policies."),),
        ("document", "rules", "calendar", "suspension", "advance", "sample", "parent_service"),
        pages=(
            (_("Texts of the site"), "applications:texts"),
            (_("Target systems"), "applications:rule_systems"),
        ),
    ),
    Criterion(
        "network",
        _("Network"),
        (
            _("The network address from which each act came, and what was refused."),
            _("That only processes without keys face the outside; tests of the build show it."),
        ),
        (_("Firewalls, intrusion detection, updates of operating systems, and lines: the operator's documents tell."),),
        ("api_access",),
    ),
    Criterion(
        "rights",
        _("Authentication and rights"),
        (
            _("Which role may do which act, in one table that pages and services obey, and roles given by two people."),
            _("Each look at masked personal data with its reason, and everything sealed that was opened."),
        ),
        (_("Accounts of operating systems and of the database."),),
        ("role", "personal_data", "blob"),
        ("page:visit",),
        pages=((_("Report on roles"), "accounts:review"),),
    ),
    Criterion(
        "keys",
        _("Key management"),
        (
            _("Ceremonies of authorities and of the key of seals, with fingerprints; renewals and successors."),
            _(
                "Recoveries of subscriber keys with both officers; PIN letters from release to hand-over; exchange of vault keys."  # noqa: E501 — one message of the catalogue
            ),
            _("When a signer refused and who let it go on."),
        ),
        (
            _("Who was in the room at a ceremony beyond the record that they signed on paper."),
            _("The certification of an HSM and where its backups lie."),
        ),
        ("authority", "recovery", "pin_letter", "signer", "clock"),
        ("evidence:key_create", "evidence:reconcile", "blob:reseal", "order:give_key", "order:take_back_key"),
        pages=((_("Issue orders"), "certificates:orders"), (_("PIN letters"), "certificates:pin_letters")),
    ),
    Criterion(
        "facility",
        _("Facility"),
        (_("Nothing beyond the times at which the system and its signers were at work."),),
        (
            _(
                "Rooms, entry and exit, cameras, power, fire and water, media that were carried out: other records must show these."  # noqa: E501 — one message of the catalogue
            ),
        ),
        (),
        ("signer:refuse",),
    ),
)
BY_KEY: Final = {criterion.key: criterion for criterion in CRITERIA}
