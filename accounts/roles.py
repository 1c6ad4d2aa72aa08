"""Which role may do which act: the whole table, in one file.

A person's roles are grants (`accounts.models.RoleGrant`); everybody with an account is an applicant. An agent by proxy
is one by what they filed for somebody else (`applications.services.filing`), a parent service by its key to the API.
Nobody's own application is handled by themselves: that is checked beside the object, not here.
"""

from collections.abc import Collection
from itertools import combinations

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.acts import Act


class Role(models.TextChoices):
    """The roles of the terms and of the office."""

    APPLICANT = "applicant", _("applicant or subscriber")
    PROXY = "proxy", _("agent by proxy")
    CONTRACT_ADMIN = "contract_admin", _("contract administrator")
    EXAMINER = "examiner", _("examiner")
    APPROVER = "approver", _("approver")
    RULES_MANAGER = "rules_manager", _("rules manager")
    KEY_OFFICER = "key_officer", _("key officer")
    AGENT = "agent", _("call-center agent")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("system administrator")
    API_CLIENT = "api_client", _("parent service (API)")
    SYSTEM = "system", _("system")
    ANYONE = "anyone", _("anyone")


STAFF = frozenset(
    {
        Role.EXAMINER,
        Role.APPROVER,
        Role.RULES_MANAGER,
        Role.KEY_OFFICER,
        Role.AGENT,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }
)
GIVEN = STAFF | {Role.CONTRACT_ADMIN}
"""What an administrator may propose for somebody; the other roles come by an account, a case, a key, or by nature."""

INCOMPATIBLE = frozenset(
    {
        # Who keeps the accounts sees no applicant, and who audits has done nothing of what is audited (J-3.1).
        *(frozenset({Role.ADMINISTRATOR, other}) for other in STAFF - {Role.ADMINISTRATOR}),
        *(frozenset({Role.AUDITOR, other}) for other in STAFF - {Role.AUDITOR}),
        # Whoever takes the call asks for a revocation and never approves it; whoever holds keys decides nothing.
        frozenset({Role.AGENT, Role.APPROVER}),
        frozenset({Role.KEY_OFFICER, Role.EXAMINER}),
        frozenset({Role.KEY_OFFICER, Role.APPROVER}),
        frozenset({Role.RULES_MANAGER, Role.KEY_OFFICER}),
    }
)
"""Pairs that nobody holds together. Examiner and approver are two people case by case, as the rules pin it."""


def clashes(roles: Collection[str]) -> list[tuple[Role, Role]]:
    """Return the pairs among `roles` that nobody may hold together, in a fixed order."""
    named = sorted(Role(role) for role in roles)
    return [(one, two) for one, two in combinations(named, 2) if frozenset({one, two}) in INCOMPATIBLE]


_OFFICE = frozenset({Role.EXAMINER, Role.APPROVER})
_PEOPLE = frozenset({Role.APPLICANT})
_SYSTEM = frozenset({Role.SYSTEM})
_EVERYBODY = frozenset(Role)
_RULES_PEOPLE = frozenset({Role.RULES_MANAGER})
_RULES = _RULES_PEOPLE | _SYSTEM
_CONTRACTS = _RULES | {Role.API_CLIENT}

ACT_ROLES: dict[Act, frozenset[Role]] = {
    Act.EVIDENCE_READ: frozenset({Role.AUDITOR}),
    Act.EVIDENCE_ERASE: _SYSTEM,
    Act.EVIDENCE_EXPORT: frozenset({Role.AUDITOR}),
    Act.EVIDENCE_PROVE: frozenset({Role.AUDITOR}),
    Act.EVIDENCE_KEY_CREATE: _SYSTEM,
    Act.EVIDENCE_RECONCILE: frozenset({Role.KEY_OFFICER}),
    Act.BLOB_OPEN: _OFFICE | _PEOPLE | _SYSTEM,
    Act.BLOB_DESTROY: _SYSTEM | _PEOPLE,
    Act.BLOB_RESEAL: frozenset({Role.KEY_OFFICER}),
    Act.PAGE_VISIT: _EVERYBODY,
    Act.ACCOUNT_PREPARE: _PEOPLE | _SYSTEM,
    Act.ACCOUNT_SIGN_UP: _EVERYBODY,
    Act.ACCOUNT_SIGN_IN: _EVERYBODY,
    Act.ACCOUNT_SIGN_IN_FAIL: _EVERYBODY,
    Act.ACCOUNT_SIGN_OUT: _EVERYBODY,
    Act.ACCOUNT_MANAGE_OWN: _PEOPLE | STAFF,
    Act.ACCOUNT_SECOND_FACTOR_ADD: _PEOPLE | STAFF,
    Act.ACCOUNT_SECOND_FACTOR_REMOVE: _PEOPLE | STAFF,
    Act.ACCOUNT_CHANGE_PROPOSE: frozenset({Role.ADMINISTRATOR}),
    Act.ACCOUNT_CHANGE_CONFIRM: frozenset({Role.ADMINISTRATOR}),
    Act.ACCOUNT_CHANGE_DECLINE: frozenset({Role.ADMINISTRATOR}),
    Act.PERSONAL_DATA_LOOK: _OFFICE | {Role.AGENT, Role.AUDITOR},
    Act.STAFF_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Act.STAFF_INVITE: frozenset({Role.ADMINISTRATOR, Role.SYSTEM}),
    Act.STAFF_CONFIRM: frozenset({Role.ADMINISTRATOR}),
    Act.STAFF_DECLINE: frozenset({Role.ADMINISTRATOR}),
    Act.STAFF_LOCK: frozenset({Role.ADMINISTRATOR}),
    Act.STAFF_REVIEW: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Act.STAFF_JOIN: _EVERYBODY,
    Act.ROLE_GRANT: _SYSTEM,
    Act.ROLE_END: frozenset({Role.ADMINISTRATOR, Role.SYSTEM}),
    Act.NOTICE_SEND: _SYSTEM,
    Act.NOTICE_BOUNCE: _SYSTEM,
    Act.NOTICE_FAIL: _SYSTEM,
    Act.NOTICE_RETRY: _RULES_PEOPLE,
    Act.DOCUMENT_LOAD: _SYSTEM,
    Act.DOCUMENT_READ: frozenset({Role.RULES_MANAGER, Role.AUDITOR}),
    Act.DOCUMENT_DRAFT: _RULES_PEOPLE,
    Act.DOCUMENT_HAND_IN: _RULES_PEOPLE,
    Act.DOCUMENT_REVIEW: _RULES_PEOPLE,
    Act.DOCUMENT_RETURN: _RULES_PEOPLE,
    Act.DOCUMENT_PUBLISH: _RULES_PEOPLE,
    Act.DOCUMENT_GOVERN: _RULES_PEOPLE,
    Act.DOCUMENT_DISCARD: _RULES_PEOPLE,
    Act.RULES_READ: frozenset({Role.RULES_MANAGER, Role.AUDITOR}),
    Act.RULES_DRAFT: _RULES,
    Act.RULES_ACTIVATE: _RULES,
    Act.RULES_SUPERSEDE: _RULES,
    Act.RULES_DISCARD: _RULES_PEOPLE,
    Act.CONTRACT_READ: _OFFICE | {Role.RULES_MANAGER, Role.AUDITOR},
    Act.CONTRACT_READ_OWN: _PEOPLE,
    Act.CONTRACT_MAINTAIN: _CONTRACTS,
    Act.CONTRACT_BEGIN: _CONTRACTS,
    Act.CONTRACT_EXTEND: _CONTRACTS,
    Act.CONTRACT_SHORTEN: _CONTRACTS,
    Act.CONTRACT_END: _CONTRACTS,
    Act.CONTRACT_FOLLOW: _SYSTEM,
    Act.CONTRACT_REPORT: frozenset({Role.API_CLIENT}),
    Act.CONTRACT_FILE_RECEIVE: _RULES,
    Act.CONTRACT_FILE_CHECK: _RULES,
    Act.CONTRACT_FILE_STOP: _RULES,
    Act.CONTRACT_FILE_CLEAR: _SYSTEM,
    Act.CONTRACT_FILE_FAULT: _SYSTEM,
    Act.CONTRACT_FILE_CONFIRM: _RULES,
    Act.CONTRACT_FILE_HALT: _SYSTEM,
    Act.CONTRACT_FILE_LOAD: _SYSTEM,
    Act.CONTRACT_FILE_DISCARD: _RULES,
    Act.API_ACCESS_MAINTAIN: frozenset({Role.RULES_MANAGER, Role.ADMINISTRATOR, Role.SYSTEM}),
    Act.PARENT_SERVICE_MAINTAIN: _RULES,
    Act.CALENDAR_READ: STAFF,
    Act.CALENDAR_MAINTAIN: frozenset({Role.RULES_MANAGER, Role.SYSTEM}),
    Act.SUSPENSION_ANNOUNCE: frozenset({Role.RULES_MANAGER, Role.SYSTEM}),
    Act.CONSENT_GIVE: _PEOPLE,
    Act.CONSENT_RENEW: _PEOPLE,
    Act.CONSENT_ASK: _SYSTEM,
    Act.SUBSCRIPTION_START: _PEOPLE | _SYSTEM | {Role.AGENT},
    Act.SUBSCRIPTION_SUSPEND: frozenset({Role.APPROVER}),
    Act.SUBSCRIPTION_RESUME: frozenset({Role.APPROVER}),
    Act.SUBSCRIPTION_END: _SYSTEM | {Role.APPROVER},
    Act.SUBSCRIPTION_MOVE: _SYSTEM,
    Act.AUTHORITY_CREATE: _SYSTEM,
    Act.AUTHORITY_RENEW: _SYSTEM,
    Act.SAMPLE_ASK: _RULES,
    Act.SAMPLE_CLEAR: _SYSTEM,
    Act.SAMPLE_FAIL: _SYSTEM,
    Act.ORDER_READ: _OFFICE | {Role.KEY_OFFICER, Role.AUDITOR},
    Act.ORDER_PROPOSE: _PEOPLE,
    Act.ORDER_REVISE: _PEOPLE,
    Act.ORDER_VOID: _OFFICE,
    Act.ORDER_APPROVE: _PEOPLE | _OFFICE,
    Act.ORDER_QUEUE: _SYSTEM | _OFFICE,
    Act.ORDER_AWAIT_KEY: _SYSTEM | _OFFICE | {Role.KEY_OFFICER},
    Act.ORDER_GIVE_KEY: _PEOPLE,
    Act.ORDER_TAKE_BACK_KEY: _PEOPLE,
    Act.ORDER_REOPEN: _PEOPLE,
    Act.ORDER_CANCEL: _PEOPLE | _OFFICE | _SYSTEM,
    Act.ORDER_CLAIM: _SYSTEM,
    Act.ORDER_FAIL: _SYSTEM,
    Act.ORDER_RETRY: frozenset({Role.APPROVER, Role.KEY_OFFICER}),
    Act.ORDER_RELEASE: _SYSTEM,
    Act.INTENT_ABANDON: _SYSTEM,
    Act.CERTIFICATE_ISSUE: _SYSTEM,
    Act.REGISTER_READ: _OFFICE | {Role.KEY_OFFICER, Role.AUDITOR},
    Act.REGISTER_EXPORT: _OFFICE | {Role.AUDITOR},
    Act.CERTIFICATE_READ: _PEOPLE | _OFFICE | {Role.AGENT, Role.AUDITOR},
    Act.CERTIFICATE_DELIVER: _SYSTEM | _PEOPLE | {Role.AGENT},
    Act.CERTIFICATE_DOWNLOAD: _PEOPLE,
    Act.CERTIFICATE_ACCEPT: _PEOPLE,
    Act.CERTIFICATE_REPORT: _PEOPLE,
    Act.CERTIFICATE_REMIND: _SYSTEM,
    Act.CERTIFICATE_REVOKE: frozenset({Role.APPROVER, Role.SYSTEM}),
    Act.CERTIFICATE_EXPIRE: _SYSTEM,
    Act.CERTIFICATE_CHECK: _SYSTEM,
    Act.PIN_LETTER_READ: frozenset({Role.KEY_OFFICER, Role.AUDITOR}),
    Act.PIN_LETTER_RELEASE: frozenset({Role.KEY_OFFICER}),
    Act.PIN_LETTER_PRINT: _SYSTEM,
    Act.PIN_LETTER_HAND_OVER: _SYSTEM,
    Act.PIN_LETTER_FAIL: _SYSTEM,
    Act.PIN_LETTER_LOSE: _SYSTEM,
    Act.PIN_LETTER_FIND: frozenset({Role.KEY_OFFICER}),
    Act.PIN_LETTER_REPLACE: frozenset({Role.KEY_OFFICER}),
    Act.PIN_LETTER_CANCEL: frozenset({Role.KEY_OFFICER, Role.SYSTEM}),
    Act.SERVICE_NOTICE_RESEND: _OFFICE | {Role.AGENT},
    Act.SERVICE_NOTICE_REACH: _PEOPLE | _OFFICE | {Role.AGENT},
    Act.SIGNER_REFUSE: _SYSTEM,
    Act.SIGNER_RECONCILE: frozenset({Role.KEY_OFFICER}),
    Act.CLOCK_ACCEPT: frozenset({Role.KEY_OFFICER}),
    Act.RECOVERY_ASK: frozenset({Role.KEY_OFFICER}),
    Act.RECOVERY_RELEASE: frozenset({Role.KEY_OFFICER}),
    Act.REVOCATION_READ: _OFFICE | {Role.AGENT, Role.AUDITOR},
    Act.REVOCATION_REQUEST: _PEOPLE,
    Act.REVOCATION_REQUEST_BY_STAFF: _OFFICE,
    Act.REVOCATION_REQUEST_FOR_CALLER: frozenset({Role.AGENT}),
    Act.REVOCATION_REQUEST_FOR_CONTRACT: _PEOPLE,
    Act.REVOCATION_REPORT: _EVERYBODY,
    Act.REVOCATION_VERIFY: _OFFICE | {Role.AGENT},
    Act.REVOCATION_SUBMIT: _OFFICE | _PEOPLE | _SYSTEM | {Role.AGENT},
    Act.REVOCATION_APPROVE: frozenset({Role.APPROVER}),
    Act.REVOCATION_DENY: frozenset({Role.APPROVER}),
    Act.MASS_PROPOSE: _OFFICE,
    Act.MASS_APPROVE: frozenset({Role.APPROVER}),
    Act.MASS_DISCARD: _OFFICE,
    Act.MASS_STOP: _OFFICE,
    Act.MASS_RESUME: frozenset({Role.APPROVER}),
    Act.MASS_FINISH: _SYSTEM,
    Act.REVOCATION_CHALLENGE: _EVERYBODY,
    Act.REVOCATION_PROVE: _EVERYBODY,
    Act.REVOCATION_AT_ONCE: frozenset({Role.APPROVER}),
    Act.REVOCATION_COUNTERSIGN: frozenset({Role.APPROVER}),
    Act.REVOCATION_OBJECT: frozenset({Role.APPROVER}),
    Act.REVOCATION_COMPLETE: _SYSTEM,
    Act.REVOCATION_NOTIFY: _SYSTEM,
    Act.CRL_PUBLISH: _SYSTEM,
    Act.RESPONDER_CERTIFY: _SYSTEM,
    Act.APPLICATION_READ_OWN: _PEOPLE,
    Act.APPLICATION_START: _PEOPLE,
    Act.APPLICATION_EDIT: _PEOPLE,
    Act.APPLICATION_UPLOAD: _PEOPLE,
    Act.APPLICATION_SUBMIT: _PEOPLE,
    Act.APPLICATION_WITHDRAW: _PEOPLE,
    Act.APPLICATION_PRESENT: _PEOPLE | _SYSTEM,
    Act.APPLICATION_RECALL: _PEOPLE,
    Act.APPLICATION_DECLINE: _PEOPLE,
    Act.APPLICATION_TAKE_OVER: _PEOPLE,
    Act.APPLICATION_ANSWER: _PEOPLE,
    Act.APPLICATION_REMIND: _SYSTEM,
    Act.APPLICATION_ALARM: _SYSTEM,
    Act.APPLICATION_REOPEN: _PEOPLE,
    Act.APPLICATION_LAPSE: _SYSTEM,
    Act.APPLICATION_READ: _OFFICE | {Role.AUDITOR},
    Act.APPLICATION_CLAIM: frozenset({Role.EXAMINER}),
    Act.APPLICATION_RELEASE: frozenset({Role.EXAMINER, Role.SYSTEM}),
    Act.APPLICATION_HAND_OVER: _OFFICE,
    Act.APPLICATION_EXPORT: _OFFICE,
    Act.APPLICATION_EXAMINE: frozenset({Role.EXAMINER}),
    Act.APPLICATION_OVERRIDE: frozenset({Role.EXAMINER}),
    Act.APPLICATION_ASK: frozenset({Role.EXAMINER}),
    Act.APPLICATION_CONTACT: _OFFICE,
    Act.APPLICATION_RECOMMEND: frozenset({Role.EXAMINER}),
    Act.APPLICATION_APPROVE: frozenset({Role.APPROVER}),
    Act.APPLICATION_RETURN: frozenset({Role.APPROVER}),
    Act.APPLICATION_REFUSE: frozenset({Role.APPROVER}),
    Act.ADVANCE_START: _RULES_PEOPLE,
    Act.ADVANCE_STOP: _RULES_PEOPLE,
    Act.ADVANCE_RESUME: _RULES_PEOPLE,
    Act.ADVANCE_FINISH: _SYSTEM,
    Act.ADVANCE_RESEND: _RULES_PEOPLE,
    Act.CAMPAIGN_PREPARE: _RULES_PEOPLE,
    Act.CAMPAIGN_READ: frozenset({Role.RULES_MANAGER, Role.AUDITOR}),
    Act.CAMPAIGN_START: _RULES_PEOPLE,
    Act.CAMPAIGN_DISCARD: _RULES_PEOPLE,
    Act.CAMPAIGN_STOP: _RULES_PEOPLE,
    Act.CAMPAIGN_RESUME: _RULES_PEOPLE,
    Act.CAMPAIGN_FINISH: _SYSTEM,
    Act.CAMPAIGN_OFFER: _SYSTEM,
    Act.CAMPAIGN_TAKE_UP: _PEOPLE,
    Act.CAMPAIGN_REOPEN: _SYSTEM,
    Act.CAMPAIGN_ISSUE: _SYSTEM,
    Act.CAMPAIGN_DECLINE: _PEOPLE,
    Act.CAMPAIGN_SKIP: _SYSTEM,
    Act.CAMPAIGN_EXPIRE: _SYSTEM,
    Act.WATCH_LIST_READ: _OFFICE | {Role.RULES_MANAGER, Role.AUDITOR},
    Act.WATCH_LIST_ADD: _RULES,
    Act.WATCH_LIST_END: _RULES,
    Act.UPLOAD_DESTROY: _SYSTEM,
    Act.APPLICATION_ERASE: _SYSTEM,
    Act.BATCH_RECEIVE: _PEOPLE,
    Act.BATCH_READ: _PEOPLE,
    Act.BATCH_CHECK: _PEOPLE | _SYSTEM,
    Act.BATCH_STOP: _PEOPLE | _SYSTEM,
    Act.BATCH_CLEAR: _SYSTEM,
    Act.BATCH_FAULT: _SYSTEM,
    Act.BATCH_DOCUMENT: _PEOPLE,
    Act.BATCH_CONFIRM: _PEOPLE,
    Act.BATCH_HALT: _PEOPLE | _SYSTEM,
    Act.BATCH_RESUME: _PEOPLE,
    Act.BATCH_FILE: _SYSTEM,
    Act.BATCH_DISCARD: _PEOPLE | _SYSTEM,
    Act.BATCH_OPEN: _OFFICE | {Role.AUDITOR},
    Act.BATCH_EXAMINE: frozenset({Role.EXAMINER}),
    Act.BATCH_APPROVE: frozenset({Role.APPROVER}),
    Act.BATCH_PROPOSE: frozenset({Role.EXAMINER}),
    Act.BATCH_REFUSE: frozenset({Role.APPROVER}),
    Act.CHANGE_SUBMIT: _PEOPLE,
    Act.CHANGE_WITHDRAW: _PEOPLE,
    Act.CHANGE_READ: _OFFICE | {Role.AUDITOR},
    Act.CHANGE_CLAIM: frozenset({Role.EXAMINER}),
    Act.CHANGE_RELEASE: frozenset({Role.EXAMINER, Role.SYSTEM}),
    Act.CHANGE_PROPOSE: frozenset({Role.EXAMINER}),
    Act.CHANGE_RETURN: frozenset({Role.APPROVER}),
    Act.CHANGE_SETTLE: frozenset({Role.APPROVER}),
    Act.CHANGE_ALARM: _SYSTEM,
    Act.CHANGE_ERASE: _SYSTEM,
    Act.UPLOAD_READ: _OFFICE | _PEOPLE | {Role.AUDITOR},
    Act.DESK_WORK: frozenset({Role.AGENT}),
    Act.DESK_SEARCH: frozenset({Role.AGENT}),
    Act.TICKET_OPEN: frozenset({Role.AGENT}),
    Act.TICKET_NOTE: frozenset({Role.AGENT}),
    Act.TICKET_ANSWER: frozenset({Role.AGENT}),
    Act.TICKET_CLOSE: frozenset({Role.AGENT}),
    Act.TICKET_LINK: frozenset({Role.AGENT}),
    Act.TICKET_READ: _OFFICE | {Role.AGENT},
    Act.TICKET_READ_OWN: _PEOPLE,
    Act.TICKET_WRITE: _EVERYBODY,
    Act.TICKET_SORT: frozenset({Role.AGENT}),
    Act.TICKET_ASSIGN: frozenset({Role.AGENT}),
    Act.TICKET_HAND_OVER: frozenset({Role.AGENT}),
    Act.TICKET_ESCALATE: frozenset({Role.AGENT}),
    Act.TICKET_ADVISE: _OFFICE,
    Act.TICKET_WAIT: frozenset({Role.AGENT}),
    Act.TICKET_RESUME: _EVERYBODY,
    Act.TICKET_REOPEN: _EVERYBODY,
    Act.TICKET_ALARM: _SYSTEM,
    Act.MAIL_TAKE: _SYSTEM,
    Act.MAIL_READ: _OFFICE | {Role.AGENT},
    Act.CALLER_VERIFY: frozenset({Role.AGENT}),
}


def roles_for(act: Act) -> frozenset[Role]:
    """Return the roles that may do `act`; an act without a line may be done by nobody."""
    return ACT_ROLES.get(act, frozenset())
