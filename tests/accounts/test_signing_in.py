"""Guessing, looking for accounts, ways back, fresh sign-ins and open sessions."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts import throttling
from accounts.models import AccountChange, AttemptCount, Notice, RoleGrant, User
from accounts.worker.tasks import forget
from audit.models import Event
from lra_portal.demo.second_factor import code_at
from tests.accounts.test_account_pages import confirmed, letters_to, link_in, sign_in
from tests.harness.cloned import Clone
from tests.instants import WEDNESDAY_11_00
from tests.people import PASSWORD, TOTP_SECRET, People, signed_in

WRONG = "wrong-password-2026"
NOBODY = "nobody@demo.example"


def tried(email: str, password: str = WRONG) -> str:
    """Try a password and return what the page says to it; where it leads, when it was right."""
    answer = Client().post(reverse("account_login"), {"login": email, "password": password})
    return str(answer.headers.get("Location", "")) or answer.content.decode()


@pytest.mark.clause("O-9")
def test_after_five_wrong_passwords_the_right_one_waits_too_also_when_the_cache_is_gone(people: People) -> None:
    email = confirmed(people.hanako).email
    with time_machine.travel(WEDNESDAY_11_00, tick=False) as clock:
        for _time in range(throttling.PASSWORD.most):
            tried(email)
            cache.clear()
        assert "data-error-summary" in tried(email, PASSWORD)
        assert Notice.objects.filter(kind="accounts/guessed", recipient=people.hanako).count() == 1
        told = {notice.recipient for notice in Notice.objects.filter(kind="accounts/guessing")}
        assert told == {people.administrator, people.second_administrator}
        clock.shift(timedelta(minutes=15, seconds=1))
        cache.clear()
        assert tried(email, PASSWORD) == reverse("accounts:landing")


def test_of_two_hundred_guesses_at_once_five_are_judged(clone: Clone, people: People) -> None:
    def guess(_number: int) -> bool:
        try:
            return throttling.count(throttling.CODE, "somebody", WEDNESDAY_11_00) <= throttling.CODE.most
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(guess, range(200))) == throttling.CODE.most


def test_codes_of_the_second_factor_are_judged_five_times(people: People) -> None:
    email = confirmed(people.agent).email
    with time_machine.travel(WEDNESDAY_11_00, tick=False) as clock:
        client = Client()
        sign_in(client, email)
        for _time in range(throttling.CODE.most):
            client.post(reverse("mfa_authenticate"), {"code": "000000"})
            cache.clear()
        right = {"code": code_at(TOTP_SECRET, WEDNESDAY_11_00.timestamp())}
        assert client.post(reverse("mfa_authenticate"), right).status_code == 200
        assert Notice.objects.filter(kind="accounts/guessed", recipient=people.agent).exists()
        clock.shift(timedelta(minutes=16))
        cache.clear()
        sign_in(client, email)
        right = {"code": code_at(TOTP_SECRET, WEDNESDAY_11_00.timestamp() + 960)}
        assert client.post(reverse("mfa_authenticate"), right).status_code == 302


def test_counts_that_are_over_are_forgotten(people: People) -> None:
    throttling.count(throttling.PASSWORD, "x", WEDNESDAY_11_00 - timedelta(days=2))
    forget()
    assert not AttemptCount.objects.exists()


def test_a_known_and_an_unknown_address_get_the_same_words_and_cost_the_same_hashing(people: People) -> None:
    confirmed(people.hanako)
    waiting = User.objects.create_user("waiting@demo.example", None, name="x")
    User.objects.filter(pk=confirmed(people.jiro).pk).update(is_active=False)
    hashed, said = {}, set()
    real = MD5PasswordHasher.encode
    for email in (people.hanako.email, NOBODY, waiting.email, people.jiro.email):
        with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=real) as encode:
            page = tried(email)
        said.add(re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page))
        hashed[email] = encode.call_count
    assert len(said) == 1
    assert set(hashed.values()) == {1}


def test_a_link_of_an_invitation_that_never_was_looks_like_one_that_is_over(people: People) -> None:
    pages = {Client().get(reverse("accounts:join", args=[token])).content for token in ("a" * 43, "b" * 43)}
    assert len({re.sub(rb'aaaa+|bbbb+|value="[^"]*"', b"", page) for page in pages}) == 1


def test_a_stranger_fills_nobodys_mailbox(people: People) -> None:
    for _time in range(throttling.LETTERS.most + 3):
        Client().post(reverse("account_reset_password"), {"email": people.hanako.email})
        cache.clear()
    assert len(letters_to(people.hanako.email)) == throttling.LETTERS.most


def proposed(people: People, **changes: str) -> AccountChange:
    wish = {"email": people.agent.email, "kind": "second_factor", "how_checked": "面前で身分証を確認"}
    answer = signed_in(people.administrator).post(reverse("accounts:way_back"), wish | changes)
    assert answer.headers.get("Location") == reverse("accounts:staff"), answer.content.decode()
    return AccountChange.objects.latest("proposed_at")


def page_of(change: AccountChange) -> str:
    return reverse("accounts:account_change", args=[change.pk])


@pytest.mark.clause("O-19")
def test_two_administrators_remove_a_lost_second_factor_and_the_person_is_told_and_signed_out(people: People) -> None:
    confirmed(people.agent)
    browser = signed_in(people.agent)
    browser.get(reverse("support_desk:workplace"))
    change = proposed(people)
    assert signed_in(people.administrator).post(page_of(change)).status_code == 422
    second = signed_in(people.second_administrator)
    assert "身分証" in second.get(page_of(change)).content.decode()
    assert Authenticator.objects.filter(user=people.agent).exists()
    second.post(page_of(change))
    assert not Authenticator.objects.filter(user=people.agent).exists()
    assert browser.get(reverse("support_desk:workplace")).headers["Location"].startswith(reverse("account_login"))
    assert "二要素" in letters_to(people.agent.email)[-1]
    assert second.post(page_of(change)).status_code == 409
    event = Event.objects.get(act="account_change:confirm", outcome="done")
    assert event.person_id == people.second_administrator.pk


@pytest.mark.clause("O-19")
def test_two_administrators_change_a_lost_address_which_counts_once_its_link_was_opened(people: People) -> None:
    old, new = confirmed(people.hanako).email, "hanako-new@demo.example"
    change = proposed(people, email=old, kind="address", new_email=new)
    signed_in(people.second_administrator).post(page_of(change))
    people.hanako.refresh_from_db()
    assert people.hanako.email == new
    assert letters_to(old)
    assert "data-error-summary" in tried(old, PASSWORD)
    assert reverse("account_email_verification_sent") in tried(new, PASSWORD)
    Client().post(link_in(letters_to(new)[-1], "confirm-email"))
    assert tried(new, PASSWORD) == reverse("accounts:landing")


@pytest.mark.parametrize(
    "wish",
    [
        {"email": NOBODY},
        {"email": "administrator@demo.example"},
        {"kind": "address"},
        {"kind": "address", "new_email": "hanako@demo.example"},
        {"how_checked": ""},
    ],
)
def test_a_way_back_that_makes_no_sense_is_refused_at_the_field(people: People, wish: dict[str, str]) -> None:
    base = {"email": people.agent.email, "kind": "second_factor", "how_checked": "確認"}
    answer = signed_in(people.administrator).post(reverse("accounts:way_back"), base | wish)
    assert answer.status_code == 422
    assert not AccountChange.objects.exists()


def test_the_database_lets_nobody_open_a_way_back_alone(people: People) -> None:
    change = proposed(people)
    for person in (people.administrator, people.agent, people.examiner):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountChange.objects.filter(pk=change.pk).update(confirmed_by=person)


def test_somebody_of_the_office_does_not_change_their_own_address(people: People) -> None:
    confirmed(people.agent)
    EmailAddress.objects.create(user=people.agent, email="second@demo.example", verified=True)
    client = signed_in(people.agent)
    sent = {"email": "second@demo.example", "action_primary": ""}
    assert client.post(reverse("account_email"), sent).status_code == 422
    people.agent.refresh_from_db()
    assert people.agent.email == "agent@demo.example"


def test_an_applicant_changes_the_address_after_showing_who_they_are_and_the_old_one_is_told(
    people: People,
) -> None:
    old = confirmed(people.hanako).email
    EmailAddress.objects.create(user=people.hanako, email="second@demo.example", verified=True)
    client = Client()
    sign_in(client, old)
    sent = {"email": "second@demo.example", "action_primary": ""}
    asked = client.post(reverse("account_email"), sent).headers["Location"]
    assert asked.startswith(reverse("account_reauthenticate"))
    client.post(asked, {"password": PASSWORD})
    people.hanako.refresh_from_db()
    assert people.hanako.email == "second@demo.example"
    assert letters_to(old)


def stale(person: User) -> Client:
    """Return a browser whose sign-in is sixteen minutes old."""
    client = signed_in(person)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": (WEDNESDAY_11_00 - timedelta(minutes=16)).timestamp()}
    ]
    session.save()
    return client


@pytest.mark.clause("O-9")
def test_a_sign_in_of_long_ago_ends_no_role_until_the_second_factor_was_shown_again(people: People) -> None:
    grant = RoleGrant.objects.get(user=people.auditor)
    page = reverse("accounts:end_role", args=[grant.pk])
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        client = stale(people.administrator)
        assert client.get(page).status_code == 200
        asked = client.post(page).headers["Location"]
        assert asked.startswith(reverse("mfa_reauthenticate"))
        grant.refresh_from_db()
        assert grant.ended_at is None
        assert "もう一度" in client.get(asked).content.decode()
        client.post(asked, {"code": code_at(TOTP_SECRET, WEDNESDAY_11_00.timestamp())})
        grant.refresh_from_db()
        assert grant.ended_at is not None


def test_a_part_of_a_page_leads_the_whole_page_to_the_second_factor(people: People) -> None:
    grant = RoleGrant.objects.get(user=people.auditor)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost:8000/people/staff/"}
    with time_machine.travel(WEDNESDAY_11_00, tick=False):
        answer = stale(people.administrator).post(reverse("accounts:end_role", args=[grant.pk]), headers=headers)
    assert answer.headers["HX-Redirect"] == f"{reverse('mfa_reauthenticate')}?next=%2Fpeople%2Fstaff%2F"


def test_signing_out_everywhere_else_leaves_this_browser_alone(people: People) -> None:
    confirmed(people.hanako)
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, people.hanako.email)
        assert client.get(reverse("accounts:profile")).status_code == 200
    assert here.get(reverse("usersessions_list")).content.decode().count('<th scope="row">') == 2
    here.post(reverse("usersessions_list"))
    assert here.get(reverse("accounts:profile")).status_code == 200
    assert there.get(reverse("accounts:profile")).status_code == 302


@pytest.mark.clause("O-9")
def test_a_session_id_from_before_signing_in_opens_nothing_afterwards(people: People) -> None:
    client = Client()
    client.post(reverse("set_language"), {"language": "en"})
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["sessionid"] = before = session.session_key or ""
    sign_in(client, confirmed(people.hanako).email)
    assert client.cookies["sessionid"].value != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get(reverse("accounts:profile")).status_code == 302


def test_a_form_from_elsewhere_is_refused(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.hanako, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(reverse("accounts:profile"), {"name": "x"}).status_code == 403


def test_somebody_who_is_locked_out_is_out_with_the_next_click(people: People) -> None:
    client = signed_in(people.hanako)
    assert client.get(reverse("accounts:profile")).status_code == 200
    User.objects.filter(pk=people.hanako.pk).update(is_active=False)
    assert client.get(reverse("accounts:profile")).status_code == 302
