"""The page on which the holder's browser makes the key, waits for the signer, and builds the PKCS#12 file.

Nothing of the private key comes here: the page posts a request, asks how the order stands, and gets certificates.
"""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of, person_of
from audit.acts import Act
from audit.refusals import NotFound, Refused
from audit.services import record_refusal
from certificates import selectors
from certificates.models import Certificate, Order
from certificates.profiles import CertificateProfile
from certificates.rules import common_name, name_parts
from certificates.services import deliveries, pickup
from regulations.ruleset_words import KEYS
from regulations.selectors import contact_point


@never_cache
@require_GET
def pickup_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show how the order stands, and let the browser make the key when that is what it waits for."""
    at = timezone.now()
    order = pickup.own(person_of(request), order_id)
    if order.status == "issued":
        return redirect("certificates:detail", order.certificate.pk)
    profile = CertificateProfile.parse(order.frozen["profile"])
    page = {
        "order": order,
        "turn": pickup.turn_of(order),
        "last_key": order.holder_keys.order_by("turn").last(),
        "kinds": [(kind, KEYS[kind]) for kind in profile.browser_key_types],
        "common_name": common_name(name_parts(order.frozen["subject"])),
        "subject": selectors.named_parts(name_parts(order.frozen["subject"])),
        "system": selectors.systems_of([order])[order.pk],
        "desk": contact_point(at),
    }
    return render(request, "certificates/pickup.html", page)


@never_cache
@require_POST
def give_key(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Take the browser's request; what is refused is told in words that the page shows."""
    order = pickup.own(person_of(request), order_id)
    try:
        order = pickup.give_key(
            order=order,
            request=request.POST.get("csr", "").encode(),
            turn=_turn(request.POST.get("turn", "")),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise
    except Refused as refused:
        _note(request, refused)
        return JsonResponse({"message": str(refused.message)}, status=refused.status)
    return JsonResponse(_standing(order))


@never_cache
@require_GET
def state(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Tell the waiting page how the order stands; once issued, with the certificate and those above it."""
    return JsonResponse(_standing(pickup.own(person_of(request), order_id)))


@require_POST
def take_back_key(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Begin again: the window that held the key is gone, and nothing was signed yet."""
    order = pickup.own(person_of(request), order_id)
    pickup.take_back_key(order=order, actor=actor_of(request), at=timezone.now())
    return redirect("certificates:pickup", order.pk)


@require_POST
def saved(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Note that the holder has the file, and lead on to the check of the contents."""
    certificate = selectors.own(person_of(request), certificate_id)
    pickup.confirm_saved(certificate=certificate, actor=actor_of(request), at=timezone.now())
    return redirect("certificates:accept", certificate.pk)


def _turn(text: str) -> int:
    """Return the turn that the page was made for; what is no number fits none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _note(request: HttpRequest, refused: Refused) -> None:
    """Record what the page shows instead of the refusal's own page."""
    at, actor = timezone.now(), actor_of(request)
    record_refusal(refused=refused, act=Act.ORDER_GIVE_KEY, actor=actor, at=at, where=request.path)


def _standing(order: Order) -> dict[str, Any]:
    """Return what the page works on with: the order's state, and the certificates in DER once there are any."""
    certificate = Certificate.objects.filter(order=order).select_related("authority").first()
    if certificate is None:
        return {"state": order.status}
    above = deliveries.issuers_of(certificate.authority)
    return {
        "state": order.status,
        "number": certificate.management_number,
        "certificate": base64.b64encode(bytes(certificate.der)).decode(),
        "above": [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in above],
        "saved": reverse("certificates:saved", args=[certificate.pk]),
        "page": reverse("certificates:detail", args=[certificate.pk]),
    }
