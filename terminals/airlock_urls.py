"""Addresses of the airlock in the portal."""

from django.urls import path

from terminals.views import airlock, airlock_review, airlock_reviewers

app_name = "airlock"
urlpatterns = [
    path("", airlock.items, name="items"),
    path("new/<str:direction>/", airlock.new, name="new"),
    path("<uuid:pk>/", airlock.item, name="item"),
    path("<uuid:pk>/withdraw/", airlock.withdraw, name="withdraw"),
    path("<uuid:pk>/review/", airlock_review.review, name="review"),
    path("<uuid:pk>/versions/<uuid:version>/", airlock_review.take, name="take"),
    path("people/<uuid:pk>/", airlock_reviewers.reviewers, name="reviewers"),
]
