"""What beat starts. Every task is idempotent and calls one service."""

from celery import shared_task

from scif.kernel.actor import Actor
from terminals.services.activity import activities_forget, activities_learn
from terminals.services.airlock_watch import airlock_watch as watch_airlock
from terminals.services.anomaly_case import anomalies_watch as watch_anomalies
from terminals.services.control_watch import control_watch as watch_control
from terminals.services.lock import terminal_locks_watch
from terminals.services.outside_watch import sessions_outside_prove, terminals_outside_watch
from terminals.services.silence import terminals_silence_watch


@shared_task(name="terminals.locks_watch")  # type: ignore[untyped-decorator]  # celery has no types
def locks_watch() -> None:
    """Say which laptop's lock nobody has confirmed."""
    terminal_locks_watch(actor=Actor.system("beat"))


@shared_task(name="terminals.control_watch")  # type: ignore[untyped-decorator]  # celery has no types
def control_watch() -> None:
    """Say that nobody watches the sessions that are open."""
    watch_control(actor=Actor.system("beat"))


@shared_task(name="terminals.silence_watch")  # type: ignore[untyped-decorator]  # celery has no types
def silence_watch() -> None:
    """Say which laptop issued in the house has fallen silent."""
    terminals_silence_watch(actor=Actor.system("beat"))


@shared_task(name="terminals.airlock_watch")  # type: ignore[untyped-decorator]  # celery has no types
def airlock_watch() -> None:
    """Say which item of the airlock nobody has answered in time."""
    watch_airlock(actor=Actor.system("beat"))


@shared_task(name="terminals.anomalies_watch")  # type: ignore[untyped-decorator]  # celery has no types
def anomalies_watch() -> None:
    """Say which anomalies nobody has reviewed in time."""
    watch_anomalies(actor=Actor.system("beat"))


@shared_task(name="terminals.activities_keep")  # type: ignore[untyped-decorator]  # celery has no types
def activities_keep() -> None:
    """Learn from sessions that are over, and forget what is kept no longer."""
    activities_learn(actor=Actor.system("beat"))
    activities_forget(actor=Actor.system("beat"))


@shared_task(name="terminals.outside_watch")  # type: ignore[untyped-decorator]  # celery has no types
def outside_watch() -> None:
    """Say which laptop outside is late, and lock one that is silent."""
    terminals_outside_watch(actor=Actor.system("beat"))


@shared_task(name="terminals.outside_prove")  # type: ignore[untyped-decorator]  # celery has no types
def outside_prove() -> None:
    """Ask the laptops in session outside what they run."""
    sessions_outside_prove(actor=Actor.system("beat"))
