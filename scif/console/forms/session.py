"""The forms of signing in, and of an account's password."""

from typing import Any

from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
    UsernameField,
)
from django.contrib.auth.password_validation import password_validators_help_texts
from django.forms import CharField, PasswordInput, TextInput
from django.utils.translation import gettext_lazy as _

from scif.kernel.actor import Actor
from scif.people.models import User
from scif.people.services.account import LINK, password_set

USERNAME_MOST = User._meta.get_field("username").max_length
PASSWORD_MOST = 4096


def _password(label: Any, autocomplete: str) -> CharField:
    """A password as it is typed; what no account can have does not reach the slow hash."""
    widget = PasswordInput(attrs={"autocomplete": autocomplete})
    return CharField(label=label, strip=False, max_length=PASSWORD_MOST, widget=widget)


class SignInForm(AuthenticationForm):
    """Refuses what no account can have before it reaches the password's slow hash."""

    username = UsernameField(max_length=USERNAME_MOST, widget=TextInput(attrs={"autofocus": True}))
    password = _password(_("Password"), "current-password")


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # Django's class has no item at run time
    """A password set by the link of an account; whoever opens it is not signed in."""

    new_password1 = _password(_("New password"), "new-password")
    new_password2 = _password(_("New password once more"), "new-password")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())

    def save(self, commit: bool = True) -> User:
        """Set it through the service, which tells the journal."""
        user: User = self.user
        password_set(
            user=user, password=self.cleaned_data["new_password1"], actor=self._actor(user)
        )
        return user

    def _actor(self, user: User) -> Actor:
        return LINK


class ChangePasswordForm(NewPasswordForm, PasswordChangeForm):
    """Another password for whoever is signed in and knows the present one."""

    old_password = _password(_("Present password"), "current-password")

    def _actor(self, user: User) -> Actor:
        return Actor.user(user.pk, user.person_id)
