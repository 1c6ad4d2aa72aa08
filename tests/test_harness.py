"""The harness itself: what tests rely on without looking."""

import psycopg2
import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.db import connection, transaction

from accounts.models import User
from accounts.nudges import nudge
from tests.harness.cloned import Clone
from tests.harness.jobs import Job, Jobs
from tests.people import People


def current_user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_ordinary_tests_work_as_the_worker() -> None:
    assert current_user() == "lra_worker"


@pytest.mark.parametrize("attempt", [1, 2])
def test_what_a_cloned_test_commits_is_gone_in_the_next(clone: Clone, attempt: int) -> None:
    assert not User.objects.exists()
    User.objects.create(email="gone@demo.example")
    with psycopg2.connect(clone.database_url("lra_web")) as other, other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        assert cursor.fetchone() == (1,)


def test_a_clone_can_be_seen_through_another_role(clone: Clone) -> None:
    with clone.acting_as("lra_web"):
        assert current_user() == "lra_web"
    assert current_user() == "lra_worker"


@pytest.mark.django_db
def test_evidence_cannot_be_truncated_so_the_template_stays_what_it_is() -> None:
    with connection.cursor() as cursor, pytest.raises(Exception, match=r"permission denied|append-only"):
        cursor.execute("TRUNCATE audit_event CASCADE")


@pytest.mark.django_db
def test_a_nudge_waits_for_the_commit_and_is_kept_for_the_test(jobs: Jobs) -> None:
    with transaction.atomic():
        nudge("accounts.send_notices")
        assert jobs.waiting == []
    jobs.commit()
    assert jobs.waiting == [Job("accounts.send_notices")]
    assert jobs.drop() == [Job("accounts.send_notices")]


def test_named_people_are_there_in_a_transaction(people: People) -> None:
    assert people.examiner.role_names() == {"applicant", "examiner"}
    assert connection.in_atomic_block


def test_named_people_are_there_in_a_clone(clone: Clone, people: People) -> None:
    assert people.hanako.role_names() == {"applicant"}
    assert not connection.in_atomic_block


def test_people_of_the_office_have_a_second_factor_and_applicants_none(people: People) -> None:
    assert is_mfa_enabled(people.approver)
    assert not is_mfa_enabled(people.hanako)
