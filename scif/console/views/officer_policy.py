"""Publish a new version of a policy profile: the form, then what would change, then the service."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from access.selectors.policy import CHANGE
from access.services.policy import PolicyValueRefused
from access.services.policy_ask import policy_publish_ask
from hardware.models import Rewiring
from scif.console.forms.policy import PolicyForm
from scif.console.selectors.policy_profile import blocks_of, profile_page
from scif.console.views.officer_told import waits_told
from scif.facilities.models import PolicyProfile
from scif.kernel.errors import Refused
from scif.people.access import visible
from scif.people.actors import actor_of

CONFLICT, INVALID = 409, 422


def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form of all values; what was typed comes back as a list of changes to be confirmed."""
    actor = actor_of(request)
    profile = visible(PolicyProfile.objects.all(), actor, CHANGE).get(pk=pk)
    if request.method != "POST":
        return _page(request, profile, PolicyForm(profile=profile))
    form = PolicyForm(request.POST, profile=profile)
    step = request.POST.get("step", "review")
    if step == "form":
        return _page(request, profile, form)
    if not form.is_valid():
        return _page(request, profile, form, status=INVALID)
    changes, reason = form.cleaned_data["changes"], form.cleaned_data["reason"]
    if step != "publish":
        return _page(
            request,
            profile,
            form,
            confirm=True,
            changes=changes,
            blocks=blocks_of(changes),
            reason=reason,
        )
    try:
        published = policy_publish_ask(
            profile_id=profile.pk,
            changes={each.key: each.value for each in changes},
            reason=reason,
            actor=actor,
        )
    except PolicyValueRefused as error:
        form.add_error(error.key if error.key in form.fields else None, error.message)
        return _page(request, profile, form, status=INVALID)
    except Refused as error:
        return _page(request, profile, form, status=CONFLICT, refused=error)
    if isinstance(published, Rewiring):
        messages.warning(request, waits_told(published))
        return redirect(reverse("admin:hardware_rewiring_change", args=[published.pk]))
    messages.success(request, _("Published: %(what)s") % {"what": published})
    return redirect(_page_of(published))


def _page_of(profile: PolicyProfile) -> str:
    return reverse("admin:facilities_policyprofile_change", args=[profile.pk])


def _page(
    request: HttpRequest,
    profile: PolicyProfile,
    form: PolicyForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    page = profile_page(profile, actor_of(request), CHANGE)
    context = {
        **admin.site.each_context(request),
        "title": _("Publish a new version") if profile.published_at else _("Publish the draft"),
        "opts": profile._meta,
        "profile": profile,
        "page": page,
        "next": profile.version + 1 if profile.published_at else profile.version,
        "back": _page_of(profile),
        "form": form,
        **more,
    }
    return TemplateResponse(request, "admin/policy_publish.html", context, status=status)
