"""What the pages of a submitted application show: built here, so that a view stays load, one call, answer."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from applications.models import Application
from applications.rules.deciding import GROUNDS
from applications.selectors.progress import (
    STEP_NAMES,
    business_days_left,
    certificate_of,
    open_request_of,
    standing_of,
    timeline_of,
)
from applications.selectors.reopening import reopens_until, template_for
from applications.selectors.succession import follows_of
from applications.services.intake import may_withdraw
from applications.views import pages
from regulations.models import Consent
from regulations.selectors import contact_point


def detail_page(application: Application, person: User) -> dict[str, Any]:
    """What the page of an application shows `person`: the applicant, or the agent who filed it for them."""
    at = timezone.now()
    standing = standing_of(application, person)
    asked, until = open_request_of(application), reopens_until(application)
    return {
        "application": application,
        "ruleset": application.rules.ruleset,
        "standing": standing,
        "step_names": STEP_NAMES,
        "events": timeline_of(application, standing),
        "asked": asked,
        "ground": GROUNDS.get(application.refusal_ground, application.refusal_ground),
        "asked_left": business_days_left(at, asked.due_at) if asked is not None else None,
        # Delivery is the holder's alone (O-14.2): an agent gets no way to it.
        "certificate": certificate_of(application) if application.applicant_id == person.pk else None,
        "acts_for": application.filed_by_id == person.pk,
        "uploads": pages.named_uploads(application),
        "rows": pages.certificate_rows(application),
        "contact": contact_point(at),
        "reopens_until": until if until is not None and at <= until else None,
        "template": template_for(application) and person.pk == application.applicant_id,
        "withdrawable": may_withdraw(application, person.pk),
        "follows": follows_of(application),
        "at": at,
    }


def contents_page(application: Application) -> dict[str, Any]:
    """Everything that was submitted and agreed to, as it read then (O-4.1)."""
    ruleset = application.rules.ruleset
    consents = Consent.objects.filter(story__in=application.consent_stories).select_related(
        "document_version__document"
    )
    return {
        "application": application,
        "ruleset": ruleset,
        "rules": application.rules,
        "rows": pages.certificate_rows(application),
        "answers": [(str(field.label), application.values.get(field.key, "")) for field in ruleset.fields],
        "consents": list(consents.order_by("pk")),
        "uploads": pages.named_uploads(application),
        "follows": follows_of(application),
        "at": timezone.now(),
    }
