"""Refusals over the wire: problem+json with a code, a sentence in the caller's language, and every fault's place."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from applications.api.keys import actor_of_call
from audit.acts import Act
from audit.refusals import Refused, RuleViolated
from audit.services import record_refusal

Fault = dict[str, str]
MEDIA_TYPE = "application/problem+json"


def problem(
    *, status: int, code: str, detail: str, errors: list[Fault] | None = None, reference: str = ""
) -> HttpResponse:
    """Return a refusal as RFC 9457 wants it."""
    body: dict[str, Any] = {"type": f"urn:lra:problem:{code}", "title": code, "status": status, "detail": detail}
    body |= {"errors": errors or [], "reference": reference}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def faults_of(errors: list[dict[str, Any]]) -> list[Fault]:
    """The faults of a call's shape; what was sent is not repeated."""
    return [
        {"at": ".".join(str(part) for part in error["loc"]), "code": str(error["type"]), "detail": str(error["msg"])}
        for error in errors
    ]


def on_refusal(request: HttpRequest, refused: Refused | type[Refused]) -> HttpResponse:
    """Record a refusal, in a transaction of its own, and answer it."""
    if not isinstance(refused, Refused):
        raise TypeError(refused)
    at = timezone.now()
    event = record_refusal(
        refused=refused, act=Act.CONTRACT_REPORT, actor=actor_of_call(request), at=at, where=request.path[:200]
    )
    errors: list[Fault] = []
    if isinstance(refused, RuleViolated):
        errors = [{"at": row.field or "", "code": row.code, "detail": str(row.message)} for row in refused.violations]
    reference = str(event.uid)[:8].upper()
    return problem(
        status=refused.status, code=refused.code, detail=str(refused.message), errors=errors, reference=reference
    )


def on_bad_shape(_request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    """Answer a call whose shape is wrong."""
    errors = faults_of(error.errors) if isinstance(error, ValidationError) else []
    return problem(status=422, code="bad_shape", detail=_("The call does not have the described shape."), errors=errors)


def on_no_key(_request: HttpRequest, _error: AuthenticationError | type[AuthenticationError]) -> HttpResponse:
    """Answer a call without a usable key."""
    answer = problem(status=401, code="no_key", detail=_("This call needs a key of a parent service."))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def on_http_error(_request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    """Answer a body that is no JSON, and the like."""
    status = error.status_code if isinstance(error, HttpError) else 400
    return problem(status=status, code="bad_call", detail=_("The call can't be read."))


def on_missing(_request: HttpRequest, _error: Http404 | type[Http404]) -> HttpResponse:
    """Answer a call for what is not there, or not this parent service's."""
    return problem(status=404, code="not_found", detail=_("There is no such thing here."))


def register(api: NinjaAPI) -> None:
    """Let the API answer every refusal here."""
    api.add_exception_handler(Refused, on_refusal)
    api.add_exception_handler(ValidationError, on_bad_shape)
    api.add_exception_handler(AuthenticationError, on_no_key)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Http404, on_missing)
