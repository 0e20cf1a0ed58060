"""What a hostile laptop, a thief of keys or another process would try. Each attempt is refused by
the bastion as it is, and passes at one that lacks just the guard that refuses it.
"""

from tests.bastion import hostile_control, hostile_login, hostile_session

CASES = (*hostile_login.CASES, *hostile_session.CASES, *hostile_control.CASES)
