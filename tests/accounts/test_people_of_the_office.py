"""Two administrators bring somebody into the office, one locks out who leaves, and a report shows all roles."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import invitations
from accounts.models import RoleGrant, StaffInvitation, User
from accounts.roles import Role
from accounts.worker.mailing import send_waiting
from applications.services import leaving
from audit.models import Event
from audit.refusals import RuleViolated, Stale
from regulations.models import ApiToken, ParentService
from tests.accounts.test_account_pages import letters_to, link_in
from tests.instants import FRIDAY_17_59, TUESDAY_AFTER_THE_HOLIDAY_9_00
from tests.people import ORIGIN, PASSWORD, People, signed_in

pytestmark = pytest.mark.django_db
WANTED = {"email": "shinjin@demo.example", "name": "架空 新人", "roles": ["examiner", "agent"], "reason": "増員"}


def proposed(people: People, **changes: object) -> StaffInvitation:
    """Let the first administrator propose somebody by the page and return the row."""
    answer = signed_in(people.administrator).post(reverse("applications:invite"), WANTED | changes)
    assert answer.headers.get("Location") == reverse("accounts:staff"), answer.content.decode()
    return StaffInvitation.objects.latest("invited_at")


def page_of(invitation: StaffInvitation) -> str:
    return reverse("accounts:invitation", args=[invitation.pk])


def joined(people: People, **changes: object) -> User:
    """Bring somebody in by two administrators and return them."""
    row = proposed(people, **changes)
    signed_in(people.second_administrator).post(page_of(row))
    link = link_in(letters_to(row.email)[-1], "join")
    Client().post(link, {"name": row.name, "password1": PASSWORD, "password2": PASSWORD})
    return User.objects.get(email=row.email)


@pytest.mark.clause("O-19", "J-3.1")
def test_one_proposes_another_confirms_and_the_person_joins_with_the_roles(people: People) -> None:
    row = proposed(people)
    assert letters_to(row.email) == []
    second = signed_in(people.second_administrator)
    assert "他の管理者の確認" in second.get(reverse("accounts:staff")).content.decode()
    assert "増員" in second.get(page_of(row)).content.decode()
    assert second.post(page_of(row)).headers["Location"] == reverse("accounts:staff")
    link = link_in(letters_to(row.email)[0], "join")
    visitor = Client()
    answer = visitor.post(link, {"name": "架空 新人", "password1": PASSWORD, "password2": PASSWORD})
    assert answer.headers["Location"] == reverse("accounts:landing")
    person = User.objects.get(email=row.email)
    assert person.role_names() == {"applicant", "examiner", "agent"}
    givers = {(grant.granted_by, grant.confirmed_by) for grant in person.grants.all()}
    assert givers == {(people.administrator, people.second_administrator)}
    assert visitor.get(reverse("accounts:landing")).headers["Location"] == reverse("mfa_index")
    assert Client().get(link).status_code == 404


def test_who_proposed_it_does_not_confirm_it_nor_who_is_to_get_it(people: People) -> None:
    row = proposed(people)
    assert signed_in(people.administrator).post(page_of(row)).status_code == 422
    assert "同僚" in signed_in(people.administrator).get(page_of(row)).content.decode()
    own = proposed(people, email=people.second_administrator.email, roles=["contract_admin"])
    assert signed_in(people.second_administrator).post(page_of(own)).status_code == 422
    assert not StaffInvitation.objects.exclude(confirmed_by=None).exists()


@pytest.mark.parametrize(
    ("email", "roles"),
    [("administrator", ["contract_admin"]), ("auditor", ["examiner"]), ("nobody", ["agent", "approver"])],
)
def test_a_role_for_oneself_and_roles_that_clash_are_refused_at_the_field(
    people: People, email: str, roles: list[str]
) -> None:
    answer = signed_in(people.administrator).post(
        reverse("applications:invite"), WANTED | {"email": f"{email}@demo.example", "roles": roles}
    )
    assert answer.status_code == 422
    assert "増員" in answer.content.decode()
    assert not StaffInvitation.objects.exists()


def test_an_invitation_is_over_after_three_days_confirmed_or_not(people: People) -> None:
    with time_machine.travel(FRIDAY_17_59, tick=False):
        confirmed, waiting = proposed(people), proposed(people, email="late@demo.example")
        signed_in(people.second_administrator).post(page_of(confirmed))
        link = link_in(letters_to(confirmed.email)[0], "join")
    with time_machine.travel(TUESDAY_AFTER_THE_HOLIDAY_9_00, tick=False):
        assert Client().get(link).status_code == 404
        assert signed_in(people.second_administrator).post(page_of(waiting)).status_code == 409
        assert signed_in(people.second_administrator).get(page_of(waiting)).status_code == 200


def test_a_declined_invitation_lets_nobody_in(people: People) -> None:
    row = proposed(people)
    second = signed_in(people.second_administrator)
    second.post(page_of(row))
    link = link_in(letters_to(row.email)[0], "join")
    second.post(page_of(row), {"answer": "decline"})
    assert Client().get(link).status_code == 404
    other = proposed(people, email="other@demo.example")
    second.post(page_of(other), {"answer": "decline"})
    assert second.post(page_of(other)).status_code == 409


def test_the_first_two_administrators_are_invited_from_the_console_and_no_third(people: People) -> None:
    RoleGrant.objects.filter(user=people.second_administrator).update(ended_at=timezone.now())
    call_command("appoint_administrators", email="Chief@demo.example", name="架空 長", reason="開設")
    link = link_in(letters_to("chief@demo.example")[0], "join")
    Client().post(link, {"name": "架空 長", "password1": PASSWORD, "password2": PASSWORD})
    assert "administrator" in User.objects.get(email="chief@demo.example").role_names()
    with pytest.raises(CommandError, match=r"."):
        call_command("appoint_administrators", email="third@demo.example", name="三", reason="x")


@pytest.mark.clause("O-9", "O-19")
def test_somebody_who_leaves_is_locked_out_everywhere_in_one_moment(people: People, demo_rules: None) -> None:
    at = timezone.now()
    leaver, browser = people.rules_manager, signed_in(people.rules_manager)
    assert browser.get(reverse("accounts:profile")).status_code == 200
    service = ParentService.objects.first()
    assert service is not None
    token = ApiToken.objects.create(
        parent_service=service, name="x", prefix="lra_x", digest=b"x" * 32, made_by=leaver, made_at=at
    )
    page = reverse("applications:lock_out", args=[leaver.pk])
    admin = signed_in(people.administrator)
    assert admin.post(page, {"reason": ""}).status_code == 422
    assert admin.post(page, {"reason": "退職"}).headers["Location"] == reverse("accounts:staff")
    assert browser.get(reverse("accounts:profile")).status_code == 302
    assert browser.session.session_key is None or not browser.session.items()
    leaver.refresh_from_db()
    token.refresh_from_db()
    assert not leaver.is_active
    assert leaver.role_names() == {"applicant"}
    assert token.ended_at is not None
    answer = Client().post(reverse("account_login"), {"login": leaver.email, "password": PASSWORD})
    assert "_auth_user_id" not in answer.client.session
    event = Event.objects.get(act="staff:lock")
    assert (event.person_id, event.details.body["sessions"]) == (people.administrator.pk, 1)
    assert admin.get(page).status_code == 404


def test_nobody_locks_themselves_out(people: People) -> None:
    with pytest.raises(RuleViolated):
        leaving.lock(user=people.administrator, reason="x", actor=people.administrator.actor(), at=timezone.now())


def test_an_open_invitation_of_somebody_who_was_locked_out_is_over(people: People) -> None:
    person = joined(people)
    again = proposed(people, roles=["contract_admin"])
    leaving.lock(user=person, reason="退職", actor=people.administrator.actor(ORIGIN), at=timezone.now())
    with pytest.raises(Stale):
        invitations.confirm(invitation=again, site_url="", actor=people.second_administrator.actor(), at=timezone.now())


def test_somebody_who_comes_back_sets_up_a_second_factor_anew(people: People) -> None:
    at = timezone.now()
    leaving.lock(user=people.agent, reason="退職", actor=people.administrator.actor(), at=at)
    joined(people, email=people.agent.email, roles=["agent"])
    people.agent.refresh_from_db()
    assert people.agent.is_active
    page = signed_in(people.agent).get(reverse("support_desk:workplace"))
    assert page.headers["Location"] == reverse("mfa_index")


@pytest.mark.clause("J-3.1")
def test_the_report_on_roles_says_who_gave_them_and_what_to_look_at(people: People) -> None:
    joined(people)
    RoleGrant.objects.create(user=people.auditor, role=Role.EXAMINER, granted_at=timezone.now() - timedelta(days=91))
    for reader in (people.administrator, people.auditor):
        text = signed_in(reader).get(reverse("accounts:review")).content.decode()
        assert len(re.findall(r"兼ねられない役割", text)) == 2
        assert "90日" in text
    lines = b"".join(signed_in(people.auditor).get(reverse("accounts:review_file")).streaming_content).decode()  # type: ignore[attr-defined]
    row = next(line for line in lines.splitlines() if "shinjin@demo.example" in line and "審査" in line)
    assert str(people.administrator) in row
    assert str(people.second_administrator) in row
    assert signed_in(people.examiner).get(reverse("accounts:review")).status_code == 404
    assert Event.objects.filter(act="staff:review", person_id=people.auditor.pk).count() == 2


def test_a_leaving_examiners_cases_are_named_in_the_mail_of_nobody(people: People) -> None:
    leaving.lock(user=people.agent, reason="退職", actor=people.administrator.actor(), at=timezone.now())
    send_waiting()
    assert mail.outbox == []
