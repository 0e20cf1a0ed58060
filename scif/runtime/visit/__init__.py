"""The scripted visit: one visit through the whole chain, as its people would make it.

It acts only where a person or a card could: pages over HTTP with a login, and the virtual
devices' controls. What it expects is read back from the pages and from the centre's records.
"""

from collections.abc import Callable

from rich.console import Console


def play(console: Console, stopping: Callable[[], bool]) -> bool:
    """Play the visit on the installation of this process's environment.

    Once ``stopping`` says so, a step that fails is no failure of the visit; it ends there.
    """
    import django

    django.setup()
    from scif.runtime.visit.play import play_steps
    from scif.runtime.visit.scene import Scene
    from scif.runtime.visit.script import STEPS

    return play_steps(console, Scene.here(), STEPS, stopping)
