"""Signing up, signing in, the second factor of staff, and invitations to the office."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Notice, RoleGrant, User
from accounts.roles import Role
from accounts.worker.mailing import send_waiting
from audit.models import Event
from lra_portal.demo.second_factor import code_at, code_now
from tests.instants import FRIDAY_17_59, WEDNESDAY_11_00
from tests.people import PASSWORD, TOTP_SECRET, People, signed_in
from vault.models import SealedBlob

pytestmark = pytest.mark.django_db
NEWCOMER = {
    "email": "shinki@demo.example",
    "name": "架空 新規",
    "name_reading": "カクウ シンキ",
    "phone": "０３－００００－０００１",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    """Forget the limits on attempts that an earlier test used up; they are kept by address in the cache."""
    cache.clear()


def letters_to(address: str) -> list[str]:
    """Send what waits, and return subject and text of every mail to an address, oldest first."""
    send_waiting()
    return [f"{letter.subject}\n{letter.body}" for letter in mail.outbox if address in letter.to]


def link_in(letter: str, part: str) -> str:
    found = re.search(rf"https?://[^/\s]+(/\S*{part}\S*)", letter)
    assert found, letter
    return found.group(1)


def sign_in(client: Client, email: str) -> str:
    """Sign in with the password and return the address that it leads to."""
    answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def confirmed(person: User) -> User:
    """Return the person with an address that was confirmed, as the pages of signing in want it."""
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def test_somebody_who_signs_up_can_sign_in_once_their_address_is_confirmed(client: Client) -> None:
    answer = client.post(reverse("account_signup"), NEWCOMER)
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    person = User.objects.get(email=NEWCOMER["email"])
    assert (person.name, person.phone) == ("架空 新規", "03-0000-0001")
    assert "verification" in sign_in(Client(), NEWCOMER["email"]) or "confirm" in sign_in(Client(), NEWCOMER["email"])
    link = link_in(letters_to(NEWCOMER["email"])[0], "confirm-email")
    assert "このアドレスを確認する" in client.get(link).content.decode()
    client.post(link)
    assert sign_in(Client(), NEWCOMER["email"]) == reverse("accounts:landing")


def test_a_link_of_a_mail_lies_in_the_outbox_sealed(client: Client) -> None:
    client.post(reverse("account_signup"), NEWCOMER)
    notice = Notice.objects.get(email=NEWCOMER["email"])
    assert "confirm-email" not in str(notice.context)
    assert notice.secret is not None


def test_signing_up_with_a_known_address_looks_the_same_and_tells_only_its_owner(people: People) -> None:
    fresh, known = Client(), Client()
    one = fresh.post(reverse("account_signup"), NEWCOMER)
    two = known.post(reverse("account_signup"), {**NEWCOMER, "email": people.hanako.email})
    assert (one.status_code, one.headers["Location"]) == (two.status_code, two.headers["Location"])
    assert "既にアカウント" in letters_to(people.hanako.email)[0]


def test_asking_for_a_password_looks_the_same_with_and_without_an_account(people: People) -> None:
    pages = [
        Client().post(reverse("account_reset_password"), {"email": email})
        for email in (people.hanako.email, "nobody@demo.example")
    ]
    assert len({(page.status_code, page.headers["Location"]) for page in pages}) == 1
    assert "password/reset/key" in letters_to(people.hanako.email)[0]


def test_a_wrong_password_is_refused_in_words_and_is_on_record(people: People) -> None:
    answer = Client().post(reverse("account_login"), {"login": people.hanako.email, "password": "wrong"})
    assert answer.status_code == 200
    assert "data-error-summary" in answer.content.decode()
    assert Event.objects.filter(act="account:sign_in_fail", outcome="refused").exists()


def test_a_name_with_a_bidirectional_control_is_refused_and_what_was_typed_stays(client: Client) -> None:
    answer = client.post(reverse("account_signup"), {**NEWCOMER, "name": "架空\u202e新規"})
    page = answer.content.decode()
    assert "U+202E" in page
    assert NEWCOMER["name_reading"] in page
    assert not User.objects.filter(email=NEWCOMER["email"]).exists()


def test_a_person_of_the_office_signs_in_with_a_second_factor(people: People) -> None:
    client = Client()
    assert sign_in(client, confirmed(people.administrator).email) == reverse("mfa_authenticate")
    answer = client.post(reverse("mfa_authenticate"), {"code": code_now(TOTP_SECRET)})
    assert answer.headers["Location"] == reverse("accounts:landing")
    assert client.get(reverse("accounts:landing")).headers["Location"] == reverse("accounts:staff")
    assert Event.objects.filter(act="account:sign_in", person_id=people.administrator.pk).exists()


def test_a_code_is_taken_half_a_minute_late_but_never_twice_in_all_the_time_it_is_good_for(people: People) -> None:
    email = confirmed(people.administrator).email
    typed_at = WEDNESDAY_11_00
    code = code_at(TOTP_SECRET, typed_at.timestamp())
    library = TOTP(Authenticator.objects.get(user=people.administrator, type=Authenticator.Type.TOTP))
    for seconds, lets_in in ((29, True), (45, False), (59, False)):
        with time_machine.travel(typed_at + timedelta(seconds=seconds), tick=False):
            client = Client()
            sign_in(client, email)
            answer = client.post(reverse("mfa_authenticate"), {"code": code})
            assert (answer.status_code == 302) is lets_in, seconds
            # The library's own memory ends after one period; the broker's clock is not the test's.
            cache.delete(library._get_used_cache_key(code))
    with time_machine.travel(typed_at + timedelta(seconds=95), tick=False):
        client = Client()
        sign_in(client, email)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_a_person_of_the_office_without_second_factor_gets_nothing_but_its_setup(people: People) -> None:
    Authenticator.objects.filter(user=people.administrator).delete()
    client = signed_in(people.administrator)
    assert client.get(reverse("accounts:staff")).headers["Location"] == reverse("mfa_index")
    assert "二要素" in client.get(reverse("mfa_index")).content.decode()


def test_the_secret_of_a_second_factor_rests_sealed(people: People) -> None:
    row = Authenticator.objects.get(user=people.examiner, type=Authenticator.Type.TOTP)
    assert TOTP_SECRET not in str(row.data)
    assert SealedBlob.objects.filter(pk=row.data["secret"], purpose="second_factors").exists()
    assert TOTP(row).validate_code(code_now(TOTP_SECRET))


def test_nobody_but_an_administrator_sees_the_people_of_the_office(people: People) -> None:
    assert signed_in(people.hanako).get(reverse("accounts:staff")).status_code == 404
    assert signed_in(people.examiner).post(reverse("applications:invite"), {}).status_code == 404
    assert Client().get(reverse("accounts:staff")).status_code == 302


def test_ending_a_role_closes_its_pages_at_once(people: People) -> None:
    grant = RoleGrant.objects.create(
        user=people.auditor, role=Role.ADMINISTRATOR, granted_by=None, granted_at=FRIDAY_17_59
    )
    other = signed_in(people.auditor)
    assert other.get(reverse("accounts:staff")).status_code == 200
    address = reverse("accounts:end_role", args=[grant.pk])
    admin = signed_in(people.administrator)
    assert "役割を終える" in admin.get(address).content.decode()
    admin.post(address)
    grant.refresh_from_db()
    assert grant.ended_at is not None
    assert other.post(reverse("applications:invite"), {}).status_code == 404


def test_a_person_changes_their_own_data_and_the_language_of_their_mails(people: People) -> None:
    client = signed_in(people.hanako)
    told = {
        "name": "架空 華子",
        "name_reading": "カクウ ハナコ",
        "phone": "",
        "name_latin": "Hanako Kaku",
        "language": "en",
    }
    assert client.post(reverse("accounts:profile"), told).status_code == 302
    people.hanako.refresh_from_db()
    assert (people.hanako.name, people.hanako.language) == ("架空 華子", "en")
    assert 'lang="en"' in client.get(reverse("accounts:profile")).content.decode()


@pytest.mark.parametrize(
    "page",
    [
        "account_change_password",
        "account_email",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "usersessions_list",
        "accounts:profile",
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_of_the_account_open_in_both_languages(people: People, page: str, language: str) -> None:
    client = Client(headers={"accept-language": language})
    client.post(reverse("account_login"), {"login": people.hanako.email, "password": PASSWORD})
    client.cookies["django_language"] = language
    answer = client.get(reverse(page), follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in text
    assert "{%" not in text
    assert "<c-" not in text


def test_recovery_codes_can_be_made_seen_and_used(people: People) -> None:
    client = Client()
    sign_in(client, confirmed(people.examiner).email)
    client.post(reverse("mfa_authenticate"), {"code": code_now(TOTP_SECRET)})
    again = client.post(reverse("mfa_generate_recovery_codes")).headers["Location"]
    assert reverse("account_reauthenticate") in again
    client.post(again, {"password": PASSWORD})
    client.post(reverse("mfa_generate_recovery_codes"))
    shown = re.findall(r"<li>([0-9a-f]{8})</li>", client.get(reverse("mfa_view_recovery_codes")).content.decode())
    assert len(shown) == 10
    fresh = Client()
    sign_in(fresh, people.examiner.email)
    assert fresh.post(reverse("mfa_authenticate"), {"code": shown[0]}).status_code == 302
