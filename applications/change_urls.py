"""Addresses of notices of change; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from applications.views import changes

urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/<uuid:certificate_id>/change/", changes.report, name="change_report"),
    path("changes/<uuid:notice_id>/", changes.detail, name="change"),
    path("changes/<uuid:notice_id>/print/", changes.printed, name="change_print"),
    path("changes/<uuid:notice_id>/notice.pdf", changes.written, name="change_paper"),
    path("changes/<uuid:notice_id>/withdraw/", changes.withdraw, name="change_withdraw"),
    path("office/changes/", changes.queue, name="changes"),
    path("office/changes/<uuid:key>/", changes.case, name="change_case"),
    path("office/changes/<uuid:key>/claim/", changes.claim, name="change_claim"),
    path("office/changes/<uuid:key>/release/", changes.release, name="change_release"),
    path("office/changes/<uuid:key>/propose/", changes.propose, name="change_propose"),
    path("office/changes/<uuid:key>/return/", changes.send_back, name="change_return"),
    path("office/changes/<uuid:key>/settle/", changes.settle, name="change_settle"),
]
