"""People, their roles, and the notices that must reach them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.pairs import Folded, Pairs, PersonCard
from accounts.roles import STAFF, Role
from audit.actors import Actor
from vault.models import SealedBlob


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the mail address is the name to sign in with."""

    def create_user(self, email: str, password: str | None = None, **columns: Any) -> "User":
        """Return a new account; without a password nobody can sign in to it yet."""
        user = self.model(email=self.normalize_email(email).lower(), **columns)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account. The name in Latin letters is what certificates are pre-filled with."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    name_reading = models.CharField(_("reading (kana)"), max_length=120, blank=True)
    name_latin = models.CharField(_("name in Latin letters"), max_length=64, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=5, default="ja")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    # Written by the database alone, so that no way of making or changing an account leaves a person unfound.
    sought = models.GeneratedField(
        expression=PersonCard("name", "name_reading", "name_latin", "email", "phone"),
        output_field=models.TextField(),
        db_persist=True,
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case")]
        indexes = [
            GinIndex(Pairs(F("sought")), name="person_by_pairs"),
            models.Index(fields=["-joined_at"], name="person_by_joining"),
            models.Index(
                OpClass(Folded(F("phone")), name="text_pattern_ops"), name="person_by_phone", condition=~Q(phone="")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name as the person gave it, else the address."""
        return str(self)

    def role_names(self) -> frozenset[str]:
        """Return the roles that the person holds now; everybody is at least an applicant."""
        held = self.grants.held().values_list("role", flat=True)
        return frozenset({Role.APPLICANT.value, *held})

    @property
    def is_staff_member(self) -> bool:
        """Tell whether the person holds any role of the office; such accounts need a second factor."""
        return bool(self.role_names() & {role.value for role in STAFF})

    def actor(self, origin: str = "") -> Actor:
        """Return the person as an actor with all roles held now, coming from `origin`."""
        return Actor(person_id=self.pk, roles=self.role_names(), origin=origin)


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Read vocabulary of grants."""

    def held(self) -> "RoleGrantQuerySet":
        """Return the grants that have not ended."""
        return self.filter(ended_at=None)

    def people(self, role: str) -> list[User]:
        """Return everybody who holds `role` now and can sign in."""
        return list(User.objects.filter(is_active=True, grants__in=self.held().filter(role=role)).distinct())


class RoleGrant(models.Model):
    """A role held by a person, from when to when, who proposed it and which other administrator confirmed it.

    Both are empty for what the installation gave (`manage.py appoint_administrators`, demo people).
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    # Codes of the target systems that the role is held for; empty: for all of them.
    systems = models.JSONField(default=list, blank=True)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], condition=Q(ended_at=None), name="role_held_once"),
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=models.F("user")), name="role_not_self_granted"
            ),
            models.CheckConstraint(
                # Written out, so that a new role asks for a migration and with it for a thought.
                condition=~Q(role__in=["system", "anyone", "applicant", "proxy", "api_client"]),
                name="role_can_be_granted",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None)
                | (~Q(confirmed_by=models.F("user")) & ~Q(confirmed_by=models.F("granted_by"))),
                name="role_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.user_id}"


class StaffInvitation(models.Model):
    """An invitation to hold given roles, proposed by one administrator and confirmed by another one.

    The link's secret is made when it is confirmed, and kept as a hash. Nobody confirms what the installation invites.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=80)
    roles = models.JSONField()
    systems = models.JSONField(default=list, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    token_digest = models.BinaryField(max_length=32, unique=True, null=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    declined_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    joined = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="invitations")
    joined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("invited_by")),
                name="invitation_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(declined_at=None), name="invitation_confirmed_or_declined"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class AttemptCount(models.Model):
    """How often something that can be guessed was tried, and until when that counts (fault 24)."""

    key = models.BinaryField(max_length=32, primary_key=True)
    attempts = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.attempts} until {self.ends_at}"


class AccountChangeQuerySet(models.QuerySet["AccountChange"]):
    """Read vocabulary of changes that the office makes to accounts."""

    def open(self, at: datetime) -> "AccountChangeQuerySet":
        """Return those that wait for another administrator."""
        return self.filter(confirmed_at=None, declined_at=None, expires_at__gt=at)


class AccountChange(models.Model):
    """A way back for somebody who lost their second factor or their mail address; two administrators open it.

    Who is at the telephone is checked before: `how_checked` says how.
    """

    class Kind(models.TextChoices):
        """What is changed."""

        SECOND_FACTOR = "second_factor", _("remove the second factor")
        ADDRESS = "address", _("change the mail address")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="account_changes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    new_email = models.EmailField(blank=True)
    how_checked = models.CharField(max_length=300)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    declined_at = models.DateTimeField(null=True)

    objects = AccountChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(proposed_by=models.F("user"))
                & (
                    Q(confirmed_by=None)
                    | (~Q(confirmed_by=models.F("user")) & ~Q(confirmed_by=models.F("proposed_by")))
                ),
                name="account_change_by_two_others",
            ),
            models.CheckConstraint(
                condition=Q(kind="second_factor", new_email="") | (Q(kind="address") & ~Q(new_email="")),
                name="account_change_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Read vocabulary of notices."""

    def waiting(self, at: datetime) -> "NoticeQuerySet":
        """Return what is to be handed over at `at`, oldest first."""
        return self.filter(status="waiting", not_before__lte=at).order_by("created_at")


class Notice(models.Model):
    """One mail to one person: the row is the outbox, sending follows, and a failure stays visible.

    A PIN is never in a row: `secret` refers to it, and only the worker can open it (J-5.2).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=60)
    dedupe = models.CharField(max_length=160, unique=True)
    recipient = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="notices")
    email = models.EmailField()
    language = models.CharField(max_length=5, default="ja")
    context = models.JSONField(default=dict)
    secret = models.ForeignKey(SealedBlob, null=True, on_delete=models.PROTECT, related_name="+")
    story = models.UUIDField(null=True)
    status = models.CharField(max_length=12, default="waiting")
    status_since = models.DateTimeField()
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="notice_waiting", condition=Q(status="waiting")),
            models.Index(
                fields=["kind", "status_since"], name="notice_unsent", condition=Q(status__in=["bounced", "failed"])
            ),
            models.Index(fields=["recipient", "-created_at"], name="notice_by_recipient"),
            models.Index(fields=["story"], name="notice_by_story"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
