"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from revocation import mass_views, office_views, suspension_views, views

app_name = "revocation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/<uuid:certificate_id>/revoke/", views.request_own, name="request"),
    path(
        "contracts/certificates/<uuid:certificate_id>/revoke/", views.request_for_contract, name="request_for_contract"
    ),
    path("revocations/<uuid:case_id>/", views.status, name="status"),
    path("revocations/<uuid:case_id>/notice/", views.completion_notice, name="completion_notice"),
    path("emergency/", views.urgent, name="urgent"),
    path("emergency/<uuid:case_id>/", views.urgent_receipt, name="urgent_receipt"),
    path("emergency/<uuid:case_id>/proof/", views.proof, name="proof"),
    path("emergency/<uuid:case_id>/challenge/", views.challenge, name="challenge"),
    path("office/revocations/", office_views.queue, name="queue"),
    path("office/revocations/new/", office_views.staff_request, name="staff_request"),
    path("office/revocations/mass/", mass_views.propose, name="mass_propose"),
    path("office/revocations/mass/<uuid:mass_id>/", mass_views.mass, name="mass"),
    path("office/revocations/mass/<uuid:mass_id>/approve/", mass_views.approve, name="mass_approve"),
    path("office/revocations/mass/<uuid:mass_id>/discard/", mass_views.discard, name="mass_discard"),
    path("office/revocations/mass/<uuid:mass_id>/stop/", mass_views.stop, name="mass_stop"),
    path("office/revocations/mass/<uuid:mass_id>/resume/", mass_views.resume, name="mass_resume"),
    path("office/revocations/<uuid:case_id>/", office_views.case, name="case"),
    path("office/revocations/<uuid:case_id>/verify/", office_views.verify, name="verify"),
    path("office/revocations/<uuid:case_id>/submit/", office_views.submit, name="submit"),
    path("office/revocations/<uuid:case_id>/approve/", office_views.approve, name="approve"),
    path("office/revocations/<uuid:case_id>/at-once/", office_views.revoke_at_once, name="revoke_at_once"),
    path("office/revocations/<uuid:case_id>/siblings/", office_views.revoke_siblings, name="revoke_siblings"),
    path("office/revocations/<uuid:case_id>/countersign/", office_views.countersign, name="countersign"),
    path("office/revocations/<uuid:case_id>/object/", office_views.object_to, name="object"),
    path("office/revocations/<uuid:case_id>/deny/", office_views.deny, name="deny"),
    path("office/certificates/<uuid:certificate_id>/suspension/", suspension_views.suspension, name="suspension"),
]
