"""What the examiner saw, what the database holds and what the certificate says are the same letters (fault 17)."""

import html
import re
import unicodedata

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from applications.models import Application
from certificates.models import Certificate
from tests.flows import steps
from tests.flows.steps import House
from tests.people import signed_in

TYPED = {
    "department_latin": "Ｏ＇Ｈａｒａ  &  Co., CN=Root + X/Y",
    "person_latin": "Jiro  Mihon（Ｊｒ）",
    "title": "購買部\u3000髙橋グルーフ\u309a 部長",
}
PRINTED = {"OU2": "O'Hara & Co., CN=Root + X/Y", "CN": "Jiro Mihon(Jr)"}


def seen_by_examiner(house: House, application: Application) -> dict[str, str]:
    """Return what the column of the certificate shows on the page of the case, by the part's code."""
    page = signed_in(house.people.examiner).get(f"/examination/{application.pk}/").content.decode()
    found: dict[str, str] = {}
    for row in re.findall(r"<tr id=.item-.*?</tr>", page, re.DOTALL):
        codes = re.findall(r"<br><span class=.quiet.>([A-Za-z0-9]+)</span>", row.partition("</th>")[0])
        cell = re.search(r'<td class="mono" lang="en">(.*?)</td>', row, re.DOTALL)
        assert cell
        values = [html.unescape(value) for value in cell[1].split("<br>")]
        found |= dict(zip(codes, values, strict=False))
    return found


def signed(certificate: Certificate) -> dict[str, str]:
    """Return what the bytes of the certificate say."""
    subject = x509.load_der_x509_certificate(bytes(certificate.der)).subject
    units = [str(part.value) for part in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    return {"OU2": units[1], "CN": str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)}


@pytest.mark.clause("J-3.2")
def test_page_database_and_certificate_hold_the_same_letters_byte_for_byte(house: House) -> None:
    application = steps.apply(house.people.jiro, "e-contract", None, **TYPED)
    seen = seen_by_examiner(house, application)
    order = steps.order_of(application)
    frozen = [value for kind, value in order.frozen["subject"] if kind in ("OU", "CN")]
    certificate = steps.issue(application, house.people, house.jobs)
    for code, text in PRINTED.items():
        assert seen[code].encode() == signed(certificate)[code].encode() == text.encode()
        assert text in frozen
    title = Application.objects.get(pk=application.pk).values["title"]
    assert title == unicodedata.normalize("NFC", title) == "購買部 髙橋グループ 部長"
