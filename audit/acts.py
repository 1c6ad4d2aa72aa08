"""Everything that anybody may do or that happens by itself: one enum of `subject:action` tags.

The same tag names the permission (`accounts.roles`), the evidence (`audit.models.Event`) and the move
in a state machine, so that "who may", "who did" and "what changed" can't drift apart.
"""

from enum import StrEnum


class Act(StrEnum):
    """All tags, by the app that acts."""

    # audit, vault
    EVIDENCE_READ = "evidence:read"
    EVIDENCE_ERASE = "evidence:erase"
    BLOB_OPEN = "blob:open"
    BLOB_DESTROY = "blob:destroy"

    # accounts
    PAGE_VISIT = "page:visit"
    ACCOUNT_SIGN_UP = "account:sign_up"
    ACCOUNT_SIGN_IN = "account:sign_in"
    ACCOUNT_SIGN_IN_FAIL = "account:sign_in_fail"
    ACCOUNT_SIGN_OUT = "account:sign_out"
    ACCOUNT_MANAGE_OWN = "account:manage_own"
    ACCOUNT_SECOND_FACTOR_ADD = "account:second_factor_add"
    ACCOUNT_SECOND_FACTOR_REMOVE = "account:second_factor_remove"
    PERSONAL_DATA_LOOK = "personal_data:look"
    STAFF_READ = "staff:read"
    STAFF_INVITE = "staff:invite"
    STAFF_JOIN = "staff:join"
    ROLE_GRANT = "role:grant"
    ROLE_END = "role:end"
    NOTICE_SEND = "notice:send"
    NOTICE_FAIL = "notice:fail"

    # regulations
    DOCUMENT_PUBLISH = "document:publish"
    RULES_ACTIVATE = "rules:activate"
    CONTRACT_MAINTAIN = "contract:maintain"
    CALENDAR_MAINTAIN = "calendar:maintain"
    SUSPENSION_ANNOUNCE = "suspension:announce"
    CONSENT_GIVE = "consent:give"
    SUBSCRIPTION_START = "subscription:start"
    SUBSCRIPTION_SUSPEND = "subscription:suspend"
    SUBSCRIPTION_RESUME = "subscription:resume"
    SUBSCRIPTION_END = "subscription:end"

    # certificates
    AUTHORITY_CREATE = "authority:create"
    ORDER_READ = "order:read"
    ORDER_PROPOSE = "order:propose"
    ORDER_REVISE = "order:revise"
    ORDER_VOID = "order:void"
    ORDER_APPROVE = "order:approve"
    ORDER_QUEUE = "order:queue"
    ORDER_CANCEL = "order:cancel"
    ORDER_CLAIM = "order:claim"
    ORDER_FAIL = "order:fail"
    ORDER_RETRY = "order:retry"
    ORDER_RELEASE = "order:release"
    INTENT_ABANDON = "intent:abandon"
    CERTIFICATE_ISSUE = "certificate:issue"
    CERTIFICATE_READ = "certificate:read"
    CERTIFICATE_DELIVER = "certificate:deliver"
    CERTIFICATE_DOWNLOAD = "certificate:download"
    CERTIFICATE_ACCEPT = "certificate:accept"
    CERTIFICATE_REPORT = "certificate:report"
    CERTIFICATE_REVOKE = "certificate:revoke"
    CERTIFICATE_EXPIRE = "certificate:expire"
    SERVICE_NOTICE_REACH = "service_notice:reach"
    SIGNER_REFUSE = "signer:refuse"
    SIGNER_RECONCILE = "signer:reconcile"
    CLOCK_ACCEPT = "clock:accept"

    # revocation
    REVOCATION_READ = "revocation:read"
    REVOCATION_REQUEST = "revocation:request"
    REVOCATION_REQUEST_FOR_CALLER = "revocation:request_for_caller"
    REVOCATION_REPORT = "revocation:report"
    REVOCATION_VERIFY = "revocation:verify"
    REVOCATION_SUBMIT = "revocation:submit"
    REVOCATION_APPROVE = "revocation:approve"
    REVOCATION_DENY = "revocation:deny"
    REVOCATION_COMPLETE = "revocation:complete"
    REVOCATION_NOTIFY = "revocation:notify"
    CRL_PUBLISH = "crl:publish"
    RESPONDER_CERTIFY = "responder:certify"

    # applications
    APPLICATION_READ_OWN = "application:read_own"
    APPLICATION_START = "application:start"
    APPLICATION_EDIT = "application:edit"
    APPLICATION_UPLOAD = "application:upload"
    APPLICATION_SUBMIT = "application:submit"
    APPLICATION_WITHDRAW = "application:withdraw"
    APPLICATION_ANSWER = "application:answer"
    APPLICATION_LAPSE = "application:lapse"
    APPLICATION_READ = "application:read"
    APPLICATION_CLAIM = "application:claim"
    APPLICATION_RELEASE = "application:release"
    APPLICATION_EXAMINE = "application:examine"
    APPLICATION_ASK = "application:ask"
    APPLICATION_CONTACT = "application:contact"
    APPLICATION_RECOMMEND = "application:recommend"
    APPLICATION_APPROVE = "application:approve"
    APPLICATION_RETURN = "application:return"
    APPLICATION_REFUSE = "application:refuse"
    UPLOAD_READ = "upload:read"

    # support desk
    DESK_WORK = "desk:work"
    DESK_SEARCH = "desk:search"
    TICKET_OPEN = "ticket:open"
    TICKET_NOTE = "ticket:note"
    TICKET_ANSWER = "ticket:answer"
    TICKET_CLOSE = "ticket:close"
    TICKET_LINK = "ticket:link"
    CALLER_VERIFY = "caller:verify"
