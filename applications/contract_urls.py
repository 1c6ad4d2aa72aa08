"""Addresses of contracts, the calendar and suspensions; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from applications.views import batches, contract_files, contracts, office_calendar, parent_services, staffing

Patterns = list[URLPattern | URLResolver]
ONE = "contracts/<uuid:key>"
FILE = "contracts/files/<uuid:key>"
SERVICE = "parent-services/<uuid:key>"
BATCHES = "own-contracts/<uuid:contract>/files"
BATCH = f"{BATCHES}/<uuid:key>"

register: Patterns = [
    path("contracts/", contracts.contract_list, name="contracts"),
    path("contracts/new/", contracts.contract_new, name="contract_new"),
    path("contracts/files/", contract_files.files, name="contract_files"),
    path("contracts/files/sample.csv", contract_files.file_sample, name="contract_file_sample"),
    path(f"{FILE}/", contract_files.file, name="contract_file"),
    path(f"{FILE}/act/", contract_files.file_act, name="contract_file_act"),
    path(f"{FILE}/faults.csv", contract_files.file_faults, name="contract_file_faults"),
    path(f"{ONE}/", contracts.contract, name="contract"),
    path(f"{ONE}/period/", contracts.contract_period, name="contract_period"),
    path(f"{ONE}/company/", contracts.contract_company, name="contract_company"),
    path(f"{ONE}/people/", contracts.contract_people, name="contract_people"),
    path(f"{ONE}/people/<int:member>/end/", contracts.contract_person_end, name="contract_person_end"),
    path("people/staff/invite/", staffing.invite, name="invite"),
    path("people/staff/<uuid:person>/lock/", staffing.lock_out, name="lock_out"),
    path("parent-services/", parent_services.parent_services, name="parent_services"),
    path(f"{SERVICE}/", parent_services.parent_service, name="parent_service"),
    path(f"{SERVICE}/keys/<uuid:token>/end/", parent_services.api_token_end, name="api_token_end"),
    path("calendar/", office_calendar.office_calendar, name="calendar"),
    path("calendar/close/", office_calendar.calendar_close, name="calendar_close"),
    path("calendar/<int:key>/open/", office_calendar.calendar_open, name="calendar_open"),
    path("suspensions/", office_calendar.suspension_list, name="suspensions"),
    path("suspensions/<int:key>/end/", office_calendar.suspension_end, name="suspension_end"),
]

own: Patterns = [
    path("own-contracts/", contracts.own_contracts, name="own_contracts"),
    path("own-contracts/<uuid:key>/", contracts.own_contract, name="own_contract"),
    path(f"{BATCHES}/", batches.own_batches, name="own_batches"),
    path(f"{BATCHES}/sample/<slug:slug>/", batches.own_batch_sample, name="own_batch_sample"),
    path(f"{BATCH}/", batches.own_batch_page, name="own_batch"),
    path(f"{BATCH}/act/", batches.own_batch_act, name="own_batch_act"),
    path(f"{BATCH}/confirm/", batches.own_batch_confirm, name="own_batch_confirm"),
    path(f"{BATCH}/documents/", batches.own_batch_document, name="own_batch_document"),
    path(
        f"{BATCH}/documents/<uuid:document>/remove/",
        batches.own_batch_document_remove,
        name="own_batch_document_remove",
    ),
    path(f"{BATCH}/faults/", batches.own_batch_faults, name="own_batch_faults"),
    path(f"{BATCH}/results/", batches.own_batch_results, name="own_batch_results"),
]
