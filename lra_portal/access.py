"""The table of access: every address, the act that a visitor must be allowed, and whose objects.

A test fails for an address without a line. `OWN` pages show only what belongs to the visitor: their
views load through the visitor's own objects, and anything else is absent (404).
"""

from dataclasses import dataclass

from audit.acts import Act

OWN, ANY, KEY = "own", "any", "key"


@dataclass(frozen=True)
class Rule:
    """Who may visit: everybody when `public`, else whoever may do `act`; `scope` says whose objects.

    Scope `KEY` marks the API: there the key of a parent service lets in, instead of a session.
    """

    act: Act
    scope: str = ANY
    public: bool = False


def _by_key(act: Act) -> Rule:
    """A page of the API: no session; the key of a parent service decides, and shows only what is that service's."""
    return Rule(act, KEY, public=True)


def _public(act: Act = Act.PAGE_VISIT) -> Rule:
    return Rule(act, public=True)


_OPEN = _public()
_ACCOUNT = Rule(Act.ACCOUNT_MANAGE_OWN, OWN)

ACCESS: dict[str, Rule] = {
    # the project
    "health": _OPEN,
    "set_language": _OPEN,
    "quickstart:outbox": _OPEN,
    "quickstart:message": _OPEN,
    # sign-in and own account (allauth)
    "account_login": _OPEN,
    "account_logout": _OPEN,
    "account_signup": _OPEN,
    "account_inactive": _OPEN,
    "account_email_verification_sent": _OPEN,
    "account_confirm_email": _OPEN,
    "account_reset_password": _OPEN,
    "account_reset_password_done": _OPEN,
    "account_reset_password_from_key": _OPEN,
    "account_reset_password_from_key_done": _OPEN,
    "account_confirm_login_code": _OPEN,
    "account_request_login_code": _OPEN,
    "account_reauthenticate": _ACCOUNT,
    "account_change_password": _ACCOUNT,
    "account_set_password": _ACCOUNT,
    "account_email": _ACCOUNT,
    "mfa_authenticate": _OPEN,
    "mfa_trust": _OPEN,
    "mfa_login_webauthn": _OPEN,
    "mfa_signup_webauthn": _OPEN,
    "mfa_reauthenticate": _ACCOUNT,
    "mfa_reauthenticate_webauthn": _ACCOUNT,
    "mfa_index": _ACCOUNT,
    "mfa_activate_totp": _ACCOUNT,
    "mfa_deactivate_totp": _ACCOUNT,
    "mfa_list_webauthn": _ACCOUNT,
    "mfa_add_webauthn": _ACCOUNT,
    "mfa_edit_webauthn": _ACCOUNT,
    "mfa_remove_webauthn": _ACCOUNT,
    "mfa_view_recovery_codes": _ACCOUNT,
    "mfa_generate_recovery_codes": _ACCOUNT,
    "mfa_download_recovery_codes": _ACCOUNT,
    "usersessions_list": _ACCOUNT,
    # people
    "accounts:profile": _ACCOUNT,
    "accounts:landing": _ACCOUNT,
    "accounts:staff": Rule(Act.STAFF_READ),
    "accounts:invite": Rule(Act.STAFF_INVITE),
    "accounts:end_role": Rule(Act.ROLE_END),
    "accounts:join": _public(Act.STAFF_JOIN),
    # the applicant's side
    "applications:home": Rule(Act.APPLICATION_READ_OWN, OWN),
    "applications:list": Rule(Act.APPLICATION_READ_OWN, OWN),
    "applications:choose": Rule(Act.APPLICATION_START, OWN),
    "applications:start": Rule(Act.APPLICATION_START, OWN),
    "applications:step": Rule(Act.APPLICATION_EDIT, OWN),
    "applications:preview": Rule(Act.APPLICATION_EDIT, OWN),
    "applications:for_another": Rule(Act.APPLICATION_START, OWN),
    "applications:present": Rule(Act.APPLICATION_PRESENT, OWN),
    "applications:recall": Rule(Act.APPLICATION_RECALL, OWN),
    "applications:for_me": _public(),
    "applications:confirm": Rule(Act.APPLICATION_SUBMIT, OWN),
    "applications:take_over": Rule(Act.APPLICATION_TAKE_OVER, OWN),
    "applications:decline": Rule(Act.APPLICATION_DECLINE, OWN),
    "applications:upload": Rule(Act.APPLICATION_UPLOAD, OWN),
    "applications:upload_remove": Rule(Act.APPLICATION_UPLOAD, OWN),
    "applications:submit": Rule(Act.APPLICATION_SUBMIT, OWN),
    "applications:detail": Rule(Act.APPLICATION_READ_OWN, OWN),
    "applications:status": Rule(Act.APPLICATION_READ_OWN, OWN),
    "applications:contents": Rule(Act.APPLICATION_READ_OWN, OWN),
    "applications:print": Rule(Act.APPLICATION_READ_OWN, OWN),
    "applications:withdraw": Rule(Act.APPLICATION_WITHDRAW, OWN),
    "applications:answer": Rule(Act.APPLICATION_ANSWER, OWN),
    "applications:change_report": Rule(Act.CHANGE_SUBMIT, OWN),
    "applications:change": Rule(Act.CHANGE_SUBMIT, OWN),
    "applications:change_print": Rule(Act.CHANGE_SUBMIT, OWN),
    "applications:change_paper": Rule(Act.CHANGE_SUBMIT, OWN),
    "applications:change_withdraw": Rule(Act.CHANGE_WITHDRAW, OWN),
    "applications:changes": Rule(Act.CHANGE_READ),
    "applications:change_case": Rule(Act.CHANGE_READ),
    "applications:change_claim": Rule(Act.CHANGE_CLAIM),
    "applications:change_release": Rule(Act.CHANGE_RELEASE),
    "applications:change_propose": Rule(Act.CHANGE_PROPOSE),
    "applications:change_return": Rule(Act.CHANGE_RETURN),
    "applications:change_settle": Rule(Act.CHANGE_SETTLE),
    "applications:reissue": Rule(Act.APPLICATION_START, OWN),
    "applications:renewal": Rule(Act.APPLICATION_START, OWN),
    "applications:reopen": Rule(Act.APPLICATION_REOPEN, OWN),
    "applications:again": Rule(Act.APPLICATION_START, OWN),
    "applications:own_upload": Rule(Act.UPLOAD_READ, OWN),
    # the office's side
    "applications:queue": Rule(Act.APPLICATION_READ),
    "applications:queue_news": Rule(Act.APPLICATION_READ),
    "applications:dashboard": Rule(Act.APPLICATION_READ),
    "applications:queue_file": Rule(Act.APPLICATION_EXPORT),
    "applications:hand_over": Rule(Act.APPLICATION_HAND_OVER),
    "applications:case": Rule(Act.APPLICATION_READ),
    "applications:claim": Rule(Act.APPLICATION_CLAIM),
    "applications:claim_next": Rule(Act.APPLICATION_CLAIM),
    "applications:release": Rule(Act.APPLICATION_RELEASE),
    "applications:item": Rule(Act.APPLICATION_EXAMINE),
    "applications:mark": Rule(Act.APPLICATION_EXAMINE),
    "applications:unmark": Rule(Act.APPLICATION_EXAMINE),
    "applications:note": Rule(Act.APPLICATION_EXAMINE),
    "applications:override": Rule(Act.APPLICATION_OVERRIDE),
    "applications:certificate": Rule(Act.APPLICATION_READ),
    "applications:contact": Rule(Act.APPLICATION_CONTACT),
    "applications:ask": Rule(Act.APPLICATION_ASK),
    "applications:recommend": Rule(Act.APPLICATION_RECOMMEND),
    "applications:propose_refusal": Rule(Act.APPLICATION_RECOMMEND),
    "applications:approve": Rule(Act.APPLICATION_APPROVE),
    "applications:return": Rule(Act.APPLICATION_RETURN),
    "applications:refuse": Rule(Act.APPLICATION_REFUSE),
    "applications:upload_file": Rule(Act.UPLOAD_READ),
    "applications:upload_page": Rule(Act.UPLOAD_READ),
    "applications:look": Rule(Act.PERSONAL_DATA_LOOK),
    # contracts, parent services, calendar, suspensions
    "applications:contracts": Rule(Act.CONTRACT_READ),
    "applications:contract": Rule(Act.CONTRACT_READ),
    "applications:contract_new": Rule(Act.CONTRACT_BEGIN),
    "applications:contract_period": Rule(Act.CONTRACT_SHORTEN),
    "applications:contract_company": Rule(Act.CONTRACT_MAINTAIN),
    "applications:contract_people": Rule(Act.CONTRACT_MAINTAIN),
    "applications:contract_person_end": Rule(Act.CONTRACT_MAINTAIN),
    "applications:contract_files": Rule(Act.CONTRACT_FILE_RECEIVE),
    "applications:contract_file": Rule(Act.CONTRACT_FILE_RECEIVE),
    "applications:contract_file_act": Rule(Act.CONTRACT_FILE_CONFIRM),
    "applications:contract_file_faults": Rule(Act.CONTRACT_FILE_RECEIVE),
    "applications:contract_file_sample": Rule(Act.CONTRACT_FILE_RECEIVE),
    "applications:parent_services": Rule(Act.API_ACCESS_MAINTAIN),
    "applications:parent_service": Rule(Act.API_ACCESS_MAINTAIN),
    "applications:api_token_end": Rule(Act.API_ACCESS_MAINTAIN),
    "applications:calendar": Rule(Act.CALENDAR_READ),
    "applications:calendar_close": Rule(Act.CALENDAR_MAINTAIN),
    "applications:calendar_open": Rule(Act.CALENDAR_MAINTAIN),
    "applications:suspensions": Rule(Act.SUSPENSION_ANNOUNCE),
    "applications:suspension_end": Rule(Act.SUSPENSION_ANNOUNCE),
    "applications:own_contracts": Rule(Act.CONTRACT_READ_OWN, OWN),
    "applications:own_contract": Rule(Act.CONTRACT_READ_OWN, OWN),
    "applications:own_batches": Rule(Act.BATCH_RECEIVE, OWN),
    "applications:own_batch_sample": Rule(Act.BATCH_RECEIVE, OWN),
    "applications:own_batch": Rule(Act.BATCH_READ, OWN),
    "applications:own_batch_act": Rule(Act.BATCH_DISCARD, OWN),
    "applications:own_batch_confirm": Rule(Act.BATCH_CONFIRM, OWN),
    "applications:own_batch_document": Rule(Act.BATCH_DOCUMENT, OWN),
    "applications:own_batch_document_remove": Rule(Act.BATCH_DOCUMENT, OWN),
    "applications:own_batch_faults": Rule(Act.BATCH_READ, OWN),
    "applications:own_batch_results": Rule(Act.BATCH_READ, OWN),
    # documents in the making, mailings about them, agreeing anew
    "applications:texts": Rule(Act.DOCUMENT_READ),
    "applications:text_new": Rule(Act.DOCUMENT_DRAFT),
    "applications:text_govern": Rule(Act.DOCUMENT_GOVERN),
    "applications:text_begin": Rule(Act.DOCUMENT_DRAFT),
    "applications:text": Rule(Act.DOCUMENT_READ),
    "applications:text_edit": Rule(Act.DOCUMENT_DRAFT),
    "applications:text_hand_in": Rule(Act.DOCUMENT_HAND_IN),
    "applications:text_review": Rule(Act.DOCUMENT_REVIEW),
    "applications:text_return": Rule(Act.DOCUMENT_RETURN),
    "applications:text_post": Rule(Act.DOCUMENT_PUBLISH),
    "applications:text_discard": Rule(Act.DOCUMENT_DISCARD),
    "applications:text_consents": Rule(Act.DOCUMENT_READ),
    "applications:text_consents_file": Rule(Act.DOCUMENT_READ),
    "applications:advance_new": Rule(Act.ADVANCE_START),
    "applications:advance": Rule(Act.DOCUMENT_READ),
    "applications:advance_stop": Rule(Act.ADVANCE_STOP),
    "applications:advance_resume": Rule(Act.ADVANCE_RESUME),
    "applications:advance_resend": Rule(Act.ADVANCE_RESEND),
    "applications:agree": Rule(Act.CONSENT_RENEW, OWN),
    # the API of parent services
    "api:api-root": _OPEN,
    "api:openapi-json": _OPEN,
    "api:contracts": _by_key(Act.CONTRACT_REPORT),
    "api:contract": _by_key(Act.CONTRACT_REPORT),
    "api:effects": _by_key(Act.CONTRACT_REPORT),
    "api:extension": _by_key(Act.CONTRACT_REPORT),
    "api:shortening": _by_key(Act.CONTRACT_REPORT),
    "api:end": _by_key(Act.CONTRACT_REPORT),
    "api:members": _by_key(Act.CONTRACT_REPORT),
    # rules of target systems
    "applications:rule_systems": Rule(Act.RULES_READ),
    "applications:rule_system": Rule(Act.RULES_READ),
    "applications:rule_system_new": Rule(Act.RULES_DRAFT),
    "applications:rule_edit": Rule(Act.RULES_DRAFT),
    "applications:rule_version": Rule(Act.RULES_READ),
    "applications:rule_activate": Rule(Act.RULES_ACTIVATE),
    "applications:rule_sample": Rule(Act.SAMPLE_ASK),
    "applications:rule_discard": Rule(Act.RULES_DISCARD),
    "applications:rule_file": Rule(Act.RULES_READ),
    # names that may be a third party's
    "applications:watch_list": Rule(Act.WATCH_LIST_READ),
    "applications:watch_add": Rule(Act.WATCH_LIST_ADD),
    "applications:watched": Rule(Act.WATCH_LIST_READ),
    "applications:watch_end": Rule(Act.WATCH_LIST_END),
    # the auditor's room
    "applications:stories": Rule(Act.EVIDENCE_READ),
    "applications:story": Rule(Act.EVIDENCE_READ),
    "applications:events": Rule(Act.EVIDENCE_READ),
    # certificates
    "certificates:list": Rule(Act.CERTIFICATE_DOWNLOAD, OWN),
    "certificates:detail": Rule(Act.CERTIFICATE_DOWNLOAD, OWN),
    "certificates:delivery": Rule(Act.CERTIFICATE_DOWNLOAD, OWN),
    "certificates:download": Rule(Act.CERTIFICATE_DOWNLOAD, OWN),
    "certificates:resend": Rule(Act.CERTIFICATE_DOWNLOAD, OWN),
    "certificates:file": Rule(Act.CERTIFICATE_DOWNLOAD, OWN),
    "certificates:accept": Rule(Act.CERTIFICATE_ACCEPT, OWN),
    "certificates:report": Rule(Act.CERTIFICATE_REPORT, OWN),
    "certificates:confirm_start": Rule(Act.SERVICE_NOTICE_REACH, OWN),
    "certificates:orders": Rule(Act.ORDER_READ),
    "certificates:retry": Rule(Act.ORDER_RETRY),
    "certificates:recoveries": Rule(Act.RECOVERY_ASK),
    "certificates:release": Rule(Act.RECOVERY_RELEASE),
    # revocation
    "revocation:request": Rule(Act.REVOCATION_REQUEST, OWN),
    "revocation:status": Rule(Act.APPLICATION_READ_OWN, OWN),
    "revocation:staff_request": Rule(Act.REVOCATION_REQUEST_BY_STAFF),
    "revocation:queue": Rule(Act.REVOCATION_READ),
    "revocation:case": Rule(Act.REVOCATION_READ),
    "revocation:verify": Rule(Act.REVOCATION_VERIFY),
    "revocation:submit": Rule(Act.REVOCATION_SUBMIT),
    "revocation:approve": Rule(Act.REVOCATION_APPROVE),
    "revocation:deny": Rule(Act.REVOCATION_DENY),
    "revocation:urgent": _public(Act.REVOCATION_REPORT),
    "revocation:urgent_receipt": _public(Act.REVOCATION_REPORT),
    # support desk
    "support_desk:workplace": Rule(Act.DESK_WORK),
    "support_desk:person": Rule(Act.DESK_WORK),
    "support_desk:tickets": Rule(Act.DESK_WORK),
    "support_desk:open": Rule(Act.TICKET_OPEN),
    "support_desk:ticket": Rule(Act.DESK_WORK),
    "support_desk:link": Rule(Act.TICKET_LINK),
    "support_desk:verify": Rule(Act.CALLER_VERIFY),
    "support_desk:note": Rule(Act.TICKET_NOTE),
    "support_desk:answer": Rule(Act.TICKET_ANSWER),
    "support_desk:close": Rule(Act.TICKET_CLOSE),
    "support_desk:look": Rule(Act.PERSONAL_DATA_LOOK),
    "support_desk:revocation": Rule(Act.REVOCATION_REQUEST_FOR_CALLER),
    # the public site
    "repository:top": _OPEN,
    "repository:documents": _OPEN,
    "repository:document": _OPEN,
    "repository:document_version": _OPEN,
    "repository:document_changes": _OPEN,
    "repository:certificates": _OPEN,
    "repository:ca_certificate": _OPEN,
    "repository:chain": _OPEN,
    "repository:earlier_certificate": _OPEN,
    "repository:crl": _OPEN,
    "repository:contact": _OPEN,
    "repository:announcements": _OPEN,
    "repository:announcement": _OPEN,
    "repository:usage": _OPEN,
    "repository:manual": _OPEN,
    "repository:questions": _OPEN,
    "repository:business": _OPEN,
}


def rule_for(view_name: str) -> Rule | None:
    """Return the line of an address, or None, which means that nobody may visit it."""
    return ACCESS.get(view_name)
