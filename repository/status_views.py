"""What relying parties fetch: CA certificates and revocation lists, byte for byte as they were stored.

They stay up while intake is suspended (O-6). No session, no cookie, no computing: rows are read and sent.
Caches may keep a list for a minute and ask again with its ETag, so that an older list is never served for
long after a newer one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from certificates.models import AuthorityCertificate, CertificationAuthority, RootCrl
from repository import selectors
from revocation.models import Crl
from revocation.selectors import current_crl, current_root_crl

LIST_AGE = 60
CERTIFICATE_AGE = 3600
_TYPES = {"cer": "application/pkix-cert", "der": "application/pkix-cert", "pem": "application/x-pem-file"}


@dataclass(frozen=True)
class Stored:
    """Bytes as they are stored, with what HTTP says of them."""

    body: Iterable[bytes]
    size: int
    content_type: str
    digest: str
    modified: datetime
    max_age: int


@require_safe
def ca_certificate(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """Send an authority's certificate as DER (.cer, .der) or PEM (.pem)."""
    authority = get_object_or_404(CertificationAuthority, name=name)
    der = bytes(authority.certificate_der)
    body = _pem(der) if form == "pem" else der
    digest = f"{authority.sha256}-{form}"
    return _sent(request, Stored([body], len(body), _TYPES[form], digest, authority.not_before, CERTIFICATE_AGE))


@require_safe
def earlier_certificate(request: HttpRequest, name: str, digest: str) -> HttpResponseBase:
    """Send one of the certificates that an authority ever had, named by its SHA-256, in DER."""
    found = get_object_or_404(AuthorityCertificate, authority__name=name, sha256=digest)
    der = bytes(found.der)
    return _sent(request, Stored([der], len(der), _TYPES["cer"], found.sha256, found.made_at, CERTIFICATE_AGE))


@require_safe
def chain(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send the certificates from an authority up to its root, in PEM."""
    authority = get_object_or_404(CertificationAuthority, name=name)
    links = selectors.chain_of(authority)
    body = b"".join(_pem(bytes(link.certificate_der)) for link in links)
    newest = max(link.not_before for link in links)
    kind = "application/pem-certificate-chain"
    return _sent(request, Stored([body], len(body), kind, f"{authority.sha256}-chain", newest, CERTIFICATE_AGE))


@require_safe
def crl(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send the current revocation list of an authority or of one of its shards (RFC 5280, 4.2.1.13; RFC 2585)."""
    authority, shard = selectors.authority_and_shard(name)
    if authority is None:
        raise Http404
    found = current_crl(authority, shard) if authority.issuer_id else current_root_crl(authority)
    if found is None:
        raise Http404
    return _sent(request, _of_list(found))


@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """Show the certificates with their fingerprints, the lists with their dates, and where to ask by OCSP."""
    page = {"rows": selectors.authorities(timezone.now())}
    return render(request, "repository/certificates.html", page)


def _of_list(found: Crl | RootCrl) -> Stored:
    left = int((found.next_update - timezone.now()).total_seconds())
    age = max(0, min(LIST_AGE, left))
    if isinstance(found, RootCrl):
        der = bytes(found.der)
        return Stored([der], len(der), "application/pkix-crl", f"root-{found.number}", found.this_update, age)
    return Stored(_pieces(found), found.size, "application/pkix-crl", found.sha256, found.this_update, age)


def _pieces(found: Crl) -> Iterator[bytes]:
    """The list's bytes, a megabyte at a time, one row after the other."""
    for position in range(found.chunks.count()):
        yield bytes(found.chunks.values_list("body", flat=True).get(position=position))


def _sent(request: HttpRequest, stored: Stored) -> HttpResponseBase:
    """Answer with the bytes, or with 304 to somebody who has them."""
    etag = f'"{stored.digest}"'
    modified = int(stored.modified.timestamp())
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag, last_modified=modified)
    if answer is None:
        whole: Iterable[bytes] = [] if request.method == "HEAD" else stored.body
        answer = StreamingHttpResponse(whole, content_type=stored.content_type)
        answer["Content-Length"] = str(stored.size)
    answer["ETag"] = etag
    answer["Last-Modified"] = http_date(modified)
    answer["Cache-Control"] = f"public, max-age={stored.max_age}, no-transform"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
