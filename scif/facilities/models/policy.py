"""Policy profiles: every number of every rule, as data with a source."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models.base import Record


class PolicyProfile(Record):
    """One published version of a policy.

    ``values`` maps a key to ``{"value": …, "unit": …, "source": …, "edition": …}``. A decision
    records the version that it was made under, so a published version never changes: a change is
    a new version (``policy_publish``).
    """

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=120)
    values = models.JSONField(_("values"))
    published_at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("policy profile")
        verbose_name_plural = _("policy profiles")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="policy_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def label(self) -> str:
        """The version as decisions record it, for example ``icd705/3``."""
        return f"{self.code}/{self.version}"
