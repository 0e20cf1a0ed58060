"""Opening hours of a week: seven rows of from, to and closed, kept as ``Area.hours`` keeps them."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DAYS = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
MIDNIGHT = time(0)
Row = dict[str, Any]


class HoursWidget(forms.Widget):
    """A table of the week. ``errors`` says, by day, what is wrong in that row."""

    template_name = "forms/hours.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.errors: dict[str, Any] = {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows, from what is stored or from what was typed."""
        context = super().get_context(name, value, attrs)
        stored = value if isinstance(value, Mapping) else {}
        context["widget"]["rows"] = [
            {"day": day, "label": label, "error": self.errors.get(day, "")}
            | _shown(stored.get(day))
            for day, label in DAYS.items()
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, Row]:
        """What was typed, by day."""
        return {
            day: {
                "opens": data.get(f"{name}_{day}_from", "").strip(),
                "closes": data.get(f"{name}_{day}_to", "").strip(),
                "closed": f"{name}_{day}_closed" in data,
            }
            for day in DAYS
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """A week is there if any of its fields is."""
        return not any(key.startswith(f"{name}_") for key in data)

    def id_for_label(self, id_: str) -> str:
        """The table is named by its legend."""
        return ""


class HoursField(forms.Field):
    """A week of opening hours; cleans to ``{"mon": ["08:00", "18:00"], …}``, closed days absent."""

    widget = HoursWidget

    def clean(self, value: Any) -> dict[str, list[str]]:
        """Read each row; what is wrong is said in its row, and once for the field."""
        hours: dict[str, list[str]] = {}
        errors: dict[str, Any] = {}
        for day, row in (value or {}).items():
            if row["closed"]:
                continue
            try:
                if span := _span(row["opens"], row["closes"]):
                    hours[day] = span
            except ValidationError as error:
                errors[day] = error.messages[0]
        self.widget.errors = errors
        if errors:
            names = ", ".join(str(DAYS[day]) for day in errors)
            raise ValidationError(_("Look at %(days)s."), params={"days": names})
        return hours

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the week is another one than before."""
        try:
            return bool(self.clean(data) != (initial or {}))
        except ValidationError:
            return True


def _shown(value: Any) -> Row:
    if isinstance(value, dict):
        return value
    if not value:
        return {"opens": "", "closes": "", "closed": True}
    return {"opens": value[0][:5], "closes": value[1][:5], "closed": False}


def _span(opens: str, closes: str) -> list[str] | None:
    """A row that is not closed; None where nothing was typed, which is closed too."""
    if not opens and not closes:
        return None
    if not opens or not closes:
        raise ValidationError(_("Give both times, or tick closed."))
    try:
        first, last = time.fromisoformat(opens), time.fromisoformat(closes)
    except ValueError as error:
        raise ValidationError(_("Write times like 08:00.")) from error
    if last <= first and last != MIDNIGHT:
        raise ValidationError(_("It closes after it opens; 00:00 is midnight at the end."))
    return [f"{first:%H:%M}", f"{last:%H:%M}"]
