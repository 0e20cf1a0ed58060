"""Forms of the officers' acts on laptops and their images; their terms: ``terms_form.py``."""

import binascii
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scif.console.forms.desk import lines
from scif.console.forms.moments import MomentField
from scif.console.views.officer_forms import RecordForm
from scif.facilities.models import Locker, LockerPurpose
from terminals.models import BootImage
from terminals.rules.states import ImageState

DIGEST = {"autocomplete": "off", "spellcheck": "false"}


class ImageForm(forms.Form):
    """An image and what a TPM measures of it."""

    name = forms.CharField(label=_("Name"), max_length=60)
    version = forms.CharField(label=_("Version"), max_length=30)
    image_sha256, pcr0, pcr7, pcr11 = (
        forms.RegexField(
            r"^\s*[0-9A-Fa-f]{64}\s*$",
            label=label,
            help_text=_("64 hexadecimal digits."),
            widget=forms.TextInput(attrs=DIGEST),
        )
        for label in (
            _("SHA-256 of the image"),
            _("PCR 0, firmware"),
            _("PCR 7, Secure Boot"),
            _("PCR 11, kernel image"),
        )
    )


class KeyField(forms.CharField):
    """A public area of a TPM (TPM2B_PUBLIC) in hexadecimal digits."""

    def __init__(self, **options: Any) -> None:
        attrs = {"rows": 4, "spellcheck": "false"}
        super().__init__(max_length=2048, widget=forms.Textarea(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        """The bytes."""
        text = "".join(str(super().clean(value)).split())
        try:
            return binascii.unhexlify(text)
        except (binascii.Error, ValueError) as error:
            raise forms.ValidationError(_("These are not hexadecimal digits.")) from error


class EnrolForm(RecordForm):
    """A laptop and the keys of its TPM, read at the laptop."""

    asset_tag = forms.CharField(label=_("Asset tag"), max_length=30)
    serial = forms.CharField(label=_("Serial number"), max_length=60)
    image = forms.ModelChoiceField(BootImage.objects.none(), label=_("Boot image"))
    attestation_public = KeyField(
        label=_("Attestation key"), help_text=_("tpm2_createak -u, in hexadecimal digits.")
    )
    endorsement_public = KeyField(
        label=_("Endorsement key"), help_text=_("tpm2_createek -u, in hexadecimal digits.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        images = BootImage.objects.filter(facility=self.record)
        self.fields["image"].queryset = images.exclude(state=ImageState.WITHDRAWN)  # type: ignore[attr-defined]  # a choice of records


class ConfirmForm(forms.Form):
    """The endorsement key's digest, read once more."""

    endorsement_sha256 = forms.RegexField(
        r"^\s*[0-9A-Fa-f]{64}\s*$",
        label=_("Endorsement key, SHA-256"),
        help_text=_("Read it at the laptop; do not copy it from this record."),
        widget=forms.TextInput(attrs=DIGEST),
    )


class SealForm(forms.Form):
    """A numbered seal and where it is."""

    place = forms.CharField(label=_("Place"), max_length=60)
    number = forms.CharField(label=_("Number"), max_length=30)
    reason = forms.CharField(
        label=_("Why the one before comes off"),
        max_length=300,
        required=False,
        help_text=_("Only where a seal is at this place already."),
    )


class TerminalImageForm(RecordForm):
    """An approved image of the laptop's facility."""

    image = forms.ModelChoiceField(BootImage.objects.none(), label=_("Boot image"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        images = BootImage.objects.filter(facility=self.record.facility_id)
        self.fields["image"].queryset = images.filter(state=ImageState.APPROVED)  # type: ignore[attr-defined]  # a Field to the stubs


class TerminalLockerForm(RecordForm):
    """A locker for laptops, or none."""

    locker = forms.ModelChoiceField(
        Locker.objects.none(),
        label=_("Locker"),
        required=False,
        empty_label=_("none: under an officer's key"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lockers = Locker.objects.filter(
            bank__facility=self.record.facility_id, purpose=LockerPurpose.TERMINAL
        )
        self.fields["locker"].queryset = lockers.select_related("bank")  # type: ignore[attr-defined]  # a Field to the stubs


class SealsForm(forms.Form):
    """Seal numbers as they are read off the laptop."""

    seals = forms.CharField(
        label=_("Seal numbers as read, one a line"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_seals(self) -> list[str]:
        """One number a line."""
        return lines(self.cleaned_data["seals"])


class ReleaseForm(SealsForm):
    """What was found in quarantine."""

    finding = forms.CharField(
        label=_("What was found"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class LossForm(forms.Form):
    """What is known of a laptop that is gone."""

    circumstances = forms.CharField(
        label=_("What is known"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    last_seen_where = forms.CharField(label=_("Last seen where"), max_length=120, required=False)
    last_seen_at = MomentField(label=_("Last seen at"), required=False)


class FoundForm(forms.Form):
    """Where it turned up."""

    where = forms.CharField(label=_("Found where"), max_length=120)
