"""Signing in and out: Django's own views, each told to the journal."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse

from scif.console.forms.session import SignInForm
from scif.people.models import User
from scif.people.services.sign_in import sign_in_record, sign_in_refuse, sign_out_record


class SignIn(LoginView):
    """The one page to sign in."""

    authentication_form = SignInForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        if isinstance(user, User):
            sign_in_record(user=user, address=_address(self.request))
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        # While an account rests its attempts are counted, and do not fill the journal.
        if not getattr(self.request, "axes_locked_out", False):
            username = str(form.data.get("username", ""))
            sign_in_refuse(username=username, address=_address(self.request))
        return super().form_invalid(form)


class SignOut(LogoutView):
    """Signing out."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, User):
            sign_out_record(user=request.user)
        return super().post(request, *args, **kwargs)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
