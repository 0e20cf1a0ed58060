"""Forms of reports."""

from django import forms
from django.utils.translation import gettext_lazy as _

from scif.reporting.kit.sheet import Paper

MOST_BYTES = 25 * 1024 * 1024


class ReportForm(forms.Form):
    """Which visit, on which paper."""

    visit = forms.CharField(
        label=_("Visit"), max_length=20, help_text=_("Its reference, for example V-7Q4KXM")
    )
    paper = forms.ChoiceField(label=_("Paper"), choices=[(p.value, p.value) for p in Paper])


class VerifyForm(forms.Form):
    """A code, and the file that bears it if it is at hand."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        help_text=_("16 letters and digits in the proof box; O and 0, I and 1 are the same"),
    )
    file = forms.FileField(
        label=_("The PDF, if you have it"),
        required=False,
        help_text=_("Compared with the file that was signed here, byte for byte; it is not kept"),
    )

    def clean_file(self) -> object:
        """Refuse what is far larger than any report."""
        file = self.cleaned_data.get("file")
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than any report of this system."))
        return file
