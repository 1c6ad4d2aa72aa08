"""Which role may do which act: the whole table, in one file.

A person's roles are grants (`accounts.models.RoleGrant`); everybody with an account is an applicant.
Nobody's own application is handled by themselves: that is checked beside the object, not here.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.acts import Act


class Role(models.TextChoices):
    """The roles of the terms and of the office."""

    APPLICANT = "applicant", _("applicant or subscriber")
    CONTRACT_ADMIN = "contract_admin", _("contract administrator")
    EXAMINER = "examiner", _("examiner")
    APPROVER = "approver", _("approver")
    RULES_MANAGER = "rules_manager", _("rules manager")
    KEY_OFFICER = "key_officer", _("key officer")
    AGENT = "agent", _("call-center agent")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("system administrator")
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
_OFFICE = frozenset({Role.EXAMINER, Role.APPROVER})
_PEOPLE = frozenset({Role.APPLICANT})
_SYSTEM = frozenset({Role.SYSTEM})
_EVERYBODY = frozenset(Role)
_RULES_PEOPLE = frozenset({Role.RULES_MANAGER})
_RULES = _RULES_PEOPLE | _SYSTEM

ACT_ROLES: dict[Act, frozenset[Role]] = {
    Act.EVIDENCE_READ: frozenset({Role.AUDITOR}),
    Act.EVIDENCE_ERASE: _SYSTEM,
    Act.BLOB_OPEN: _OFFICE | _PEOPLE | _SYSTEM,
    Act.BLOB_DESTROY: _SYSTEM | _PEOPLE,
    Act.PAGE_VISIT: _EVERYBODY,
    Act.ACCOUNT_PREPARE: _PEOPLE | _SYSTEM,
    Act.ACCOUNT_SIGN_UP: _EVERYBODY,
    Act.ACCOUNT_SIGN_IN: _EVERYBODY,
    Act.ACCOUNT_SIGN_IN_FAIL: _EVERYBODY,
    Act.ACCOUNT_SIGN_OUT: _EVERYBODY,
    Act.ACCOUNT_MANAGE_OWN: _PEOPLE | STAFF,
    Act.ACCOUNT_SECOND_FACTOR_ADD: _PEOPLE | STAFF,
    Act.ACCOUNT_SECOND_FACTOR_REMOVE: _PEOPLE | STAFF,
    Act.PERSONAL_DATA_LOOK: _OFFICE | {Role.AGENT, Role.AUDITOR},
    Act.STAFF_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Act.STAFF_INVITE: frozenset({Role.ADMINISTRATOR, Role.SYSTEM}),
    Act.STAFF_JOIN: _EVERYBODY,
    Act.ROLE_GRANT: frozenset({Role.ADMINISTRATOR, Role.SYSTEM}),
    Act.ROLE_END: frozenset({Role.ADMINISTRATOR, Role.SYSTEM}),
    Act.NOTICE_SEND: _SYSTEM,
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
    Act.CONTRACT_MAINTAIN: _RULES,
    Act.CONTRACT_BEGIN: _RULES,
    Act.CONTRACT_EXTEND: _RULES,
    Act.CONTRACT_SHORTEN: _RULES,
    Act.CONTRACT_END: _RULES,
    Act.CONTRACT_FOLLOW: _SYSTEM,
    Act.CONTRACT_REPORT: _SYSTEM,
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
    Act.ORDER_REOPEN: _PEOPLE,
    Act.ORDER_CANCEL: _PEOPLE | _OFFICE | _SYSTEM,
    Act.ORDER_CLAIM: _SYSTEM,
    Act.ORDER_FAIL: _SYSTEM,
    Act.ORDER_RETRY: frozenset({Role.APPROVER, Role.KEY_OFFICER}),
    Act.ORDER_RELEASE: _SYSTEM,
    Act.INTENT_ABANDON: _SYSTEM,
    Act.CERTIFICATE_ISSUE: _SYSTEM,
    Act.CERTIFICATE_READ: _PEOPLE | _OFFICE | {Role.AGENT, Role.AUDITOR},
    Act.CERTIFICATE_DELIVER: _SYSTEM | _PEOPLE | {Role.AGENT},
    Act.CERTIFICATE_DOWNLOAD: _PEOPLE,
    Act.CERTIFICATE_ACCEPT: _PEOPLE,
    Act.CERTIFICATE_REPORT: _PEOPLE,
    Act.CERTIFICATE_REMIND: _SYSTEM,
    Act.CERTIFICATE_REVOKE: frozenset({Role.APPROVER, Role.SYSTEM}),
    Act.CERTIFICATE_EXPIRE: _SYSTEM,
    Act.CERTIFICATE_CHECK: _SYSTEM,
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
    Act.REVOCATION_REPORT: _EVERYBODY,
    Act.REVOCATION_VERIFY: _OFFICE | {Role.AGENT},
    Act.REVOCATION_SUBMIT: _OFFICE | _PEOPLE | _SYSTEM | {Role.AGENT},
    Act.REVOCATION_APPROVE: frozenset({Role.APPROVER}),
    Act.REVOCATION_DENY: frozenset({Role.APPROVER}),
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
    Act.APPLICATION_REOPEN: _PEOPLE,
    Act.APPLICATION_LAPSE: _SYSTEM,
    Act.APPLICATION_READ: _OFFICE | {Role.AUDITOR},
    Act.APPLICATION_CLAIM: frozenset({Role.EXAMINER}),
    Act.APPLICATION_RELEASE: frozenset({Role.EXAMINER}),
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
    Act.UPLOAD_READ: _OFFICE | _PEOPLE | {Role.AUDITOR},
    Act.DESK_WORK: frozenset({Role.AGENT}),
    Act.DESK_SEARCH: frozenset({Role.AGENT}),
    Act.TICKET_OPEN: frozenset({Role.AGENT}),
    Act.TICKET_NOTE: frozenset({Role.AGENT}),
    Act.TICKET_ANSWER: frozenset({Role.AGENT}),
    Act.TICKET_CLOSE: frozenset({Role.AGENT}),
    Act.TICKET_LINK: frozenset({Role.AGENT}),
    Act.CALLER_VERIFY: frozenset({Role.AGENT}),
}


def roles_for(act: Act) -> frozenset[Role]:
    """Return the roles that may do `act`; an act without a line may be done by nobody."""
    return ACT_ROLES.get(act, frozenset())
