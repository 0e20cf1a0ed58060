"""JSON as the adapter takes and writes it: one meaning for each text, and exact numbers."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn


class NotStrictError(ValueError):
    """The bytes are no JSON that has exactly one meaning; the text says why."""


def loads(raw: bytes) -> Any:
    """Read UTF-8 JSON; numbers with a point or an exponent come as Decimal.

    Raises NotStrictError: invalid UTF-8, a key twice, NaN or infinity, lone surrogates, a number of
    thousands of digits, nesting without end.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_float=_exact,
            parse_constant=_no_constant,
            object_pairs_hook=_once,
        )
        dumps(value)
    except NotStrictError:
        raise
    except UnicodeError as error:
        raise NotStrictError("not UTF-8") from error
    except RecursionError as error:
        raise NotStrictError("nested too deeply") from error
    except ValueError as error:
        raise NotStrictError("not JSON") from error
    return value


def dumps(value: Any) -> bytes:
    """The one way to write a value: sorted keys, no spaces, UTF-8.

    Raises UnicodeError for text that no UTF-8 can hold, ValueError for what is no finite number.
    """
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_number,
    ).encode()


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise NotStrictError("a number beyond reason") from error


def _no_constant(text: str) -> NoReturn:
    raise NotStrictError(f"{text} is no number")


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrictError("a name stands twice in one object")
    return found


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
