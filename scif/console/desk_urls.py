"""Addresses of the guard's desk, one desk a facility, and of the live link."""

from django.urls import path

from scif.console.consumers import LiveConsumer
from scif.console.views.desk import Arrivals, Exit, Inside, Muster, desk_of, home
from scif.console.views.desk_alarm import AlarmPage, Alarms
from scif.console.views.desk_badges import BadgesPage
from scif.console.views.desk_emergency import EmergencyPage
from scif.console.views.desk_laptops import LaptopPage, LaptopsPage, LaptopStopPage
from scif.console.views.desk_lockdown import LockdownPage
from scif.console.views.desk_outside import LaptopOutsidePage
from scif.console.views.desk_pins import CalledSign, PinsPage, TurnPage, VisitPinPage
from scif.console.views.desk_room import Shift, SweepPage, UnlockPage
from scif.console.views.desk_sessions import SessionsPage
from scif.console.views.desk_standing import StandingPage
from scif.console.views.desk_visit import ReasonPage, VisitPage
from scif.console.views.desk_zone import ZonePage

app_name = "desk"
urlpatterns = [
    path("", home, name="home"),
    path("<slug:code>/", desk_of, name="of"),
    path("<slug:code>/arrivals/", Arrivals.as_view(), name="arrivals"),
    path("<slug:code>/inside/", Inside.as_view(), name="inside"),
    path("<slug:code>/exit/", Exit.as_view(), name="exit"),
    path("<slug:code>/badges/", BadgesPage.as_view(), name="badges"),
    path("<slug:code>/pins/", PinsPage.as_view(), name="pins"),
    path("<slug:code>/called/", CalledSign.as_view(), name="called"),
    path("<slug:code>/muster/", Muster.as_view(), name="muster"),
    path("<slug:code>/shift/", Shift.as_view(), name="shift"),
    path("<slug:code>/emergency/", EmergencyPage.as_view(), name="emergency"),
    path("<slug:code>/lockdown/", LockdownPage.as_view(), name="lockdown"),
    path("<slug:code>/laptops/", LaptopsPage.as_view(), name="laptops"),
    path("<slug:code>/laptops/<uuid:pk>/", LaptopPage.as_view(), name="laptop"),
    path("<slug:code>/laptops/<uuid:pk>/stop/", LaptopStopPage.as_view(), name="laptop_stop"),
    path(
        "<slug:code>/laptops/<uuid:pk>/outside/",
        LaptopOutsidePage.as_view(),
        name="laptop_outside",
    ),
    path("<slug:code>/sessions/", SessionsPage.as_view(), name="sessions"),
    path("<slug:code>/alarms/", Alarms.as_view(), name="alarms"),
    path("<slug:code>/alarms/<uuid:pk>/", AlarmPage.as_view(), name="alarm"),
    path("<slug:code>/sweeps/<uuid:pk>/", SweepPage.as_view(), name="sweep"),
    path("<slug:code>/doors/<slug:portal>/", UnlockPage.as_view(), name="unlock"),
    path("<slug:code>/doors/<slug:portal>/standing/", StandingPage.as_view(), name="standing"),
    path("<slug:code>/zones/<slug:zone>/", ZonePage.as_view(), name="zone"),
    path("<slug:code>/visits/<uuid:pk>/", VisitPage.as_view(), name="visit"),
    path("<slug:code>/visits/<uuid:pk>/pin/", VisitPinPage.as_view(), name="visit_pin"),
    path("<slug:code>/visits/<uuid:pk>/pin/first/", TurnPage.as_view(act="pin"), name="pin"),
    path("<slug:code>/visits/<uuid:pk>/pin/new/", TurnPage.as_view(act="new_pin"), name="new_pin"),
    path(
        "<slug:code>/visits/<uuid:pk>/pin/second/",
        TurnPage.as_view(act="second_pin"),
        name="second_pin",
    ),
    path("<slug:code>/visits/<uuid:pk>/leaves/", VisitPage.as_view(leaving=True), name="leaves"),
    path("<slug:code>/visits/<uuid:pk>/turn-away/", ReasonPage.as_view(), name="turn_away"),
    path(
        "<slug:code>/visits/<uuid:pk>/suspend/", ReasonPage.as_view(act="suspend"), name="suspend"
    ),
    path("<slug:code>/visits/<uuid:pk>/resume/", ReasonPage.as_view(act="resume"), name="resume"),
]

websocket_urlpatterns = [path("ws/live/<uuid:facility>/", LiveConsumer.as_asgi())]
