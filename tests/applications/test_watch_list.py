"""Names that may be a third party's: kept by staff, found however they are written, checked before issue."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from applications.models import Application, WatchedName
from applications.rules.sheet import RIGHTS_PREFIX, Verdict
from applications.rules.watching import PART, WHOLE, form_of, is_named
from applications.selectors.watching import sheet_for
from applications.services import deciding, examination, watch_list
from audit.models import Event
from audit.refusals import NotAllowed, RuleViolated, Stale
from tests.applications import cases
from tests.people import ORIGIN, People, signed_in

SAME = [
    ("MIHONARA", "ＭＩＨＯＮＡＲＡ Brand Division"),
    ("MIHONARA", "mihon-ara"),
    ("MIHONARA", "Mihonàra, Director"),
    ("みほなら", "株式会社ミホナラ商事"),
    ("ミホナラ", "ﾐﾎﾅﾗ"),
    ("ミホ ナラ", "みほなら"),
    ("3M", "Department of 3 M"),
    ("見本社", "株式会社見本社"),
]
OTHERS = [("MIHONARA", "Mihonarama"), ("ミホナラ", "ミホナラー"), ("Mihon", "Mihonara"), ("3M", "13M")]


def watch(people: People, name: str, matching: str = WHOLE) -> WatchedName:
    return watch_list.add(
        name=name,
        matching=matching,
        reason="同名の商標がある（デモ）",
        actor=people.rules_manager.actor(ORIGIN),
        at=timezone.now(),
    )


def rights(entry: WatchedName) -> str:
    return f"{RIGHTS_PREFIX}{entry.pk.hex}"


def judge(application: Application, people: People, entry: WatchedName, verdict: Verdict) -> None:
    examination.judge(
        application=application,
        key=rights(entry),
        verdict=verdict,
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )


def recommend(application: Application, people: People) -> Application:
    return deciding.recommend(
        application=application,
        seen=cases.seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )


@pytest.mark.clause("O-11.1")
@pytest.mark.parametrize(("name", "text"), SAME)
def test_a_name_is_found_however_it_is_written(name: str, text: str) -> None:
    assert is_named(form_of(name), WHOLE, text)


@pytest.mark.parametrize(("name", "text"), OTHERS)
def test_a_whole_name_is_not_found_inside_another_word_but_a_part_is(name: str, text: str) -> None:
    assert not is_named(form_of(name), WHOLE, text)
    assert is_named(form_of(name), PART, text)


@pytest.mark.clause("O-11.1")
def test_a_watched_name_makes_the_check_of_its_right_holder_mandatory(application: Application, people: People) -> None:
    entry = watch(people, "Ｐｕｒｃｈａｓｉｎｇ")
    cases.judged(application, people)
    with pytest.raises(RuleViolated) as raised:
        recommend(application, people)
    assert "Ｐｕｒｃｈａｓｉｎｇ" in str(raised.value.violations[0].message)
    for unanswered in (Verdict("passed"), Verdict("not_applicable", "", "関係ない"), Verdict("failed")):
        with pytest.raises(RuleViolated):
            judge(application, people, entry, unanswered)
    judge(application, people, entry, Verdict("passed", "商標登録証の写し、権利者は申請の法人"))
    assert recommend(application, people).status == "awaiting_approval"


@pytest.mark.clause("O-11.1", "O-4.3.4")
def test_an_application_that_fails_the_check_can_only_be_refused(application: Application, people: People) -> None:
    entry = watch(people, "Purchasing")
    cases.judged(application, people)
    judge(application, people, entry, Verdict("failed", "", "権利者は別の法人"))
    with pytest.raises(RuleViolated):
        recommend(application, people)
    refusal = deciding.Refusal("unsuitable", "部署名に第三者の商標が含まれています。")
    deciding.propose_refusal(
        application=application,
        refusal=refusal,
        seen=cases.seen_of(application),
        actor=people.examiner.actor(ORIGIN),
        at=timezone.now(),
    )
    approver = people.approver.actor(ORIGIN)
    with pytest.raises(RuleViolated):
        deciding.approve(application=application, seen=cases.seen_of(application), actor=approver, at=timezone.now())
    done = deciding.refuse(
        application=application,
        refusal=refusal,
        seen=cases.seen_of(application),
        actor=approver,
        at=timezone.now(),
    )
    assert (done.status, cases.order_of(done).status) == ("refused", "cancelled")


@pytest.mark.clause("O-11.1")
def test_a_name_watched_after_the_recommendation_stops_the_approval(application: Application, people: People) -> None:
    cases.recommended(application, people)
    watch(people, "見本精機", PART)
    with pytest.raises(RuleViolated):
        deciding.approve(
            application=application,
            seen=cases.seen_of(application),
            actor=people.approver.actor(ORIGIN),
            at=timezone.now(),
        )


@pytest.mark.clause("O-11.1")
def test_a_name_in_what_is_not_printed_itself_is_found_too(application: Application, people: People) -> None:
    entry = watch(people, "購買部")
    assert rights(entry) in [item.key for item in sheet_for(application)]


def test_an_ended_entry_asks_nothing_and_what_was_examined_stays(application: Application, people: People) -> None:
    judged_one, open_one = watch(people, "Purchasing"), watch(people, "Director")
    cases.claimed(application, people)
    judge(application, people, judged_one, Verdict("passed", "商標登録証"))
    for entry in (judged_one, open_one):
        watch_list.end(
            entry=entry, reason="商標が消滅した", actor=people.rules_manager.actor(ORIGIN), at=timezone.now()
        )
    page = signed_in(people.examiner).get(f"/examination/{application.pk}/").content.decode()
    assert rights(judged_one) in page
    assert rights(open_one) not in page
    with pytest.raises(Stale):
        watch_list.end(entry=open_one, reason="もう一度", actor=people.rules_manager.actor(ORIGIN), at=timezone.now())


def test_an_entry_is_ended_once_and_never_changed_or_deleted(application: Application, people: People) -> None:
    entry = watch(people, "Purchasing")
    row = WatchedName.objects.filter(pk=entry.pk)
    for change in ({"name": "Other"}, {"form": "other"}, {"reason": ""}):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)
    watch_list.end(entry=entry, reason="取下げ", actor=people.rules_manager.actor(ORIGIN), at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        row.update(end_reason="ほか")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_only_rules_managers_keep_the_list_and_each_change_is_on_record(
    application: Application, people: People
) -> None:
    manager, examiner = signed_in(people.rules_manager), signed_in(people.examiner)
    typed = {"name": "見本社", "matching": WHOLE, "reason": "訴えがあった（デモ）"}
    assert examiner.post("/watch-list/new/", typed).status_code == 404
    with pytest.raises(NotAllowed):
        watch_list.add(**typed, actor=people.examiner.actor(ORIGIN), at=timezone.now())
    assert manager.post("/watch-list/new/", typed).status_code == 302
    again = manager.post("/watch-list/new/", typed)
    assert again.status_code == 422
    assert "訴えがあった" in again.content.decode()
    entry = WatchedName.objects.get(name="見本社")
    assert "見本社" in examiner.get("/watch-list/", {"q": "株式会社見本社"}).content.decode()
    assert manager.post(f"/watch-list/{entry.pk}/end/", {"reason": ""}).status_code == 422
    assert manager.post(f"/watch-list/{entry.pk}/end/", {"reason": "解決した"}).status_code == 302
    told = Event.objects.filter(story=entry.pk).values_list("act", "person_id")
    assert list(told) == [
        ("watch_list:add", people.rules_manager.pk),
        ("watch_list:end", people.rules_manager.pk),
    ]


@pytest.mark.parametrize("name", ["", "x", "・・", "a\u200bb", "見本\n社", "x" * 121])
def test_a_name_that_tells_nothing_is_refused_in_words(application: Application, people: People, name: str) -> None:
    typed = {"name": name, "matching": WHOLE, "reason": "理由"}
    answer = signed_in(people.rules_manager).post("/watch-list/new/", typed)
    assert answer.status_code == 422
    assert not WatchedName.objects.filter(reason="理由").exists()


@pytest.mark.clause("O-11.1", "O-11.2")
def test_an_entry_lists_what_carries_the_name_already(application: Application, people: People) -> None:
    entry = watch(people, "Hanako Kaku")
    issued = cases.certificate_of_same_subject(application)
    page = signed_in(people.examiner).get(f"/watch-list/{entry.pk}/", {"look": "1"})
    assert [row.pk for row in page.context["touched"].applications] == [application.pk]
    assert [row.pk for row in page.context["touched"].certificates] == [issued.pk]
    assert f"?certificate={issued.management_number}" in page.content.decode()
