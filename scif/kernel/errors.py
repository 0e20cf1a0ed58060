"""Refusals: a service says no by raising one, and every caller shows it the same way."""


class Refused(Exception):
    """A service refuses.

    ``code`` is a stable word for tests and the API; ``message`` says what is wrong and ``remedy``
    what mends it and who can, both for the person who asked.
    """

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


class FieldRefused(Refused):
    """What was given for one ``field`` is refused; a form that has it says so beside it."""

    def __init__(self, code: str, field: str, message: str, remedy: str = "") -> None:
        super().__init__(code, message, remedy)
        self.field = field


class NotPermitted(Refused):
    """The actor holds no role that allows this; callers answer 404 for objects out of scope."""


def require(condition: bool, code: str, message: str, remedy: str = "") -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise Refused(code, message, remedy)
