"""Setting numbered marks on the pages of documents, by a click or by numbers."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from applications.models import Application, UploadPage
from applications.rules.viewing import ViewState, spot_of, spot_of_click
from applications.services import marking
from applications.views.case import application_of, back_to, show_case
from audit.refusals import RuleViolated


@require_POST
def mark(request: HttpRequest, key: UUID, item_key: str) -> HttpResponse:
    """Set the mark of one item; without script the page comes back at its row."""
    application = application_of(key)
    page = page_of(application, request.POST.get("upload", ""), request.POST.get("page", ""))
    try:
        marking.mark(
            application=application,
            key=item_key,
            page=page,
            spot=spot_in(request, page),
            actor=actor_of(request),
            at=timezone.now(),
        )
    except RuleViolated as refused:
        return show_case(request, application, wrong=(item_key, refused, request.POST.dict()))
    return back_to(application, f"item-{item_key}", ViewState.parse(request.POST).query(mark=""))


@require_POST
def unmark(request: HttpRequest, key: UUID, item_key: str) -> HttpResponse:
    """Take the mark of one item away."""
    application = application_of(key)
    marking.unmark(application=application, key=item_key, actor=actor_of(request), at=timezone.now())
    return back_to(application, f"item-{item_key}", ViewState.parse(request.POST).query(mark=""))


def page_of(application: Application, upload: str, number: str) -> UploadPage:
    """Return the page that a form names; one of another application does not exist."""
    try:
        wanted = {"upload": UUID(upload), "number": int(number)}
    except ValueError as error:
        raise Http404 from error
    pages = UploadPage.objects.filter(upload__application=application.pk, upload__removed_at=None)
    page = pages.select_related("upload").filter(**wanted).first()
    if page is None:
        raise Http404
    return page


def spot_in(request: HttpRequest, page: UploadPage) -> tuple[int, int] | None:
    """Return the place that was clicked, or typed in per cent."""
    if request.POST.get("by") == "numbers":
        return spot_of(request.POST.get("left", ""), request.POST.get("top", ""))
    zoom = ViewState.parse(request.POST).zoom
    x, y = request.POST.get("at.x", ""), request.POST.get("at.y", "")
    return spot_of_click(x, y, zoom=zoom, width=page.width, height=page.height)
