"""Parent services, their target systems, and the versions of the rules of each (O-1.3)."""

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from accounts.models import User

if TYPE_CHECKING:
    from regulations.ruleset import RuleSet


# What this process has read of the rules of activated versions, by version; triggers keep those as they are.
known_rules: "dict[UUID, RuleSet]" = {}


class ParentService(models.Model):
    """The service that certificates are for; fee and period come from its contracts (O-7, O-18.1)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(unique=True)
    name = models.JSONField()
    charges_users = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.slug


class TargetSystemQuerySet(models.QuerySet["TargetSystem"]):
    """Read vocabulary of target systems."""

    def in_force(self) -> "TargetSystemQuerySet":
        """Return those with rules in force; one that has only a draft is not there for anybody yet."""
        return self.filter(versions__status="in_force")


class TargetSystem(models.Model):
    """One kind of certificate with rules of its own (O-1.3)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    slug = models.SlugField(unique=True)
    parent_service = models.ForeignKey(ParentService, on_delete=models.PROTECT, related_name="target_systems")
    position = models.PositiveSmallIntegerField(default=0)

    objects = TargetSystemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug

    def version_in_force(self) -> "TargetSystemVersion":
        """Return the version that new applications are pinned to; raises DoesNotExist when there is none."""
        return self.versions.get(status="in_force")


class TargetSystemVersion(models.Model):
    """A version of a target system's rules, pinned to each application when it is received.

    It is a draft until a second person activates it; from then on it never changes. `source` is the text that its
    author wrote, so that notes in it are kept; what counts is `rules`.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    target_system = models.ForeignKey(TargetSystem, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    rules = models.JSONField()
    rules_digest = models.CharField(max_length=64)
    source = models.TextField(blank=True)
    what_changed = models.JSONField(default=dict)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    activator = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, default="draft")
    status_since = models.DateTimeField()
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target_system", "number"], name="rules_version_number_once"),
            models.UniqueConstraint(
                fields=["target_system"], condition=Q(status="draft"), name="one_draft_per_target_system"
            ),
            models.UniqueConstraint(
                fields=["target_system"], condition=Q(status="in_force"), name="one_version_in_force"
            ),
            models.CheckConstraint(
                condition=Q(activator=None) | Q(author__isnull=False) & ~Q(activator=F("author")),
                name="activator_is_not_the_author",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(author=None) | Q(activator__isnull=False), name="activated_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", activated_at=None) | ~Q(status="draft") & Q(activated_at__isnull=False),
                name="in_force_when_activated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_system_id} v{self.number}"

    @cached_property
    def ruleset(self) -> "RuleSet":
        """Return the rules as typed values; those of a version that was activated never change and are read once."""
        from regulations.ruleset import RuleSet  # noqa: PLC0415 — ruleset is pure and knows no models

        if self.status == "draft":
            return RuleSet.stored(self.rules)
        if self.pk not in known_rules:
            known_rules[self.pk] = RuleSet.stored(self.rules)
        return known_rules[self.pk]
