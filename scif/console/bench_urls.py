"""Addresses of the bench. INVARIANT: there are none without virtual devices."""

from django.conf import settings
from django.urls import URLPattern, path

from scif.console.views import bench, bench_machines

urlpatterns: list[URLPattern] = (
    [
        path("bench/", bench.bench_first, name="bench-first"),
        path("bench/<slug:facility>/", bench.bench, name="bench"),
        path("bench/<slug:facility>/state/", bench.bench_state, name="bench-state"),
        path("bench/<slug:facility>/act/", bench.bench_act, name="bench-act"),
        path(
            "bench/<slug:facility>/machines/", bench_machines.bench_machines, name="bench-machines"
        ),
        path(
            "bench/<slug:facility>/machines/act/",
            bench_machines.bench_machines_act,
            name="bench-machines-act",
        ),
    ]
    if settings.SIMULATORS
    else []
)
