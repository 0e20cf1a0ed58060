"""Which alarms come first where there is no room for all."""

from django.db.models import Case, IntegerField, QuerySet, When

from scif.alarms.models import Alarm, Gravity


def gravest_first(alarms: QuerySet[Alarm]) -> QuerySet[Alarm]:
    """By what a guard is to do about them; of the same gravity the one raised last first."""
    steps = (When(gravity=each, then=number) for number, each in enumerate(Gravity.values))
    return alarms.order_by(Case(*steps, output_field=IntegerField()), "-raised_last_at")
