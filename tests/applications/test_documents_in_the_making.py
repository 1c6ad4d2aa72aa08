"""The rules managers' pages about documents: write with a preview, review beside the difference, post."""

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from audit.models import Event
from regulations.models import Document, DocumentVersion, TargetSystem
from regulations.services import drafts
from tests.applications.test_advance_notices import begun as told
from tests.applications.test_advance_notices import subscribe
from tests.instants import WEDNESDAY_11_00
from tests.people import People, signed_in
from tests.regulations.test_drafts import reviewed, terms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_rules")]
TYPED = {
    "version": "3.2",
    "title_ja": "利用規約",
    "title_en": "Terms",
    "what_changed_ja": "鍵の条を加えました。",
    "what_changed_en": "An article on keys.",
    "body_ja": "# 利用規約\n\n<script>alert(1)</script>\n\n鍵は一人で使います。",
    "body_en": "# Terms\n\nOne person alone uses a key.",
}


@pytest.fixture(autouse=True)
def _wednesday() -> object:
    with time_machine.travel(WEDNESDAY_11_00, tick=False) as clock:
        yield clock


def begun(browser: Client) -> str:
    """Begin the next version of the terms; the address of its form."""
    answer = browser.post(reverse("applications:text_begin", args=["usage-terms"]))
    return str(answer["location"])


@pytest.mark.clause("O-3.1")
@pytest.mark.clause("O-3.2")
@pytest.mark.clause("O-1.4")
def test_two_rules_managers_bring_a_version_to_the_site(people: People) -> None:
    first, second = signed_in(people.rules_manager), signed_in(people.second_rules_manager)
    address = begun(first)
    first.post(address, TYPED | {"act": "hand_in"})
    version = DocumentVersion.objects.get(document=terms(), version="3.2")
    page = reverse("applications:text", args=[version.pk])
    assert "text_review" not in first.get(page).content.decode()
    read = second.get(page).content.decode()
    assert "<ins>" in read
    assert "<script>alert" not in read
    second.post(reverse("applications:text_review", args=[version.pk]), {"seen": version.sha256})
    second.post(reverse("applications:text_post", args=[version.pk]), {"seen": version.sha256})
    public = Client().get(reverse("repository:document", args=["usage-terms"])).content.decode()
    assert "鍵は一人で使います。" in public
    earlier = Client().get(reverse("repository:document_version", args=["usage-terms", "3.1"])).content.decode()
    assert reverse("repository:document", args=["usage-terms"]) in earlier
    changes = reverse("repository:document_changes", args=["usage-terms", "3.1", "3.2"])
    assert changes in public
    assert "<ins>" in Client().get(changes).content.decode()


def test_the_author_who_reviews_is_refused_and_nothing_moves(people: People) -> None:
    browser = signed_in(people.rules_manager)
    browser.post(begun(browser), TYPED | {"act": "hand_in"})
    version = DocumentVersion.objects.get(version="3.2", document=terms())
    answer = browser.post(reverse("applications:text_review", args=[version.pk]), {"seen": version.sha256})
    version.refresh_from_db()
    assert (answer.status_code, version.status) == (422, "in_review")


def test_an_incomplete_version_says_what_is_missing_and_keeps_what_was_typed(people: People) -> None:
    browser = signed_in(people.rules_manager)
    address = begun(browser)
    answer = browser.post(address, TYPED | {"body_en": "", "version": "", "act": "hand_in"})
    assert (answer.status_code, "鍵は一人で使います。" in answer.content.decode()) == (422, True)
    answer = browser.post(address, TYPED | {"body_en": "", "act": "hand_in"})
    assert answer.status_code == 422
    assert DocumentVersion.objects.get(version="3.2", document=terms()).status == "draft"


def test_posting_states_its_consequences_and_wants_the_text_that_was_seen(people: People) -> None:
    version, browser = reviewed(people), signed_in(people.rules_manager)
    address = reverse("applications:text_post", args=[version.pk])
    assert "consequences" in browser.get(address).content.decode()
    assert browser.post(address, {"seen": "0" * 64}).status_code == 422
    assert browser.post(address, {"seen": version.sha256}).status_code == 302
    assert browser.post(address, {"seen": version.sha256}).status_code == 409


def test_a_new_document_is_set_up_and_the_auditor_reads_without_writing(people: People) -> None:
    typed = {"slug": "key-care", "kind": "manual", "precedence": "65", "procedures": ["reissue"]}
    answer = signed_in(people.rules_manager).post(reverse("applications:text_new"), typed)
    assert answer.status_code == 302
    assert Document.objects.get(slug="key-care").procedures == ["reissue"]
    assert signed_in(people.rules_manager).post(reverse("applications:text_new"), typed).status_code == 422
    auditor = signed_in(people.auditor)
    assert auditor.get(reverse("applications:texts")).status_code == 200
    assert auditor.post(reverse("applications:text_begin", args=["key-care"])).status_code == 404
    assert signed_in(people.hanako).get(reverse("applications:texts")).status_code == 404


@pytest.mark.clause("J-3.3")
@pytest.mark.clause("O-2.1")
def test_the_statement_of_business_and_the_order_of_precedence_are_public() -> None:
    statement = Client().get(reverse("repository:business")).content.decode()
    assert "特定認証業務" in statement
    page = Client().get(reverse("repository:document", args=["privacy-policy"])).content.decode()
    order = page[page.index('<ol class="docs">') :]
    assert order.index("利用規約") < order.index("証明書ポリシー") < order.index("個人情報")


@pytest.mark.clause("J-1.2")
def test_a_document_kept_elsewhere_shows_address_version_and_hash() -> None:
    page = Client().get(reverse("repository:document", args=["certificate-policy"])).content.decode()
    version = DocumentVersion.objects.get(document__slug="certificate-policy")
    assert version.external_url in page
    assert version.external_sha256 in page
    assert Client().get("/documents/usage-terms/3.1/to/9.9/").status_code == 404


@pytest.mark.clause("O-3.1")
def test_a_draft_is_thrown_away_on_a_page_that_says_what_is_lost(people: People) -> None:
    browser = signed_in(people.rules_manager)
    version = DocumentVersion.objects.get(pk=begun(browser).rstrip("/").split("/")[-2])
    address, shown = (
        reverse("applications:text_discard", args=[version.pk]),
        reverse("applications:text", args=[version.pk]),
    )
    assert address in browser.get(shown).content.decode()
    assert "consequences" in browser.get(address).content.decode()
    assert browser.post(address, {"seen": "0" * 64}).status_code == 422
    assert signed_in(people.auditor).post(address, {"seen": version.sha256}).status_code == 404
    assert browser.post(address, {"seen": version.sha256})["location"] == reverse("applications:texts")
    for gone in (address, shown):
        assert browser.get(gone).status_code == 404
    assert browser.post(address, {"seen": version.sha256}).status_code == 404


def test_a_version_of_which_subscribers_were_told_stays(people: People) -> None:
    subscribe(people, "member-client")
    version = reviewed(people)
    told(people, version)
    drafts.send_back(version=version, note="直してください", actor=people.rules_manager.actor(), at=WEDNESDAY_11_00)
    browser, address = signed_in(people.rules_manager), reverse("applications:text_discard", args=[version.pk])
    assert "consequences" not in browser.get(address).content.decode()
    assert browser.post(address, {"seen": version.sha256}).status_code == 422
    assert DocumentVersion.objects.filter(pk=version.pk).exists()


@pytest.mark.clause("O-3.1")
def test_of_the_posted_versions_only_the_newest_is_called_in_force(people: People) -> None:
    first, version, browser = terms().versions.get(), reviewed(people), signed_in(people.rules_manager)
    drafts.post(version=version, seen=version.sha256, actor=people.rules_manager.actor(), at=WEDNESDAY_11_00)
    browser.post(reverse("applications:text_begin", args=["usage-terms"]))
    states = {}
    for row in terms().versions.all():
        page = browser.get(
            reverse("applications:text", args=[row.pk]), headers={"accept-language": "en"}
        ).content.decode()
        states[row] = re.findall(r'class="status[^"]*">([^<]+)<', page)
    draft = terms().versions.get(status="draft")
    assert {row: found[0] for row, found in states.items()} == {
        first: "Superseded",
        version: "In force",
        draft: "Draft",
    }
    assert all(found[1:] == ["Draft", "In force", "Superseded"] for found in states.values())


@pytest.mark.clause("J-1.2")
@pytest.mark.clause("O-2.1")
def test_what_a_document_governs_is_changed_on_record_and_the_terms_stay_first(people: People) -> None:
    browser, address = signed_in(people.rules_manager), reverse("applications:text_govern", args=["privacy-policy"])
    assert address in browser.get(reverse("applications:texts")).content.decode()
    assert "個人情報の取扱い" in browser.get(address).content.decode()
    system = TargetSystem.objects.get(slug="e-contract")
    typed = {"precedence": "45", "target_systems": [str(system.pk)], "procedures": []}
    assert browser.post(address, typed)["location"] == reverse("applications:texts")
    assert browser.post(address, typed).status_code == 302
    told = Event.objects.get(act="document:govern").details.body
    assert (told["before"]["target_systems"], told["after"]["target_systems"]) == ([], ["e-contract"])
    for wrong in ("10", "0", "1000", "x"):
        assert browser.post(address, typed | {"precedence": wrong}).status_code == 422
    terms_page = reverse("applications:text_govern", args=["usage-terms"])
    assert browser.post(terms_page, {"precedence": "20"}).status_code == 422
    typed = {"slug": "above-all", "kind": "regulation", "precedence": "10"}
    assert browser.post(reverse("applications:text_new"), typed).status_code == 422
    assert not Document.objects.filter(slug="above-all").exists()
    assert signed_in(people.auditor).post(address, typed).status_code == 404
    assert Document.objects.get(slug="privacy-policy").precedence == 45
