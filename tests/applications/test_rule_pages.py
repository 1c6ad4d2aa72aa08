"""The pages of rules: written with faults shown in place, seen before they count, activated by a second person."""

from __future__ import annotations

import html
import re
import tomllib

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certificates.models import CertificationAuthority
from certificates.worker import samples
from regulations.models import ParentService, TargetSystem, TargetSystemVersion
from regulations.ruleset_files import LARGEST, read_file
from tests.applications.applying import Applying
from tests.instants import WEDNESDAY_11_00
from tests.people import People, signed_in
from tests.regulations.test_drafts import reviewed

EDIT = "/rules/target-systems/member-client/edit/"
CHANGED = {"changed_ja": "見直しました", "changed_en": "Looked over"}


@pytest.fixture
def author(people: People, issuing: CertificationAuthority, demo_rules: None) -> Client:
    return signed_in(people.rules_manager)


def system() -> TargetSystem:
    return TargetSystem.objects.get(slug="member-client")


def exported(browser: Client, kind: str = "toml") -> str:
    return browser.get(f"/rules/versions/{system().version_in_force().pk}/file.{kind}").content.decode()


def drafted(browser: Client, source: str) -> TargetSystemVersion:
    answer = browser.post(EDIT, {"source": source, **CHANGED})
    assert answer.status_code == 302, answer.content.decode()
    samples.build_waiting()
    return system().versions.get(status="draft")


@pytest.mark.clause("O-1.3")
def test_faults_are_listed_with_their_place_and_what_was_typed_stays(author: Client) -> None:
    source = exported(author).replace("promised_days = 2", "promised_days = 0  # my note").replace('"csr"', '"cloud"')
    answer = author.post(EDIT, {"source": source, **CHANGED}, headers={"accept-language": "en"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for told in ("promised_days", "A whole number from 1 to 60 is needed.", "key_modes", "# my note", "Looked over"):
        assert told in page
    assert not system().versions.filter(status="draft").exists()


@pytest.mark.clause("O-1.3", "J-3.2", "O-4.2")
def test_a_draft_shows_its_certificate_its_sheet_and_what_differs(author: Client) -> None:
    draft = drafted(author, exported(author).replace("promised_days = 2", "promised_days = 5"))
    answer = author.get(f"/rules/versions/{draft.pk}/", headers={"accept-language": "en"})
    page = html.unescape(answer.content.decode())
    assert "Hanako Mihon" in page
    assert "Business days until the result" in page
    for item in draft.ruleset.examination:
        assert item.label.en in page
    assert f"/rules/versions/{draft.pk}/activate/" not in page


@pytest.mark.clause("O-1.3")
@time_machine.travel(WEDNESDAY_11_00, tick=False)
def test_a_second_person_activates_and_applications_from_then_on_are_pinned_to_it(
    author: Client, people: People
) -> None:
    first = system().version_in_force()
    earlier = Applying(people.jiro).start()
    draft = drafted(author, exported(author).replace("promised_days = 2", "promised_days = 5"))
    address, seen = f"/rules/versions/{draft.pk}/activate/", {"seen": draft.rules_digest}
    assert author.post(address, seen).status_code == 422
    second = signed_in(people.second_rules_manager)
    assert "consequences" in second.get(address).content.decode()
    assert second.post(address, {"seen": "0" * 64}).status_code == 422
    assert second.post(address, seen).status_code == 302
    earlier.refresh_from_db()
    assert earlier.rules == first
    assert Applying(people.hanako).start().rules == draft
    assert second.post(address, seen).status_code == 409


@pytest.mark.clause("O-1.3", "J-3.2")
def test_the_page_shows_the_certificate_that_the_signer_built_and_waits_for_it_by_itself(
    author: Client, people: People
) -> None:
    source = exported(author).replace("promised_days = 2", "promised_days = 5")
    assert author.post(EDIT, {"source": source, **CHANGED}).status_code == 302
    address = f"/rules/versions/{system().versions.get(status='draft').pk}/"
    waiting = author.get(address, headers={"accept-language": "en"}).content.decode()
    assert 'hx-select="#built"' in waiting
    assert "Being built" in waiting
    second = signed_in(people.second_rules_manager)
    answer = second.post(f"{address}activate/", {"seen": system().versions.get(status="draft").rules_digest})
    assert answer.status_code == 422
    samples.build_waiting()
    page = html.unescape(author.get(address, headers={"accept-language": "en"}).content.decode())
    assert 'hx-select="#built"' not in page
    for said in ("No findings", "365 days", "logging in (client authentication)", "Subject: CN=Hanako Mihon"):
        assert said in page
    assert second.post(f"{address}sample/").status_code == 302
    assert "Being built" in author.get(address, headers={"accept-language": "en"}).content.decode()
    assert signed_in(people.auditor).post(f"{address}sample/").status_code == 404


def test_the_page_says_the_rules_in_words(author: Client) -> None:
    draft = drafted(author, exported(author).replace("[60, 30, 7]", "[45, 9]"))
    page = html.unescape(author.get(f"/rules/versions/{draft.pk}/", headers={"accept-language": "en"}).content.decode())
    for said in ("45, 9 days before the end", "holder and office are reminded", "days before the certificate's end"):
        assert said in page


def test_what_the_ca_holds_against_a_draft_is_shown_and_stops_it(
    author: Client, people: People, issuing: CertificationAuthority
) -> None:
    draft = drafted(author, exported(author).replace("promised_days = 2", "promised_days = 5"))
    CertificationAuthority.objects.filter(pk=issuing.pk).update(not_after=WEDNESDAY_11_00)
    assert "profile.validity_days" in author.get(f"/rules/versions/{draft.pk}/").content.decode()
    second = signed_in(people.second_rules_manager)
    answer = second.post(f"/rules/versions/{draft.pk}/activate/", {"seen": draft.rules_digest})
    assert answer.status_code == 422
    assert "profile.validity_days" in answer.content.decode()


def test_a_note_in_the_text_comes_back_and_yaml_says_the_same(author: Client) -> None:
    draft = drafted(author, "# 見直しの理由\n" + exported(author).replace("promised_days = 2", "promised_days = 5"))
    assert author.get(f"/rules/versions/{draft.pk}/file.toml").content.decode().startswith("# 見直しの理由")
    answer = author.get(f"/rules/versions/{draft.pk}/file.yaml")
    assert f"member-client-{draft.number}.yaml" in answer["Content-Disposition"]
    assert read_file(answer.content, "yaml") == draft.rules
    assert author.get(f"/rules/versions/{draft.pk}/file.exe").status_code == 404


@pytest.mark.clause("O-1.3")
def test_a_target_system_is_begun_from_a_file_and_nobody_can_apply_yet(author: Client, people: People) -> None:
    in_force = TargetSystem.objects.get(slug="member-client").versions.get()
    assert f"/rules/versions/{in_force.pk}/file.toml" in author.get("/rules/new-target-system/").content.decode()
    content = exported(author, "yaml").replace("slug: member-client", "slug: new-system")
    service = ParentService.objects.get(slug="e-contract-service")
    sent = {"parent_service": service.pk, "file": SimpleUploadedFile("new.yaml", content.encode()), **CHANGED}
    assert author.post("/rules/new-target-system/", sent).status_code == 302
    made = TargetSystem.objects.get(slug="new-system")
    assert made.versions.get().status == "draft"
    applicant = signed_in(people.hanako)
    assert "new-system" not in applicant.get("/applications/new/").content.decode()
    assert applicant.post("/applications/new/new-system/").status_code == 404
    assert signed_in(people.examiner).get("/examination/").status_code == 200
    assert author.get("/rules/target-systems/").status_code == 200


FILES = {
    "another ending": ("rules.exe", b"slug = 1"),
    "an alias": ("rules.yaml", b"slug: &a x\nname: *a\n"),
    "too large": ("rules.toml", b"#" * (LARGEST + 1)),
    "no UTF-8": ("rules.toml", b"\xff\xfe\x00"),
    "an empty table": ("rules.yml", b"{}"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_with_the_reason_and_nothing_is_stored(name: str, author: Client) -> None:
    file, content = FILES[name]
    answer = author.post(EDIT, {"source": "kept", "file": SimpleUploadedFile(file, content), **CHANGED})
    assert answer.status_code == 422
    assert 'id="faults"' in answer.content.decode()
    assert system().versions.count() == 1


def test_rules_of_another_target_system_and_of_a_name_that_is_taken_are_refused(author: Client) -> None:
    other = exported(author).replace('slug = "member-client"', 'slug = "e-contract"')
    assert author.post(EDIT, {"source": other, **CHANGED}).status_code == 422
    service = ParentService.objects.get(slug="e-contract-service")
    answer = author.post("/rules/new-target-system/", {"parent_service": service.pk, "source": other, **CHANGED})
    assert answer.status_code == 422
    assert "slug" in answer.content.decode()


def test_a_draft_that_somebody_else_saved_meanwhile_is_not_lost(author: Client, people: People) -> None:
    source = exported(author)
    drafted(author, source.replace("promised_days = 2", "promised_days = 5"))
    late = signed_in(people.second_rules_manager).post(
        EDIT, {"source": source.replace("promised_days = 2", "promised_days = 9"), **CHANGED, "seen": ""}
    )
    assert late.status_code == 422
    assert "promised_days = 9" in late.content.decode()
    assert system().versions.get(status="draft").ruleset.promised_days == 5


def test_auditors_read_and_others_see_nothing(author: Client, people: People) -> None:
    key = system().version_in_force().pk
    auditor, examiner = signed_in(people.auditor), signed_in(people.examiner)
    assert re.search(r"TOML", auditor.get("/rules/target-systems/member-client/").content.decode())
    assert auditor.get(f"/rules/versions/{key}/").status_code == 200
    assert auditor.get(EDIT).status_code == 404
    assert auditor.post(f"/rules/versions/{key}/activate/").status_code == 404
    assert examiner.get(f"/rules/versions/{key}/").status_code == 404
    assert author.get("/rules/target-systems/nowhere/").status_code == 404


def test_the_editor_starts_with_the_rules_in_force(author: Client) -> None:
    page = author.get(EDIT).content.decode()
    assert "promised_days = 2" in page
    assert tomllib.loads(exported(author)) == system().version_in_force().rules


@pytest.mark.clause("O-1.3")
def test_a_draft_of_rules_is_thrown_away_on_a_page_that_says_what_is_lost(author: Client, people: People) -> None:
    draft = drafted(author, exported(author).replace("promised_days = 2", "promised_days = 5"))
    address, seen = f"/rules/versions/{draft.pk}/discard/", {"seen": draft.rules_digest}
    assert address in author.get(f"/rules/versions/{draft.pk}/").content.decode()
    assert "consequences" in author.get(address).content.decode()
    assert signed_in(people.auditor).post(address, seen).status_code == 404
    assert author.post(address, seen)["location"] == "/rules/target-systems/member-client/"
    assert author.post(address, seen).status_code == 404
    assert "promised_days = 2" in author.get(EDIT).content.decode()
    in_force = system().version_in_force()
    kept = f"/rules/versions/{in_force.pk}/discard/"
    assert "consequences" not in author.get(kept).content.decode()
    assert author.post(kept, {"seen": in_force.rules_digest}).status_code == 409


def test_a_target_system_that_only_has_a_draft_breaks_no_other_page(author: Client, people: People) -> None:
    content = exported(author).replace('slug = "member-client"', 'slug = "new-system"')
    service = ParentService.objects.get(slug="e-contract-service")
    author.post("/rules/new-target-system/", {"parent_service": service.pk, "source": content, **CHANGED})
    version = reviewed(people)
    page = author.get(f"/rules/documents/versions/{version.pk}/advance-notice/")
    assert page.status_code == 200
    made = TargetSystemVersion.objects.get(target_system__slug="new-system")
    address = f"/rules/versions/{made.pk}/discard/"
    assert author.post(address, {"seen": made.rules_digest})["location"] == "/rules/target-systems/"
    assert author.get("/rules/target-systems/new-system/").status_code == 404
