"""HTTP around OCSP (RFC 6960, appendix A; RFC 5019, section 5).

Whatever is sent, the answer is an OCSP response: malformedRequest for what is none, tryLater while the
database or the responder's certificate is missing.
"""

import hashlib
import logging
from datetime import UTC, datetime

from cryptography.x509 import ocsp
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.http import http_date

from revocation.responder import answers, questions
from revocation.responder.desk import Answer, desk

log = logging.getLogger(__name__)

MAX_AGE: int = getattr(settings, "OCSP_MAX_AGE", 30)
_TYPE = "application/ocsp-response"


def answer(request: HttpRequest, encoded: str) -> HttpResponse:
    """Answer one OCSP request, by GET or POST."""
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        data = questions.decode(encoded) if request.method == "GET" else _body(request)
        found = desk().answer(data)
    except questions.MalformedError:
        return _unsigned(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    except DatabaseError as error:
        log.warning("database can't be asked: %s", type(error).__name__)
        return _unsigned(ocsp.OCSPResponseStatus.TRY_LATER)
    response = HttpResponse(found.body, content_type=_TYPE, headers={"Content-Length": str(len(found.body))})
    if request.method == "GET" and found.cacheable:
        _let_others_keep(response, found)
    else:
        response["Cache-Control"] = "no-store"
    return response


def health(_request: HttpRequest) -> HttpResponse:
    """200 when every issuer has a certified responder key, else 503."""
    try:
        ready = desk().ready(datetime.now(UTC))
    except DatabaseError:
        ready = False
    return HttpResponse("ready\n" if ready else "waiting\n", content_type="text/plain", status=200 if ready else 503)


def internal_error(_request: HttpRequest) -> HttpResponse:
    """What a relying party gets when this code is wrong; the log has the rest."""
    return _unsigned(ocsp.OCSPResponseStatus.INTERNAL_ERROR)


def _body(request: HttpRequest) -> bytes:
    """The posted request, of which no more is read than a request can have."""
    return request.read(questions.LARGEST + 1)


def _unsigned(status: ocsp.OCSPResponseStatus) -> HttpResponse:
    body = answers.refusal(status)
    said = {"Cache-Control": "no-store", "Content-Length": str(len(body))}
    return HttpResponse(body, content_type=_TYPE, headers=said)


def _let_others_keep(response: HttpResponse, found: Answer) -> None:
    left = int((found.next_update - datetime.now(UTC)).total_seconds())
    age = max(0, min(MAX_AGE, left))
    response["Cache-Control"] = f"max-age={age}, public, no-transform, must-revalidate"
    response["Last-Modified"] = http_date(found.this_update.timestamp())
    response["Expires"] = http_date(found.next_update.timestamp())
    response["ETag"] = f'"{hashlib.sha256(found.body).hexdigest()}"'
