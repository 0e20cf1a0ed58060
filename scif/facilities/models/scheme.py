"""Security schemes as data: levels, compartments, caveats, equivalences."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models.base import Record


class SecurityScheme(Record):
    """A classification scheme (US, NATO, EU, an AI lab's sensitivity tiers)."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("security scheme")
        verbose_name_plural = _("security schemes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Level(Record):
    """A level of a scheme. INVARIANT: a rank is comparable only within its own scheme."""

    scheme = models.ForeignKey(SecurityScheme, models.PROTECT, related_name="levels")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    rank = models.PositiveSmallIntegerField(_("rank"))
    colour = models.CharField(_("marking colour"), max_length=7, blank=True)

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["scheme", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="level_code_once"),
            models.UniqueConstraint(fields=["scheme", "rank"], name="level_rank_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Compartment(Record):
    """A compartment or programme inside a scheme: access only after indoctrination (read-in)."""

    scheme = models.ForeignKey(SecurityScheme, models.PROTECT, related_name="compartments")
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("compartment")
        verbose_name_plural = _("compartments")
        ordering = ["scheme", "code"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="compartment_code_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Caveat(Record):
    """A handling caveat as a predicate over citizenships (NOFORN, REL TO).

    ``countries`` are ISO 3166 alpha-2 codes. With ``every`` set, all citizenships of a person must
    be listed (NOFORN); otherwise one listed citizenship is enough (REL TO).
    """

    scheme = models.ForeignKey(SecurityScheme, models.PROTECT, related_name="caveats")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    countries = models.JSONField(_("countries"), default=list)
    every = models.BooleanField(_("every citizenship must be listed"), default=False)

    class Meta:
        verbose_name = _("caveat")
        verbose_name_plural = _("caveats")
        ordering = ["scheme", "code"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="caveat_code_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Equivalence(Record):
    """A directed, dated, approved statement that one scheme's level is accepted as another's."""

    accepted = models.ForeignKey(Level, models.PROTECT, related_name="accepted_as")
    as_level = models.ForeignKey(Level, models.PROTECT, related_name="satisfied_by")
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    agreement = models.CharField(_("agreement"), max_length=120)

    class Meta:
        verbose_name = _("equivalence")
        verbose_name_plural = _("equivalences")

    def __str__(self) -> str:
        return f"{self.accepted} as {self.as_level}"
