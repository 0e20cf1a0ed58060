"""An account's password, set by its owner alone: by a link, or by whoever is signed in."""

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import (
    PasswordChangeView,
    PasswordResetCompleteView,
    PasswordResetConfirmView,
)
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from scif.console.forms.session import ChangePasswordForm, NewPasswordForm
from scif.people.models import User


class PasswordByLink(PasswordResetConfirmView):
    """The page of a link from whoever runs the installation."""

    form_class = NewPasswordForm
    template_name = "account/set.html"
    success_url = reverse_lazy("account_done")

    def get_user(self, uidb64: str) -> User | None:
        """Whose link it is; a closed account's is nobody's."""
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None


class PasswordByLinkDone(PasswordResetCompleteView):
    """That the password is set, and where to sign in with it."""

    template_name = "account/done.html"


class PasswordChange(PasswordChangeView):
    """Another password; the session in which it is set goes on, all others end."""

    form_class = ChangePasswordForm
    template_name = "account/password.html"
    success_url = reverse_lazy("start")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(
            self.request,
            _("Your password is changed. Wherever else you were signed in, you are signed out."),
        )
        return response
