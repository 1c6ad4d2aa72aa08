"""Functions of the database by which names are found; a migration makes them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func


class Pairs(Func):
    """Every two letters that follow each other in a text.

    Names of two characters are common here, so an index of pairs finds what one of trigrams can't.
    """

    function = "accounts_pairs"
    arity = 1
    output_field = ArrayField(models.TextField())


class Folded(Func):
    """A text as `accounts.spelling.fold` spells it."""

    function = "accounts_folded"
    arity = 1
    output_field = models.TextField()


class PersonCard(Func):
    """What a person is found by: name, reading, name in Latin letters, mail address and telephone, each folded."""

    function = "accounts_person_card"
    arity = 5
    output_field = models.TextField()
