"""One act of an officer: which record, which permission, what it means, which service does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.selectors.engagement import engagement_reached
from scif.console.views.officer_forms import ReasonForm
from scif.facilities.models import Record
from scif.kernel.actor import Actor

Words = str | Promise
Run = Callable[[Any, Mapping[str, Any], Actor], object]


@dataclass(frozen=True, slots=True)
class Act:
    """One act: on which model, with which permission, what it means, which service does it.

    ``fits`` tells whether the record's present state allows it; the service decides anyhow.
    ``prepare`` fits the form to the record: what stands in it, and what can be chosen. An act
    that ``adds`` gives a new record, and its page follows. ``details`` is what of the record stands
    before the form, as ``templates/components/changes.html`` shows it. ``asker`` is who asked for
    it or had the first part in it, and so is not the one to do it. ``mandate`` is the engagement
    whose every facility he must be an officer of. ``stopped`` says what stands against it beside
    the state, empty where nothing does: it is told in the place of its link.
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
    prepare: Callable[[Any, Any], None] = lambda form, record: None
    adds: bool = False
    details: Callable[[Any], Mapping[str, Any]] = lambda record: {}
    asker: Callable[[Any], UUID | None] = lambda record: None
    mandate: Callable[[Any], Engagement | None] = lambda record: None
    stopped: Callable[[Any], Words] = lambda record: ""

    def against(self, record: Record, actor: Actor) -> Words:
        """What stands against it beside the state, for whoever would do it; empty if nothing."""
        engagement = self.mandate(record)
        if engagement is not None and not engagement_reached(engagement, actor):
            return _(
                "Your role does not reach every room of this engagement. Ask an officer of each "
                "of its facilities."
            )
        return self.stopped(record)
