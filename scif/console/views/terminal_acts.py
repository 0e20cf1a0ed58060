"""What an officer does about laptops and their boot images."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.rules.states import EngagementState
from access.services.engagement import CHANGE as CHANGE_ENGAGEMENT
from scif.console.views import terminal_forms as forms
from scif.console.views import terminal_stopped as why
from scif.console.views.laptop_words import stay_words
from scif.console.views.officer_act import Act
from scif.console.views.officer_forms import NothingForm
from scif.console.views.terms_form import TermsForm
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from terminals.models import BootImage, EngagementTerms, Terminal
from terminals.rules.quote import PCRS
from terminals.rules.states import IMAGE, TERMINAL, ImageAction, ImageState, TerminalState
from terminals.rules.states import TerminalAction as Step
from terminals.services import (
    attestation,
    enrolment,
    image,
    lock,
    loss,
    quarantine,
    terminal,
    terms,
)
from terminals.views.terms_words import terms_changes

Data = Mapping[str, Any]


def _at(action: Step) -> Callable[[Terminal], bool]:
    """Whether the laptop's state allows a step."""
    return lambda record: action in TERMINAL.allowed(TerminalState(record.state))


def _image_at(action: ImageAction) -> Callable[[BootImage], bool]:
    return lambda record: action in IMAGE.allowed(ImageState(record.state))


def _at_hand(record: Terminal) -> bool:
    return TerminalState(record.state) in enrolment.AT_HAND


def _on(service: Callable[..., object]) -> Callable[[Terminal, Data, Actor], object]:
    """A service on a laptop that takes the form's fields as they are."""
    return lambda record, data, actor: service(terminal_id=record.pk, actor=actor, **data)


def _stay(record: Terminal) -> Mapping[str, Any]:
    return {"told": stay_words(record)}


def _propose(record: Facility, data: Data, actor: Actor) -> object:
    return image.boot_image_propose(
        facility_id=record.pk,
        name=data["name"],
        version=data["version"],
        image_sha256=data["image_sha256"],
        pcrs={number: data[f"pcr{number}"] for number in PCRS},
        actor=actor,
    )


def _enrol(record: Facility, data: Data, actor: Actor) -> object:
    given = {**data, "image_id": data["image"].pk}
    del given["image"]
    return enrolment.terminal_enrol(facility_id=record.pk, actor=actor, **given)


TERMINAL_ACTS: Sequence[Act] = (
    Act(
        "image-propose",
        Facility,
        terminal.CHANGE,
        _("Propose a boot image…"),
        _("No laptop is measured against it before two people have approved it."),
        _propose,
        form=forms.ImageForm,
        danger=False,
        adds=True,
    ),
    Act(
        "image-approve",
        BootImage,
        image.APPROVE,
        _("Approve the image…"),
        _(
            "Two people approve it, each for himself: compare every digest with the build's own "
            "record. After the second one laptops may run it."
        ),
        lambda record, data, actor: image.boot_image_approve(image_id=record.pk, actor=actor),
        _image_at(ImageAction.APPROVE),
        NothingForm,
        danger=False,
        asker=lambda record: record.first_approver_id,
    ),
    Act(
        "image-withdraw",
        BootImage,
        image.APPROVE,
        _("Withdraw the image…"),
        _("What the laptops that run it have proved counts no more; none of them is issued."),
        lambda record, data, actor: image.boot_image_withdraw(
            image_id=record.pk, reason=data["reason"], actor=actor
        ),
        _image_at(ImageAction.WITHDRAW),
    ),
    Act(
        "terminal-enrol",
        Facility,
        terminal.CHANGE,
        _("Enrol a laptop…"),
        _("It serves nobody before it is sealed and another officer has confirmed its keys."),
        _enrol,
        form=forms.EnrolForm,
        danger=False,
        adds=True,
        stopped=why.no_image,
    ),
    Act(
        "terminal-seal",
        Terminal,
        terminal.CHANGE,
        _("Put on a seal…"),
        _("Its number is read at every hand-over from now on."),
        _on(enrolment.terminal_seal),
        _at_hand,
        forms.SealForm,
        danger=False,
    ),
    Act(
        "terminal-confirm",
        Terminal,
        terminal.CHANGE,
        _("Confirm the enrolment…"),
        _("The second of two officers: it may be issued from now on. Its keys never change."),
        _on(enrolment.terminal_confirm),
        _at(Step.CONFIRM),
        forms.ConfirmForm,
        danger=False,
        asker=lambda record: record.enrolled_by_id,
        stopped=why.not_ready,
    ),
    Act(
        "terminal-image",
        Terminal,
        terminal.CHANGE,
        _("Give it another boot image…"),
        _("What it has proved before counts no more: have it prove anew what it runs."),
        lambda record, data, actor: enrolment.terminal_image_set(
            terminal_id=record.pk, image_id=data["image"].pk, actor=actor
        ),
        _at_hand,
        forms.TerminalImageForm,
        danger=False,
        stopped=why.no_approved_image,
    ),
    Act(
        "terminal-locker",
        Terminal,
        terminal.CHANGE,
        _("Say where it is kept…"),
        _("The desk opens that locker to take it out and to put it away."),
        lambda record, data, actor: enrolment.terminal_locker_set(
            terminal_id=record.pk,
            locker_id=data["locker"].pk if data["locker"] else None,
            actor=actor,
        ),
        _at_hand,
        forms.TerminalLockerForm,
        danger=False,
    ),
    Act(
        "terminal-ask",
        Terminal,
        terminal.ATTEST,
        _("Have it prove what it runs…"),
        _(
            "While it runs, its security chip signs what was booted, with a number that was drawn "
            "just now, so that no old answer serves. The answer stands under Attestations."
        ),
        _on(attestation.attestation_ask),
        lambda record: record.state not in {TerminalState.LOST, TerminalState.RETIRED},
        NothingForm,
        danger=False,
        stopped=why.image_unapproved,
    ),
    Act(
        "terminal-lock",
        Terminal,
        terminal.LOCK,
        _("Lock it from afar…"),
        _(
            "Its session is cut and none begins. What runs on the harness goes on. Another "
            "person lifts the lock."
        ),
        _on(lock.terminal_lock),
        _at(Step.LOCK),
    ),
    Act(
        "terminal-unlock",
        Terminal,
        terminal.LOCK,
        _("Lift the lock…"),
        _("Whoever locked it does not lift the lock."),
        _on(lock.terminal_unlock),
        _at(Step.UNLOCK),
        danger=False,
        details=why.unreviewed,
        asker=why.locked_by,
    ),
    Act(
        "terminal-quarantine",
        Terminal,
        terminal.LOCK,
        _("Quarantine it…"),
        _(
            "It serves nobody until its seals are read, it has proved what it runs, and two people "
            "have released it."
        ),
        _on(quarantine.terminal_quarantine),
        _at(Step.QUARANTINE),
    ),
    Act(
        "terminal-release-ask",
        Terminal,
        terminal.RELEASE,
        _("Ask for its release…"),
        _(
            "First read every seal, boot it and have it prove what it runs. Another person "
            "releases it."
        ),
        _on(quarantine.terminal_release_ask),
        _at(Step.RELEASE),
        forms.ReleaseForm,
        danger=False,
        details=_stay,
        stopped=why.not_proved,
    ),
    Act(
        "terminal-release",
        Terminal,
        terminal.RELEASE,
        _("Release it from quarantine…"),
        _("The second of two people: it goes back into the store and may be issued."),
        _on(quarantine.terminal_release),
        lambda record: record.quarantines.filter(ended_at=None, asked_at__isnull=False).exists(),
        NothingForm,
        details=_stay,
        asker=why.release_asked_by,
        stopped=why.request_lapsed,
    ),
    Act(
        "terminal-lost",
        Terminal,
        terminal.REPORT,
        _("Report it lost…"),
        _("It serves nobody from now on, and an alarm is raised. Found, it goes into quarantine."),
        _on(loss.terminal_report_lost),
        _at(Step.LOSE),
        forms.LossForm,
    ),
    Act(
        "terminal-found",
        Terminal,
        terminal.REPORT,
        _("It is found…"),
        _("It goes into quarantine, whatever it looks like."),
        _on(loss.terminal_find),
        _at(Step.FIND),
        forms.FoundForm,
        danger=False,
    ),
    Act(
        "terminal-retire",
        Terminal,
        terminal.CHANGE,
        _("Retire it…"),
        _("It is out of service for good; its keys are never enrolled again."),
        _on(enrolment.terminal_retire),
        _at(Step.RETIRE),
        stopped=why.in_hands,
    ),
    Act(
        "terms-propose",
        Engagement,
        CHANGE_ENGAGEMENT,
        _("Propose terms for laptops…"),
        _("They hold once lab and facility have approved them; sessions on older ones end then."),
        lambda record, data, actor: terms.terms_propose(
            engagement_id=record.pk, actor=actor, **data
        ),
        lambda record: record.state == EngagementState.ACTIVE,
        TermsForm,
        danger=False,
        adds=True,
        mandate=lambda record: record,
    ),
    Act(
        "terms-approve",
        EngagementTerms,
        CHANGE_ENGAGEMENT,
        _("Approve for the facility…"),
        _(
            "Another officer than proposed them. The lab approves as well, by its sponsor's "
            "officer; sessions on older terms end then."
        ),
        lambda record, data, actor: terms.terms_approve_facility(terms_id=record.pk, actor=actor),
        lambda record: (
            record.in_force_at is None
            and record.ended_at is None
            and record.facility_approved_by_id is None
        ),
        NothingForm,
        danger=False,
        details=terms_changes,
        asker=lambda record: record.proposed_by_id,
        mandate=lambda record: record.engagement,
    ),
)
