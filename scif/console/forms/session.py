"""The form of the sign-in page."""

from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.forms import CharField, PasswordInput, TextInput
from django.utils.translation import gettext_lazy as _

from scif.people.models import User

USERNAME_MOST = User._meta.get_field("username").max_length
PASSWORD_MOST = 4096


class SignInForm(AuthenticationForm):
    """Refuses what no account can have before it reaches the password's slow hash."""

    username = UsernameField(max_length=USERNAME_MOST, widget=TextInput(attrs={"autofocus": True}))
    password = CharField(
        label=_("Password"),
        strip=False,
        max_length=PASSWORD_MOST,
        widget=PasswordInput(attrs={"autocomplete": "current-password"}),
    )
