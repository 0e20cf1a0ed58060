"""Addresses of the officers' own pages, under the admin: one line for each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from scif.console.views import (
    officer_acts,
    officer_cost,
    officer_hardware,
    officer_history,
    officer_inbox,
    officer_people,
    officer_policy,
    officer_why,
)

if TYPE_CHECKING:
    from scif.console.admin_site import OfficerSite

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Route:
    """An address, its view, its name within the namespace ``admin``."""

    address: str
    view: View
    name: str

    def wrapped(self, site: "OfficerSite") -> URLPattern:
        """The address, behind the site's own check of who may come in."""
        page: View = site.admin_view(self.view)
        return path(self.address, page, name=self.name)


ROUTES = [
    Route("approvals/", officer_inbox.inbox, "approvals"),
    Route("approvals/<uuid:pk>/", officer_inbox.inbox, "approval"),
    Route("approvals/<uuid:pk>/approve/", officer_inbox.approve, "approval_approve"),
    Route("approvals/<uuid:pk>/refuse/", officer_inbox.refuse, "approval_refuse"),
    Route("hardware/state/", officer_hardware.state, "hardware"),
    Route("people/import/", officer_people.people_file, "people_import"),
    Route("why/", officer_why.ask, "why"),
    Route("why/<uuid:person>/<uuid:portal>/", officer_why.answer, "why_answer"),
    Route("why/<uuid:person>/outside/<uuid:place>/", officer_why.answer_outside, "why_outside"),
    Route("cost/", officer_cost.places, "cost_places"),
    Route("cost/at/<uuid:pk>/", officer_cost.place, "cost_place"),
    Route("cost/<uuid:pk>/", officer_cost.scenario, "cost"),
    Route("act/<slug:name>/<uuid:pk>/", officer_acts.act, "act"),
    Route("policy/<uuid:pk>/publish/", officer_policy.publish, "policy_publish"),
    Route("history/<str:label>/<uuid:pk>/", officer_history.history, "history"),
]
