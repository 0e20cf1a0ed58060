"""What an officer's act is: one service behind one page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.utils.functional import Promise

from scif.console.views.officer_forms import ReasonForm
from scif.facilities.models import Record
from scif.kernel.actor import Actor

Words = str | Promise
Run = Callable[[Any, Mapping[str, Any], Actor], object]


@dataclass(frozen=True, slots=True)
class Act:
    """One act: on which model, with which permission, what it means, which service does it.

    ``fits`` tells whether the record's present state allows it; the service decides anyhow.
    """

    name: str
    model: type[Record]
    permission: str
    label: Words
    consequence: Words
    run: Run
    fits: Callable[[Any], bool] = lambda record: True
    form: type[Form] = ReasonForm
    danger: bool = True
