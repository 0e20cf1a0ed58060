"""Policy profiles: every number of every rule, as data with a source."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from scif.facilities.models.base import Record


class PolicyProfile(Record):
    """One version of a policy; the first one is a draft until it is published.

    ``values`` maps a key to ``{"value": …, "unit": …, "source": …, "edition": …}``. A decision
    records the version that it was made under, so a published version never changes: a change is
    a new version (``policy_publish``). INVARIANT: no facility works by a draft.
    """

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=120)
    values = models.JSONField(_("values"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    class Meta:
        verbose_name = _("policy profile")
        verbose_name_plural = _("policy profiles")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="policy_version_once"),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=False) | models.Q(version=1),
                name="policy_draft_is_first",
                violation_error_message=_("A draft is the first version of its policy."),
            ),
        ]

    def __str__(self) -> str:
        words = {"title": self.title, "version": self.version}
        if self.published_at is None:
            return _now("%(title)s, version %(version)d (draft)") % words
        return f"{self.title}, version {self.version}"

    @property
    def label(self) -> str:
        """The version as decisions record it, for example ``icd705/3``."""
        return f"{self.code}/{self.version}"
