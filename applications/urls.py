"""Addresses of the app; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from applications import campaign_urls, change_urls, contract_urls, rule_urls, text_urls, watch_urls
from applications.views import (
    answering,
    batch_desk,
    batch_refusing,
    case,
    certificates,
    decisions,
    documents,
    filing,
    handing,
    intake,
    marking,
    own,
    queue,
    sealed,
    succession,
)
from applications.views import applicant as applicant_views
from applications.views import auditor as auditor_views
from applications.views import dashboard as figures
from applications.views import queue_files as files

app_name = "applications"

Patterns = list[URLPattern | URLResolver]

OWN = "applications/<uuid:application_id>"
applicant: Patterns = [
    path("home/", applicant_views.home, name="home"),
    path("applications/", applicant_views.overview, name="list"),
    path("applications/new/", applicant_views.choose, name="choose"),
    path("applications/new/<slug:slug>/", applicant_views.start, name="start"),
    path("applications/new/<slug:slug>/for-another/", filing.for_another, name="for_another"),
    path("applications/for-me/<str:token>/", filing.for_me, name="for_me"),
    path(f"{OWN}/present/", filing.present, name="present"),
    path(f"{OWN}/recall/", filing.recall, name="recall"),
    path(f"{OWN}/confirm/", filing.confirm, name="confirm"),
    path(f"{OWN}/take-over/", filing.take_over, name="take_over"),
    path(f"{OWN}/decline/", filing.decline, name="decline"),
    path(f"{OWN}/form/<slug:step>/", intake.step, name="step"),
    path(f"{OWN}/preview/", intake.preview, name="preview"),
    path(f"{OWN}/documents/", intake.upload, name="upload"),
    path(f"{OWN}/documents/<uuid:upload_id>/", intake.own_upload, name="own_upload"),
    path(f"{OWN}/documents/<uuid:upload_id>/remove/", intake.upload_remove, name="upload_remove"),
    path(f"{OWN}/submit/", intake.submit, name="submit"),
    path(f"{OWN}/", own.detail, name="detail"),
    path(f"{OWN}/status/", own.status, name="status"),
    path(f"{OWN}/contents/", own.contents, name="contents"),
    path(f"{OWN}/print/", own.printed, name="print"),
    path(f"{OWN}/withdraw/", own.withdraw, name="withdraw"),
    path("certificates/<uuid:certificate_id>/reissue/", succession.reissue, name="reissue"),
    path("certificates/<uuid:certificate_id>/renewal/", succession.renewal, name="renewal"),
    path(f"{OWN}/answer/", answering.answer, name="answer"),
    path(f"{OWN}/reopen/", answering.reopen, name="reopen"),
    path(f"{OWN}/again/", answering.again, name="again"),
]

office: Patterns = [
    path("examination/", queue.queue, name="queue"),
    path("examination/news/", queue.news, name="queue_news"),
    path("examination/figures/", figures.dashboard, name="dashboard"),
    path("examination/list.csv", files.queue_file, name="queue_file"),
    path("examination/<uuid:key>/hand-over/", handing.hand_over, name="hand_over"),
    path("examination/next/", case.claim_next, name="claim_next"),
    path("examination/files/", batch_desk.batches, name="batches"),
    path("examination/files/<uuid:key>/", batch_desk.batch, name="batch"),
    path("examination/files/<uuid:key>/recommend/", batch_desk.recommend, name="batch_recommend"),
    path("examination/files/<uuid:key>/approve/", batch_desk.approve, name="batch_approve"),
    path("examination/files/<uuid:key>/propose-refusal/", batch_refusing.propose, name="batch_propose"),
    path("examination/files/<uuid:key>/refuse/", batch_refusing.refuse, name="batch_refuse"),
    path("examination/files/<uuid:key>/documents/<uuid:document>/", batch_desk.batch_file, name="batch_file"),
    path(
        "examination/files/<uuid:key>/documents/<uuid:document>/<int:number>.png",
        batch_desk.batch_page,
        name="batch_page",
    ),
    path("examination/<uuid:key>/", case.case, name="case"),
    path("examination/<uuid:key>/claim/", case.claim, name="claim"),
    path("examination/<uuid:key>/release/", case.release, name="release"),
    path("examination/<uuid:key>/items/<slug:item_key>/", case.item, name="item"),
    path("examination/<uuid:key>/items/<slug:item_key>/mark/", marking.mark, name="mark"),
    path("examination/<uuid:key>/items/<slug:item_key>/unmark/", marking.unmark, name="unmark"),
    path("examination/<uuid:key>/note/", case.note, name="note"),
    path("examination/<uuid:key>/override/", case.override, name="override"),
    path("examination/<uuid:key>/contact/", case.contact, name="contact"),
    path("examination/<uuid:key>/look/", case.look, name="look"),
    path("examination/<uuid:key>/ask/", decisions.ask, name="ask"),
    path("examination/<uuid:key>/recommend/", decisions.recommend, name="recommend"),
    path("examination/<uuid:key>/propose-refusal/", decisions.propose_refusal, name="propose_refusal"),
    path("examination/<uuid:key>/approve/", decisions.approve, name="approve"),
    path("examination/<uuid:key>/return/", decisions.send_back, name="return"),
    path("examination/<uuid:key>/refuse/", decisions.refuse, name="refuse"),
    path("examination/certificates/<uuid:key>/", certificates.certificate, name="certificate"),
    path(
        "examination/certificates/<uuid:key>/file/<slug:kind>/", certificates.certificate_file, name="certificate_file"
    ),
    path("documents/<uuid:key>/file/", documents.upload_file, name="upload_file"),
    path("documents/<uuid:key>/pages/<int:number>.png", documents.upload_page, name="upload_page"),
]

auditor: Patterns = [
    path("records/stories/", auditor_views.stories, name="stories"),
    path("records/stories/<uuid:key>/", auditor_views.story, name="story"),
    path("records/", auditor_views.events, name="events"),
    path("records/<int:key>/", sealed.record, name="record"),
    path("records/<int:key>/proof.json", sealed.proof, name="proof"),
    path("records/seals/", sealed.seals, name="seals"),
    path("records/seals/evidence.jsonl", sealed.evidence_file, name="evidence_file"),
    path("records/seals/verifier.py", sealed.verifier, name="verifier"),
    path("records/criteria/", sealed.criteria, name="criteria"),
    path("records/criteria/<slug:key>.csv", sealed.criterion_file, name="criterion_file"),
]

urlpatterns: Patterns = [
    *contract_urls.register,
    *contract_urls.own,
    *applicant,
    *campaign_urls.urlpatterns,
    *change_urls.urlpatterns,
    *office,
    *auditor,
    *text_urls.urlpatterns,
    *rule_urls.urlpatterns,
    *watch_urls.urlpatterns,
]
