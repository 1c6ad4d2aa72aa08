"""Keys and requests for tests, made by the library and bent where a test needs it bent."""

from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from certificates import names
from certificates.names import Part
from certificates.profiles import SignatureHash

ALLOWED = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384")
SUBJECT = (Part("C", "JP"), Part("O", "Demo Seiki K.K."), Part("CN", "Taro Demo"))


@cache
def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


def request(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    *extensions: x509.ExtensionType,
    algorithm: SignatureHash | None = None,
    subject: tuple[Part, ...] = SUBJECT,
) -> bytes:
    """Return a request in DER, signed by `key`."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(names.build(subject))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key or p256(), algorithm or hashes.SHA256()).public_bytes(Encoding.DER)
