"""Documents beside the sheet: page images for the viewer, the file itself as an attachment. Each look is recorded."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.actors import actor_of
from applications.models import Upload, UploadPage
from applications.services import looking


@require_GET
def upload_page(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """Return one page of a document as the worker drew it."""
    pages = UploadPage.objects.select_related("upload__application__order", "blob")
    page = pages.filter(upload=key, number=number, upload__application__submitted_at__isnull=False).first()
    if page is None:
        raise Http404
    image = looking.open_page(page=page, actor=actor_of(request), at=timezone.now())
    return HttpResponse(image, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"})


@require_GET
def upload_file(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return a document as it was handed in; always as an attachment, never shown by the browser (fault 15)."""
    uploads = Upload.objects.select_related("application__order", "blob")
    upload = uploads.filter(pk=key, application__submitted_at__isnull=False).first()
    if upload is None:
        raise Http404
    body = looking.open_file(upload=upload, actor=actor_of(request), at=timezone.now())
    ending = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}.get(upload.media_type, "bin")
    name = f"{upload.application.receipt_number}-{upload.key}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body, content_type="application/octet-stream", headers=headers)
