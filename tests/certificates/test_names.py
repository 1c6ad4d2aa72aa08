"""What may stand in a name, and that what goes in comes out again (faults 17 and 18)."""

import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from certificates import names
from certificates.names import Part
from tests.certificates import material

HOSTILE = [
    ("Taro\0Yamada", "nul", 5),
    ("Taro\nYamada", "line_break", 5),
    ("Taro\r\nYamada", "line_break", 5),
    ("Taro\u2028Yamada", "line_break", 5),
    ("Taro\x07", "control", 5),
    ("Taro\u202eadamaY", "bidi", 5),
    ("Taro\u2066x\u2069", "bidi", 5),
    ("Ta\u200bro", "invisible", 3),
    ("Ta\u00adro", "invisible", 3),
    ("\ufeffTaro", "invisible", 1),
    ("Taro\u3164", "invisible", 5),
    ("葛\U000e0100城", "invisible", 2),
    ("山\ue000田", "private_use", 2),
    ("Taro\u00a0Yamada", "space", 5),
    (" Taro", "edge_space", 1),
    ("Taro\u3000", "edge_space", 5),
    ("T\u0430ro", "look_alike", 2),
    ("山田\u03bf", "look_alike", 3),
    ("\u0421\u0420\u0410", "look_alike", 1),
    ("\U0001d413aro", "look_alike", 1),
    ("Ｔaro", "look_alike", 1),
    ("a\u0301\u0302\u0303\u0304", "marks", 4),
]


@pytest.mark.parametrize(("text", "code", "position"), HOSTILE)
def test_a_hostile_character_is_named_with_its_place(text: str, code: str, position: int) -> None:
    found = [(finding.code, finding.position) for finding in names.findings(text)]
    assert (code, position) in found


@pytest.mark.parametrize("text", ["山田 Taro", "髙橋", "𠮷田", "みほん精機㈱ Tokyo", "O'Neill & Søn, Inc.", "ヴェルデ"])
def test_names_as_people_write_them_in_japan_pass(text: str) -> None:
    assert names.check_text(text, limit=64) == []


def test_a_decomposed_letter_is_reported_and_normalising_mends_it() -> None:
    decomposed = "か\u3099"
    assert [v.code for v in names.check_text(decomposed)] == ["not_nfc"]
    assert names.normalise(f" {decomposed}\n") == "が"


def test_lengths_are_counted_in_characters_and_the_common_name_in_bytes_as_well() -> None:
    assert names.check_part(Part("O", "山" * 64)) == []
    assert [v.code for v in names.check_part(Part("O", "山" * 65))] == ["too_long"]
    assert [v.code for v in names.check_part(Part("CN", "山" * 22))] == ["too_many_bytes"]
    assert names.check_part(Part("CN", "山" * 21)) == []
    assert [v.code for v in names.check_part(Part("CN", "x" * 65))] == ["too_long", "too_many_bytes"]


def test_the_country_is_two_capital_letters_and_an_unknown_type_is_refused() -> None:
    assert names.check_part(Part("C", "JP")) == []
    assert [v.code for v in names.check_part(Part("C", "jp"))] == ["country"]
    assert [v.code for v in names.check_part(Part("DC", "example"))] == ["unknown_type"]
    assert [v.code for v in names.check_part(Part("O", ""))] == ["empty"]


def test_a_name_needs_parts_and_not_too_many() -> None:
    assert [v.code for v in names.check_parts([])] == ["no_parts"]
    assert [v.code for v in names.check_parts([Part("OU", "x")] * 13)] == ["too_many_parts"]


@pytest.mark.parametrize("address", ["taro@example.jp", "taro.yamada+x@mail.example.jp"])
def test_ordinary_addresses_pass(address: str) -> None:
    assert names.check_email(address) == []


@pytest.mark.parametrize(
    "address", ["taro", "@example.jp", "taro@jp", "太郎@example.jp", "a@b@example.jp", "a b@example.jp"]
)
def test_addresses_that_no_certificate_carries_are_refused(address: str) -> None:
    assert "email" in [v.code for v in names.check_email(address)]


printable = st.text(
    st.characters(whitelist_categories=("Lu", "Ll", "Lo", "Nd", "Po", "Sm", "Ps", "Pe")), min_size=1, max_size=64
)


@given(st.lists(st.builds(Part, st.sampled_from(["ST", "L", "O", "OU"]), printable), min_size=1, max_size=6))
def test_what_is_built_reads_back_the_same_whatever_metacharacters_it_holds(parts: list[Part]) -> None:
    name = names.build(parts)
    assert names.parts_of(name) == parts
    again = x509.CertificateSigningRequestBuilder().subject_name(name)
    assert again is not None


def test_metacharacters_stay_letters() -> None:
    part = Part("O", 'A,B+C="D"\\;<E>#/CN=root')
    built = names.build([part])
    assert len(list(built)) == 1
    assert names.parts_of(built) == [part]


@given(st.text(st.characters(max_codepoint=0x17F), max_size=12))
def test_the_short_way_finds_what_looking_at_each_character_finds(text: str) -> None:
    assert names.findings(text) == names.looked_for(text)


METACHARACTERS = [
    Part("C", "JP"),
    Part("O", 'A,B+C="D"\\;<E>#/CN=root'),
    Part("OU", "#leading, and + plus"),
    Part("OU", "OU=x+CN=y,O=z"),
    Part("OU", "back\\slash \\2C \\n"),
    Part("OU", "見本、部／課 = 山田 (高)"),
    Part("CN", "O'Hara, CN=Kaku + X/Y"),
]


def test_two_parsers_read_the_same_letters_out_of_the_bytes() -> None:
    """Fault 18: the name goes through DER, and neither the library nor OpenSSL sees a separator in a value."""
    request = x509.CertificateSigningRequestBuilder().subject_name(names.build(METACHARACTERS))
    der = request.sign(material.p256(), hashes.SHA256()).public_bytes(Encoding.DER)
    assert names.parts_of(x509.load_der_x509_csr(der).subject) == METACHARACTERS
    words = ["openssl", "req", "-inform", "DER", "-noout", "-subject", "-nameopt", "sep_multiline,sname,utf8"]
    said = subprocess.run(words, input=der, capture_output=True, check=True).stdout.decode()
    read = [Part(*line.strip().split("=", 1)) for line in said.splitlines()[1:]]
    assert read == METACHARACTERS
