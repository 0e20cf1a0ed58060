"""The product's addresses, and the pages of the gallery under /gallery/."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from scif.urls import urlpatterns as product
from scif.urls import websocket_urlpatterns as sockets
from tests.browser.gallery.room import BENCH_STATE, DEVICES, GEOMETRY, STATE

websocket_urlpatterns = sockets
_PLACE = "Building 7 / Room 7-114"
_DRAWN = (
    '{"kind": "drawn", "width": 300, "height": 100, "strokes": [[[22, 62], [34, 20], [50, 34], '
    "[44, 66], [72, 44], [76, 58], [96, 42], [102, 56], [118, 24], [122, 58], [142, 44], "
    "[150, 56], [210, 36], [276, 30]]]}"
)


class WindowForm(forms.Form):
    """A form with each kind of field."""

    starts = forms.TimeField(label="Start of the window", initial="09:00")
    ends = forms.TimeField(
        label="End of the window", help_text="Local time, 3 hours at most for this engagement"
    )
    serial = forms.CharField(
        label="Serial number", help_text="From the label under the battery, as registered"
    )
    room = forms.ChoiceField(label="Room", choices=[("A", "Reading room A"), ("B", "Room B")])
    document = forms.ChoiceField(
        label="Document",
        choices=[("p", "Passport"), ("i", "Identity card")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    photo = forms.FileField(label="Photo", required=False)
    clear = forms.BooleanField(label="The detector stayed silent", help_text="Only what you saw")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if {"starts", "ends"} <= data.keys() and data["ends"] <= data["starts"]:
            words = "Ends 08:30, before it starts at 09:00. Choose a later time."
            self.add_error("ends", words)
        return data


def _rail(current: str) -> list[dict[str, Any]]:
    items = [("Arrivals", 3), ("Inside", 8), ("Exit", 1), ("Alarms", 3), ("Shift", 4)]
    return [
        {
            "url": f"#{label}",
            "label": label,
            "count": count,
            "current": label == current,
            "tone": "stop" if label == "Alarms" else "",
        }
        for label, count in items
    ]


def _desk(current: str) -> dict[str, Any]:
    return {
        "marking": {
            "label": "UNCLASSIFIED",
            "note": "Personal data: do not turn the screen to the queue",
            "tone": "u",
        },
        "place": _PLACE,
        "chips": [
            {"shape": "ok", "words": "Fit for use"},
            {"shape": "ok", "words": "SF 702 open 07:52"},
            {"shape": "ok", "words": "IDS in ACCESS"},
        ],
        "zone": "Europe/London",
        "rail": _rail(current),
        "post": {
            "who": "Post 1, M. Okafor",
            "since": "since 06:00 · post orders signed 06:02",
            "note": "Hand-over 14:00 to R. Lindqvist · 2 open items",
        },
    }


def _inside() -> dict[str, Any]:
    now = timezone.now()
    two = [{"label": "Acknowledge", "tone": "", "command": True}, {"label": "Procedure"}]
    alarms = [
        {
            "gravity": "ACT",
            "since": now - timedelta(seconds=48),
            "title": "Door D3 held open",
            "context": "Vestibule, inner door. Limit 30 s. Last through: J. Feld.",
            "acts": [{"label": "Acknowledge", "tone": "go", "command": True}, two[1]],
        },
        {
            "gravity": "CHECK",
            "since": now - timedelta(minutes=12),
            "title": "Y. Demir past end of slot",
            "context": "Slot ended 10:30, no extension asked. Laptop session cut at 10:30:00.",
            "acts": [{"label": "Message"}, {"label": "Open visit", "url": "#visit"}],
        },
        {
            "gravity": "CHECK",
            "since": now - timedelta(minutes=3),
            "title": "Reader D5 gives no answer",
            "context": "Terminal store stays locked. Issue laptops by hand with the key log.",
            "acts": two,
        },
    ]
    return _desk("Inside") | {"geometry": GEOMETRY, "state": STATE, "alarms": alarms}


def _checkin() -> dict[str, Any]:
    steps = [
        ("Visit", "09:08 by pass", "ok"),
        ("Document", "Passport matches", "ok"),
        ("Detector", "Clear, 4 items", "ok"),
        ("Declaration", "1 device stays", "ok"),
        ("Locker", "", "now"),
        ("Badge", "", "todo"),
        ("Escort", "", "todo"),
        ("Let in", "", "todo"),
    ]
    return _desk("Arrivals") | {
        "steps": [{"label": a, "outcome": b, "state": c, "url": ""} for a, b, c in steps],
        "facts": [
            {"shape": "ok", "words": "Opened", "detail": "09:12:04"},
            {"shape": "ok", "words": "Loaded", "detail": "4 of 4 items"},
            {"shape": "ok", "words": "Confirmed shut", "detail": "09:13:22, 2 reads"},
        ],
        "columns": ["Item", "Mark or serial", "Where"],
        "items": [
            ("Phone, Pixel 8", "…7FA2 91", "Locker 07"),
            ("Watch, Garmin", "…61C0 03", "Locker 07"),
            ("Keys, wallet", "2 items", "Locker 07"),
            ("Insulin pump", "Approval MED-0012", "Stays with visitor"),
        ],
        "drawn": _DRAWN,
        "reasons": [
            {"what": "Deposit not signed by the guard", "mend": "Sign on this page."},
            {"what": "No badge issued", "mend": "Next step. Badges V-21 to V-30 are free."},
            {
                "what": "Medical device inside",
                "mend": "Announce it to the room. Approved by T. Wierzba to 31 Dec.",
                "shape": "warn",
            },
        ],
        "met": ["Clearance", "Read-in", "Need to know", "Visit authorisation"],
        "now": timezone.now(),
    }


def _alarm() -> dict[str, Any]:
    rooms = {"A": {"tint": "alarm"}}
    doors = STATE["doors"] | {"D3": STATE["doors"]["D1"], "D6": {"status": "forced", "url": "#d"}}
    return _desk("Alarms") | {
        "geometry": GEOMETRY,
        "state": STATE | {"rooms": rooms, "doors": doors},
        "since": timezone.now() - timedelta(seconds=222),
        "marks": [
            (4, "acknowledged, dispatched"),
            (29, ""),
            (720, "officer called"),
            (900, "limit"),
        ],
        "chips": [
            {"shape": "stop", "words": "IDS zone 4 in alarm"},
            {"shape": "warn", "words": "Entry stopped"},
            {"shape": "ok", "words": "Exit free"},
        ],
    }


def _portal() -> dict[str, Any]:
    labels = ["Visits", "Find a slot", "Engagements", "Rooms", "My data"]
    return {
        "marking": {
            "label": "UNRESTRICTED",
            "note": "Nothing on this page is above sensitivity tier 1",
            "tone": "u",
        },
        "nav": [{"url": f"#{n}", "label": n, "current": n == "Find a slot"} for n in labels],
        "links": [
            {"label": label, "when": when, "state": state}
            for label, when, state in [
                ("Mandate", "2 Oct", "ok"),
                ("Booking", "9 Nov", "ok"),
                ("Approval", "12 Nov", "ok"),
                ("Check-in", "09:08", "ok"),
                ("Locker", "09:14", "ok"),
                ("Door", "09:16", "ok"),
                ("Laptop", "09:19", "now"),
                ("Search", "", "todo"),
                ("Sweep", "", "todo"),
                ("Report", "", "todo"),
            ]
        ],
    }


def _parts(request: HttpRequest) -> dict[str, Any]:
    form = WindowForm({"starts": "09:00", "ends": "08:30", "room": "A"})
    return _portal() | {
        "marking": {"name": "TOP SECRET", "colour": "#FF8C00", "note": "Colour of its scheme"},
        "form": form,
        "open_form": WindowForm(),
        "bars": [("Dec", 92.0), ("", 88.0), ("", 95.0), ("", 90.0), ("Apr", 78.0), ("", None)],
        "lines": [
            ("7-114", [24.0, 30.0, 28.0, 36.0, 40.0]),
            ("Univ.", [8.0, 12.0, None, 20.0, 31.0]),
        ],
        "marks": ["wk 36", "", "", "", "47"],
        "stretches": [(18, 48, "limited"), (48, 90, "closed")],
        "page": Paginator(range(100), 10).page(int(request.GET.get("page", 3))),
        "proof": {
            "entries": "48 066 to 48 402 of log b7.journal",
            "checkpoint": "size 48 403, 13:22:39 UTC",
            "root": "kX4nq0T2c9vYbW1sLr7mZf3uJd8eHg5iPa6oQyRtE1M=",
            "signer": "Facility key, Building 7, certificate 2026-03",
            "code": "7Q4K-XM2P-D93T-0VHF",
        },
        "facts": [
            {"shape": "ok", "words": "Requested", "detail": "10:43:02.1"},
            {"shape": "ok", "words": "Sent", "detail": "10:43:02.3"},
            {
                "shape": "wait",
                "words": "Unconfirmed",
                "detail": "after 5 s, ACT raised",
                "late": True,
            },
            {"shape": "todo", "words": "Relocked", "detail": "not yet"},
        ],
        "tabs": [
            {"label": "All", "count": 7, "current": True},
            {"label": "Bookings", "count": 4, "url": "#b"},
        ],
        "geometry": GEOMETRY,
        "state": STATE,
        "reasons": _checkin()["reasons"],
        "respond": {
            "gravity": "RESPOND",
            "since": timezone.now(),
            "title": "Door D6 forced open",
            "context": "Emergency exit, reading room A.",
        },
    }


def _bench() -> dict[str, Any]:
    return _desk("") | {
        "geometry": GEOMETRY | DEVICES,
        "state": BENCH_STATE,
        "rows": [
            ("10:44:07.312", "R3", "Card V-23 and PIN read", "53 81 1E 00 0E … RAW", "9 ms"),
            ("10:44:07.336", "Gateway b7", "Refused, slot ended", "edge journal, synced", "24 ms"),
        ],
        "keys": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "C", "0", "#"],
        "columns": ["Time", "Device", "What happened", ("On the wire", "mono"), "Took"],
    }


def gallery(request: HttpRequest, name: str) -> HttpResponse:
    """One page of the gallery."""
    contexts = {
        "inside": _inside,
        "checkin": _checkin,
        "alarm": _alarm,
        "portal": _portal,
        "parts": lambda: _parts(request),
        "bench": _bench,
    }
    return render(request, f"gallery/{name}.html", contexts[name]())


def denied(request: HttpRequest) -> HttpResponse:
    """Refused, as a view refuses."""
    raise PermissionDenied


def broken(request: HttpRequest) -> HttpResponse:
    """Fails, as a defect fails."""
    raise RuntimeError("broken on purpose")


urlpatterns = [
    path("gallery/denied/", denied),
    path("gallery/broken/", broken),
    path("gallery/<str:name>/", gallery),
    *product,
]
