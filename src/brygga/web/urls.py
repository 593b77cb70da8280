"""The addresses of the hub. What belongs to a company has its short name first."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from brygga.web import (
    account,
    api_tokens,
    audit,
    configure,
    connections,
    hooks,
    integration,
    notices,
    overview,
    payments,
    people,
    plans,
    problems,
    proofs,
    runs,
    sign_in,
)
from brygga.web.health import health
from brygga.web.metrics import metrics

urlpatterns = [
    path("health", health),
    path("metrics", metrics),
    path("hooks/<slug:slug>/<slug:system>/<str:secret>/", hooks.hook),
    path("hooks/<slug:slug>/<slug:system>/<str:secret>/<path:rest>", hooks.hook),
    path("api/v1/", include("brygga.api.urls")),
    path("", overview.start, name="start"),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("login/code/", sign_in.code, name="code"),
    path("logout/", LogoutView.as_view(next_page="/login/"), name="logout"),
    path("setup/", sign_in.setup, name="setup"),
    path("invitation/<str:secret>/", people.invitation, name="invitation"),
    path("account/", account.account, name="account"),
    path("account/second-step/", account.set_up_second_step, name="second"),
    path("account/second-step/off/", account.switch_off_second_step, name="second_off"),
    path("language/", include("django.conf.urls.i18n")),
    path("companies/", overview.choose, name="companies"),
    path("connect/fortnox", connections.back, name="connected"),
    path("c/<slug:slug>/", overview.overview, name="overview"),
    path("c/<slug:slug>/problems/", problems.problems, name="problems"),
    path("c/<slug:slug>/problems/<int:number>/", problems.problem, name="problem"),
    path("c/<slug:slug>/conflicts/", problems.conflicts, name="conflicts"),
    path("c/<slug:slug>/conflicts/<int:number>/", problems.conflict, name="conflict"),
    path("c/<slug:slug>/links/", problems.links, name="links"),
    path("c/<slug:slug>/records/<slug:system>/<slug:kind>/<str:id>/", problems.record, name="record"),
    path("c/<slug:slug>/runs/<str:run_id>/", runs.run, name="run"),
    path("c/<slug:slug>/runs/<str:run_id>/progress", runs.progress, name="progress"),
    path("c/<slug:slug>/plans/<str:plan_id>/", plans.plan, name="plan"),
    path("c/<slug:slug>/proofs/<slug:system>/<slug:stream>/", proofs.proof, name="proof"),
    path("c/<slug:slug>/settings/<slug:system>/", configure.configure, name="configure"),
    path("c/<slug:slug>/settings/<slug:system>/choices", configure.choices, name="choices"),
    path("c/<slug:slug>/payments/", payments.payments, name="payments"),
    path("c/<slug:slug>/connections/", connections.connections, name="connections"),
    path("c/<slug:slug>/connections/fortnox", connections.begin, name="connect"),
    path("c/<slug:slug>/company/", people.people, name="people"),
    path("c/<slug:slug>/company/invite/", people.invite, name="invite"),
    path("c/<slug:slug>/company/invitations/<int:number>/", people.withdraw, name="withdraw"),
    path("c/<slug:slug>/company/users/<int:number>/", people.change, name="person"),
    path("c/<slug:slug>/company/tokens/", api_tokens.tokens, name="tokens"),
    path("c/<slug:slug>/company/tokens/<int:number>/", api_tokens.revoke, name="revoke"),
    path("c/<slug:slug>/company/notices/", notices.notices, name="notices"),
    path("c/<slug:slug>/company/notices/<int:number>/", notices.change, name="notice"),
    path("c/<slug:slug>/company/audit/", audit.audit, name="audit"),
    path("c/<slug:slug>/<slug:system>/", integration.integration, name="integration"),
    path("c/<slug:slug>/<slug:system>/<slug:stream>/", integration.act, name="act"),
]
