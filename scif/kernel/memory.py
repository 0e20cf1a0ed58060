"""What stays in memory is kept out of the collector's way, so that no door or screen waits for it.

A full collection walks every object and holds every thread meanwhile: some 100 ms for what a worker
imports alone, seconds with the records of a million badges. None of these goes until the process
does, but by its reference count.
"""

import gc


def settle() -> None:
    """What is here now stays: no later collection walks it.

    The young objects are collected first, so that little of what is garbage already stays with it.
    For when much has been loaded, not for every change: what is kept so and forms a cycle later is
    never freed.
    """
    gc.collect(1)
    gc.freeze()
