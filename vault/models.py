"""Sealed blobs: ciphertext with the id of the key that closed it. The keys are not in the database."""

from uuid import uuid4

from django.db import models


class Purpose(models.TextChoices):
    """What a blob is for; each purpose has a key-encryption key of its own."""

    DOCUMENTS = "documents"
    SECOND_FACTORS = "second_factors"
    PKCS12 = "pkcs12"
    PIN = "pin"


class SealedBlob(models.Model):
    """AES-256-GCM ciphertext; the row's id and purpose are its associated data, so it can't change places."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    key_id = models.CharField(max_length=40)
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()
    size = models.PositiveIntegerField()
    sealed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
