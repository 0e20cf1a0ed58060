"""The acts of the desk on a visit: each button's name, and the service that it calls."""

from collections.abc import Callable
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import Visit
from access.services.badge import badge_issue_request, badge_lose, badge_return
from access.services.badge_prepared import badge_issue_prepared
from access.services.custody import (
    deposit_none_declare,
    locker_assign,
    locker_open_request,
    locker_release,
)
from access.services.deposit import (
    custody_item_add,
    custody_item_remove,
    deposit_sign,
    return_sign,
)
from access.services.leaving import search_record, visit_complete, visit_turn_away
from access.services.visit import visit_arrive, visit_identify, visit_resume, visit_suspend
from scif.console.forms.desk import (
    IdentifyForm,
    ItemForm,
    ReasonForm,
    SearchForm,
    SignaturesForm,
    lines,
)
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require

Act = Callable[[Visit, QueryDict, Actor], object]

# Who signs, and what is said where a pad's word for it is none.
SIGNERS = {
    "visitor": (
        gettext_lazy("What came from the visitor's pad is not a signature."),
        gettext_lazy("The visitor signs again; what the guard has signed is kept."),
    ),
    "guard": (
        gettext_lazy("What came from the guard's pad is not a signature."),
        gettext_lazy("The guard signs again; what the visitor has signed is kept."),
    ),
}


class FormInvalid(Exception):
    """What was entered does not fit; the form says what, field by field."""

    def __init__(self, form: IdentifyForm | ItemForm | SearchForm | ReasonForm) -> None:
        super().__init__("form")
        self.form = form


def _identify(visit: Visit, data: QueryDict, actor: Actor) -> object:
    form = IdentifyForm(data)
    if not form.is_valid():
        raise FormInvalid(form)
    return visit_identify(
        visit_id=visit.pk,
        document=form.cleaned_data["document"],
        last_characters=form.cleaned_data["last_characters"],
        photo_matches=form.cleaned_data["photo_matches"] == "yes",
        actor=actor,
    )


def _item_add(visit: Visit, data: QueryDict, actor: Actor) -> object:
    form = ItemForm(data)
    if not form.is_valid():
        raise FormInvalid(form)
    return custody_item_add(
        visit_id=visit.pk,
        kind=form.cleaned_data["kind"],
        mark=form.cleaned_data["mark"],
        stays_with_visitor=bool(form.cleaned_data["approval"].strip()),
        approval=form.cleaned_data["approval"],
        item_id=form.cleaned_data["item_id"],
        actor=actor,
    )


def _item_remove(visit: Visit, data: QueryDict, actor: Actor) -> object:
    custody_item_remove(visit_id=visit.pk, item_id=_uuid(str(data["item_remove"])), actor=actor)
    return None


def _search(visit: Visit, data: QueryDict, actor: Actor) -> object:
    form = SearchForm(data)
    if not form.is_valid():
        raise FormInvalid(form)
    return search_record(
        visit_id=visit.pk,
        clear=form.cleaned_data["result"] == "clear",
        items=lines(form.cleaned_data["items"]),
        remarks=form.cleaned_data["remarks"],
        actor=actor,
    )


def _signs(service: Callable[..., object]) -> Act:
    def sign(visit: Visit, data: QueryDict, actor: Actor) -> object:
        form = SignaturesForm(data)
        form.is_valid()
        given = {party: form.cleaned_data[party] for party in SIGNERS if party in form.cleaned_data}
        require(
            bool(form.errors) or any(given.values()),
            "signature_empty",
            _("Nobody has signed yet."),
            _("Both sign in their field: first the visitor, then the guard."),
        )
        # One that is no signature does not cost the other party a second one.
        for party in filter(given.get, given):
            service(visit_id=visit.pk, party=party, strokes=given[party], actor=actor)
        for party in form.errors:
            raise Refused("signature_unfit", *map(str, SIGNERS[party]))
        return None

    return sign


def _reasoned(service: Callable[..., object]) -> Act:
    def act(visit: Visit, data: QueryDict, actor: Actor) -> object:
        form = ReasonForm(data)
        if not form.is_valid():
            raise FormInvalid(form)
        return service(visit_id=visit.pk, reason=form.cleaned_data["reason"], actor=actor)

    return act


def _plain(service: Callable[..., object]) -> Act:
    return lambda visit, _data, actor: service(visit_id=visit.pk, actor=actor)


def _badge(service: Callable[..., object]) -> Act:
    def give(visit: Visit, data: QueryDict, actor: Actor) -> object:
        chosen = data.get("badge_id")
        badge_id = _uuid(chosen) if chosen else None
        return service(visit_id=visit.pk, badge_id=badge_id, actor=actor)

    return give


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused("not_found", _("That is not on the list any more.")) from error


ACTS: dict[str, Act] = {
    "arrive": _plain(visit_arrive),
    "identify": _identify,
    "locker": _plain(locker_assign),
    "none": _plain(deposit_none_declare),
    "locker_open": _plain(locker_open_request),
    "locker_release": _plain(locker_release),
    "item_add": _item_add,
    "item_remove": _item_remove,
    "deposit_sign": _signs(deposit_sign),
    "badge": _badge(badge_issue_request),
    "badge_prepared": _badge(badge_issue_prepared),
    "search": _search,
    "return_sign": _signs(return_sign),
    "badge_return": _plain(badge_return),
    "badge_lose": _plain(badge_lose),
    "complete": _plain(visit_complete),
    "turn_away": _reasoned(visit_turn_away),
    "suspend": _reasoned(visit_suspend),
    "resume": _reasoned(visit_resume),
}
