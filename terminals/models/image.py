"""Boot images: what a laptop must be running, on the word of two people."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Record
from scif.people.models import Person

SHA256 = RegexValidator(r"^[0-9a-f]{64}$", _("64 hexadecimal digits, small letters."))


class BootImage(Record):
    """A kiosk image and what a TPM measures while it boots. States: ``terminals/rules/states.py``.

    ``signature`` is the control plane's Ed25519 over ``terminals/rules/manifest.py``, made with
    the second approval: a row that somebody alters in the database measures nothing any more.
    INVARIANT: what is approved never changes; another version is another row.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="boot_images")
    name = models.CharField(_("name"), max_length=60)
    version = models.CharField(_("version"), max_length=30)
    state = models.CharField(_("state"), max_length=12, default="proposed")
    image_sha256 = models.CharField(_("SHA-256 of the image"), max_length=64, validators=[SHA256])
    pcr0 = models.CharField(_("PCR 0, firmware"), max_length=64, validators=[SHA256])
    pcr7 = models.CharField(_("PCR 7, Secure Boot"), max_length=64, validators=[SHA256])
    pcr11 = models.CharField(_("PCR 11, kernel image"), max_length=64, validators=[SHA256])
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    first_approver = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_at = models.DateTimeField(_("first approved at"), null=True, blank=True)
    second_approver = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    second_at = models.DateTimeField(_("second approved at"), null=True, blank=True)
    signature = models.BinaryField(_("signature"), default=b"", blank=True)
    withdrawn_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_why = models.CharField(_("withdrawn because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("boot image")
        verbose_name_plural = _("boot images")
        ordering = ["facility", "name", "-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "name", "version"], name="boot_image_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(second_approver=None)
                | (
                    models.Q(first_approver__isnull=False)
                    & ~models.Q(second_approver=models.F("first_approver"))
                ),
                name="boot_image_two_approvers",
                violation_error_message=_("Two people approve an image, each once."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved") | models.Q(second_approver__isnull=False),
                name="boot_image_approved_by_two",
                violation_error_message=_("Only an image that two people approved is in use."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def waits(self) -> str:
        """The second approval of a proposed one."""
        if self.state != "proposed":
            return ""
        return _now("Waits for approval by two people: %(what)s. No laptop may run it yet.") % {
            "what": self
        }

    @property
    def pcrs(self) -> dict[int, str]:
        """The value in hex that each PCR has once the image runs."""
        return {0: self.pcr0, 7: self.pcr7, 11: self.pcr11}
