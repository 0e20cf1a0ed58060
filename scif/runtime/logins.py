"""Logins of the demonstration, for each kind of user, as the demo prints them."""

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
    Login("Officer of Mill Lane alone", "/admin/", "p.ngata"),
    Login("Auditor", "/portal/", "i.carvalho"),
    Login("Auditor (exports)", "/portal/", "a.nwosu"),
    Login("Lab, Halden AI", "/portal/", "k.solberg"),
    Login("Lab, Auriga Models", "/portal/", "b.frost"),
    Login("Guard, Mill Lane", "/desk/", "e.hughes"),
    Login("Guard, Building 7", "/desk/", "m.okafor"),
    Login("Compliance", "/admin/", "c.pinto"),
    Login("Appeal body, one of two", "/portal/airlock/", "g.petrov"),
    Login("Appeal body, the other", "/portal/airlock/", "m.okafor"),
)
