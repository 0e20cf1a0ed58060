"""The checkers' side of the airlock: the content, what it hides, what has changed, the verdict."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from access.views.portal.page import REFUSED, page, portal_actor
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, Refused
from terminals.forms.airlock import ApproveForm, RefuseForm, VoteForm
from terminals.models import AirlockItem, AirlockVersion, Direction, Ground, Kind, Verdict
from terminals.rules.airlock_states import AirlockState
from terminals.rules.content import findings
from terminals.selectors.airlock import (
    appeal_tied,
    appealed,
    decides_appeal,
    items_for,
    mandate_of,
    previous,
    sees_content,
    side_of,
    upheld,
    votes_still,
)
from terminals.services.airlock_check import airlock_approve, airlock_refuse
from terminals.services.airlock_read import airlock_read, airlock_take
from terminals.services.airlock_release import airlock_release, filename
from terminals.services.appeal import appeal_vote
from terminals.views.airlock_words import (
    difference,
    findings_words,
    shown,
    state_words,
    verdict_words,
)


@login_required
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The sealed version with its content, and the verdict on it."""
    actor = portal_actor(request)
    found = get_object_or_404(items_for(actor), pk=pk)
    if not sees_content(found, actor):
        raise Http404
    forms = _forms(request, found, actor)
    act = next((name for name in forms if name in request.POST), "")
    refused: Refused | None = None
    if not act and "release" in request.POST and found.state == AirlockState.SEALED:
        # Sent by somebody whose page was of another moment: the service says what is missing.
        act, forms = "release", forms | {"release": Form(request.POST)}
    if request.method == "POST":
        if not act:
            messages.warning(request, _("That is no longer open. This is how it stands now."))
            return redirect("airlock:item", pk)
        form = forms[act]
        if form.is_valid():
            try:
                _ACTS[act](found, _seen(request, found), form, actor)
            except Refused as refusal:
                refused = refusal
                if refusal.code == "not_approved":
                    del forms["release"]
            else:
                messages.success(request, _SAID[act])
                return redirect("airlock:item", pk)
    version = found.versions.filter(sealed_at__isnull=False).order_by("-number").first()
    if version is None:
        raise Http404
    content = _content(found, version, actor, request.GET.get("part", "1"))
    if "unread" in content:
        # Bytes that were changed have made a draft of it: nothing is to be judged any more.
        found.refresh_from_db()
        forms = {}
    context = {
        "item": found,
        "said": state_words(found),
        "version": version,
        "forms": {} if refused and refused.code == "bytes_changed" else forms,
        "refused": refused,
        "verdicts": [
            verdict_words(found, each)
            for each in version.checks.select_related("person__organisation")
        ],
        "appeal": found.appeal if appealed(found) else None,
        "tied": appeal_tied(found),
        "grounds": [each.label for each in Ground],
        "zone": found.facility.time_zone,
        **content,
    }
    status = REFUSED if request.method == "POST" else 200
    return page(
        request, "airlock_review.html", "items", context, mandates=mandate_of(found), status=status
    )


@login_required
@require_GET
def take(request: HttpRequest, pk: UUID, version: UUID) -> HttpResponse:
    """The bytes as a file: always to be saved, never to be shown, under a name of our own."""
    try:
        found, data = airlock_take(item_id=pk, version_id=version, actor=portal_actor(request))
    except (NotPermitted, AirlockItem.DoesNotExist, AirlockVersion.DoesNotExist) as error:
        raise Http404 from error
    except Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.remedy}")
        return redirect("airlock:item", pk)
    return HttpResponse(
        data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{filename(found)}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _content(
    found: AirlockItem, version: AirlockVersion, actor: Actor, part: str
) -> dict[str, Any]:
    """What stands in it, what it hides, and what is new since the version before."""
    try:
        _version, data = airlock_read(item_id=found.pk, version_id=version.pk, actor=actor)
    except Refused as refusal:
        return {"unread": refusal}
    told: dict[str, Any] = {"findings": findings_words(findings(data))}
    if version.kind != Kind.TEXT:
        return told
    text = data.decode()
    told["text"] = shown(text, int(part) if part.isdecimal() and len(part) < 6 else 1)
    before = previous(version)
    if before is not None and before.kind == Kind.TEXT and before.sha256 != version.sha256:
        told["before"] = before
        try:
            _old, old = airlock_read(item_id=found.pk, version_id=before.pk, actor=actor)
        except Refused as refusal:
            return told | {"before_unread": refusal}
        told["changes"] = difference(old.decode(), text)
    elif before is not None:
        told["before"], told["same"] = before, before.sha256 == version.sha256
    return told


def _forms(request: HttpRequest, found: AirlockItem, actor: Actor) -> dict[str, Form]:
    """The verdicts that are open to the reader, by their button."""
    said = request.POST if request.method == "POST" else None

    def data(act: str) -> Any:
        return said if said is not None and act in said else None

    forms: dict[str, Form] = {}
    side, state = side_of(found, actor), found.state
    body = upheld(found)
    spoken = (
        found.version is not None
        and found.version.checks.filter(person_id__in=[actor.person_id]).exists()
    )
    if side and not spoken and not body and state in {AirlockState.SEALED, AirlockState.CHECKED}:
        if state == AirlockState.SEALED:
            inspected = found.direction == Direction.INTAKE
            forms["approve"] = ApproveForm(data("approve"), inspected=inspected)
        forms["refuse"] = RefuseForm(data("refuse"))
    if state == AirlockState.CHECKED and (side or (body and decides_appeal(found, actor))):
        forms["release"] = Form(data("release"))
    if state == AirlockState.APPEALED and votes_still(found, actor):
        forms["vote"] = VoteForm(data("vote"))
    return forms


def _seen(request: HttpRequest, found: AirlockItem) -> UUID:
    """The version that the page showed; without one, none that exists."""
    try:
        return UUID(request.POST.get("version", ""))
    except ValueError:
        return found.pk


_ACTS: dict[str, Callable[[AirlockItem, UUID, Form, Actor], object]] = {
    "approve": lambda found, seen, form, actor: airlock_approve(
        item_id=found.pk,
        version_id=seen,
        inspection=form.cleaned_data.get("inspection", ""),
        actor=actor,
    ),
    "refuse": lambda found, seen, form, actor: airlock_refuse(
        item_id=found.pk,
        version_id=seen,
        verdict=Verdict(form.cleaned_data["verdict"]),
        ground=Ground(form.cleaned_data["ground"]),
        reason=form.cleaned_data["reason"],
        actor=actor,
    ),
    "release": lambda found, seen, form, actor: airlock_release(item_id=found.pk, actor=actor),
    "vote": lambda found, seen, form, actor: appeal_vote(
        item_id=found.pk,
        upholds=form.cleaned_data["upholds"] == "yes",
        reason=form.cleaned_data["reason"],
        actor=actor,
    ),
}
_SAID = {
    "approve": gettext_lazy("Approved, for these bytes and no others."),
    "refuse": gettext_lazy("Its author has been told the ground and the place."),
    "release": gettext_lazy("Released."),
    "vote": gettext_lazy("Your vote stands."),
}
