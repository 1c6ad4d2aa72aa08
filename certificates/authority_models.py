"""Authorities, their certificates and the roots' lists, all of it made at ceremonies (O-1.1)."""

from uuid import uuid4

from django.db import models


class CertificationAuthority(models.Model):
    """A root or issuing CA with its key and the addresses that stand in its certificates, fixed at its ceremony.

    `certificate_der` is its newest certificate; all it ever had are `AuthorityCertificate` rows. An authority
    with a new key is a new row: the `successor`, which signs whatever the rules order from the old name.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.SlugField(unique=True)
    issuer = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="subordinates")
    certificate_der = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    subject_der = models.BinaryField()
    key_reference = models.CharField(max_length=200)
    successor = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="predecessor")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    ca_url = models.URLField()
    crl_url = models.URLField()
    ocsp_url = models.URLField(blank=True)
    shards = models.PositiveSmallIntegerField(default=1)
    crl_period_hours = models.PositiveIntegerField(default=24)
    crl_interval_hours = models.PositiveIntegerField(default=6)
    crl_overlap_hours = models.PositiveIntegerField(default=48)
    status_epoch = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    def signs_now(self) -> "CertificationAuthority":
        """Return who signs what is ordered from this authority's name: itself, or the last of its successors."""
        return self.successor.signs_now() if self.successor else self

    @property
    def is_root(self) -> bool:
        """Tell whether the authority is self-signed."""
        return self.issuer_id is None


class DistributionPoint(models.Model):
    """Where the list of one shard of an issuing authority is found, fixed at its ceremony. Append-only.

    `der` is what the list says of its own place, and is copied into it byte for byte (RFC 5280, 5.2.5).
    """

    authority = models.ForeignKey(CertificationAuthority, on_delete=models.PROTECT, related_name="distribution_points")
    shard = models.PositiveSmallIntegerField()
    url = models.URLField(unique=True)
    der = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "shard"], name="one_place_for_each_shard")]

    def __str__(self) -> str:
        return self.url


class AuthorityCertificate(models.Model):
    """One certificate of an authority: the first one, or one that renewed it for the same key. Append-only."""

    authority = models.ForeignKey(CertificationAuthority, on_delete=models.PROTECT, related_name="own_certificates")
    issuer = models.ForeignKey(CertificationAuthority, null=True, on_delete=models.PROTECT, related_name="+")
    der = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"certificate {self.sha256[:16]} of {self.authority_id}"


class RootCrl(models.Model):
    """The root's own CRL, made by the ceremony command; it carries no issuingDistributionPoint."""

    authority = models.ForeignKey(CertificationAuthority, on_delete=models.PROTECT, related_name="root_crls")
    number = models.DecimalField(max_digits=20, decimal_places=0)
    der = models.BinaryField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="root_crl_number_once")]

    def __str__(self) -> str:
        return f"root CRL {self.number}"
