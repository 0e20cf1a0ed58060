"""Logins of the demonstration, one for each kind of user, as the demo prints them."""

from dataclasses import dataclass

from scif.console.demo.published import PASSWORD


@dataclass(frozen=True, slots=True)
class Login:
    """Who signs in, where the work begins, and how."""

    who: str
    page: str
    username: str
    password: str = PASSWORD


LOGINS = (
    Login("Facility officer", "/admin/", "h.marsh"),
    Login("Second officer (approves)", "/admin/", "t.wierzba"),
    Login("Auditor", "/portal/", "i.carvalho"),
    Login("Guard, Mill Lane", "/desk/", "e.hughes"),
    Login("Guard, Building 7", "/desk/", "m.okafor"),
    Login("Compliance", "/admin/", "c.pinto"),
)
