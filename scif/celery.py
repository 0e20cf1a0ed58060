"""The Celery application. Every process entry that needs it imports this module itself.

Gateways have a smaller one of their own: ``scif.gateway``.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scif.settings.production")

app = Celery("scif")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    # A late unlock is worse than a lost one: nothing is redelivered, everything expires.
    task_acks_late=False,
    task_publish_retry=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_hijack_root_logger=False,
)
app.autodiscover_tasks()
# Beat is one process under an advisory lock; what it starts is idempotent and never queues up.
app.conf.beat_schedule = {
    "bookings-expire": {
        "task": "access.bookings_expire",
        "schedule": 30.0,
        "options": {"queue": "work", "expires": 25},
    },
    "sanitisations-end": {
        "task": "access.sanitisations_end",
        "schedule": 30.0,
        "options": {"queue": "work", "expires": 25},
    },
    "snapshots-compact": {
        "task": "hardware.snapshots_compact",
        "schedule": 3600.0,
        "options": {"queue": "work", "expires": 3000},
    },
    "lockdown-watch": {
        "task": "access.lockdown_watch",
        "schedule": 2.0,
        "options": {"queue": "work", "expires": 2},
    },
    "terminal-locks-watch": {
        "task": "terminals.locks_watch",
        "schedule": 2.0,
        "options": {"queue": "work", "expires": 2},
    },
    "control-watch": {
        "task": "terminals.control_watch",
        "schedule": 5.0,
        "options": {"queue": "work", "expires": 5},
    },
    "terminal-silence-watch": {
        "task": "terminals.silence_watch",
        "schedule": 5.0,
        "options": {"queue": "work", "expires": 5},
    },
    "anomalies-watch": {
        "task": "terminals.anomalies_watch",
        "schedule": 5.0,
        "options": {"queue": "work", "expires": 5},
    },
    "activities-keep": {
        "task": "terminals.activities_keep",
        "schedule": 300.0,
        "options": {"queue": "work", "expires": 250},
    },
    "outside-watch": {
        "task": "terminals.outside_watch",
        "schedule": 60.0,
        "options": {"queue": "work", "expires": 50},
    },
    "outside-prove": {
        "task": "terminals.outside_prove",
        "schedule": 15.0,
        "options": {"queue": "work", "expires": 14},
    },
    "airlock-watch": {
        "task": "terminals.airlock_watch",
        "schedule": 60.0,
        "options": {"queue": "work", "expires": 50},
    },
    "lock-outs-end": {
        "task": "access.lock_outs_end",
        "schedule": 5.0,
        "options": {"queue": "work", "expires": 5},
    },
    "reports-produce": {
        "task": "reporting.produce_waiting",
        "schedule": 2.0,
        "options": {"queue": "work", "expires": 2},
    },
}
