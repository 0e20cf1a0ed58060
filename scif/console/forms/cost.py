"""The form of a cost scenario: each figure with where it comes from and of which day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import CostScenario
from access.rules.cost import INPUTS, Figure, Group, InputKey
from access.selectors.cost import Figures
from access.selectors.cost_words import unit_words
from access.services.cost import NAME_LENGTH, SOURCE_LENGTH

GROUP_WORDS = {
    Group.ROOM: gettext_lazy("Room"),
    Group.GUARDS: gettext_lazy("Guards"),
    Group.USE: gettext_lazy("Use"),
    Group.EQUIPMENT: gettext_lazy("Equipment"),
    Group.AUDITOR: gettext_lazy("Auditor"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on the form."""

    value: forms.BoundField
    source: forms.BoundField
    dated: forms.BoundField
    note: str

    @property
    def wrong(self) -> bool:
        """Whether its source or its day is to be mended, so that they must be in sight."""
        return bool(self.source.errors or self.dated.errors)


class CostForm(forms.Form):
    """All figures of a scenario. ``version`` is the one that was on the screen."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LENGTH)

    def __init__(self, data: Any = None, *, scenario: CostScenario, figures: Figures) -> None:
        initial = {"version": scenario.version, "name": scenario.name, **_initial(figures)}
        super().__init__(data, initial=initial)
        for key, known in INPUTS.items():
            meaning = _(known.meaning)
            self.fields[f"value_{key}"] = forms.DecimalField(
                label=meaning,
                help_text=unit_words(key, scenario.facility.currency),
                min_value=known.least,
                max_value=known.most,
                max_digits=15,
                decimal_places=4,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )
            self.fields[f"source_{key}"] = forms.CharField(
                label=_("Source of: %(what)s") % {"what": meaning}, max_length=SOURCE_LENGTH
            )
            self.fields[f"dated_{key}"] = forms.DateField(
                label=_("Date of: %(what)s") % {"what": meaning},
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    @property
    def groups(self) -> Iterator[tuple[str, list[Line]]]:
        """The figures under their heads."""
        for group in Group:
            keys = [key for key, known in INPUTS.items() if known.group is group]
            yield str(GROUP_WORDS[group]), [self._line(key) for key in keys]

    def _line(self, key: InputKey) -> Line:
        source, dated = self[f"source_{key}"], self[f"dated_{key}"]
        note = f"{source.value() or '-'}, {dated.value() or '-'}"
        return Line(self[f"value_{key}"], source, dated, note)

    @property
    def figures(self) -> dict[InputKey, Figure]:
        """What was typed; of a form that is in order."""
        data = self.cleaned_data
        return {
            key: Figure(data[f"value_{key}"], data[f"source_{key}"], data[f"dated_{key}"])
            for key in INPUTS
        }


def _initial(figures: Figures) -> Mapping[str, Any]:
    given: dict[str, Any] = {}
    for key, figure in figures.items():
        given[f"value_{key}"] = format(figure.value.normalize(), "f")
        given[f"source_{key}"] = figure.source
        given[f"dated_{key}"] = figure.dated.isoformat()
    return given


class CopyForm(forms.Form):
    """Under which name a copy is kept."""

    name = forms.CharField(label=gettext_lazy("Name of the copy"), max_length=NAME_LENGTH)
