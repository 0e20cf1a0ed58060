"""Organisations and natural persons."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Record


class OrganisationKind(models.TextChoices):
    """What an organisation is to the facilities."""

    OPERATOR = "operator", _("operates facilities")
    LAB = "lab", _("lab, sponsor of engagements")
    AUDITOR = "auditor", _("auditor")
    GOVERNMENT = "government", _("government")


class Organisation(Record):
    """A legal body that people belong to."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind)
    country = models.CharField(
        _("country"), max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$")]
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Person(Record):
    """A natural person. ``name`` is written as he writes it, in any alphabet."""

    person_path = "pk"
    own_path = "pk"

    name = models.CharField(_("name"), max_length=160)
    title = models.CharField(_("title"), max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    email = models.EmailField(_("e-mail"), blank=True)
    photo = models.BinaryField(_("photo"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.title} {self.name}".strip()

    @property
    def initials(self) -> str:
        """Up to two letters for the plan: first and last word of the name."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Citizenship(Record):
    """One citizenship of a person; caveats look at all of them."""

    person_path = "person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="citizenships")
    country = models.CharField(
        _("country"), max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$")]
    )

    class Meta:
        verbose_name = _("citizenship")
        verbose_name_plural = _("citizenships")
        constraints = [
            models.UniqueConstraint(fields=["person", "country"], name="citizenship_once"),
        ]

    def __str__(self) -> str:
        return self.country
