"""What the web server runs."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from brygga import store

store.setup()

from brygga.engine import lifeline  # noqa: E402 - its neighbours need the tables, and these need Django ready

if os.environ.get(lifeline.FOLLOW):
    lifeline.follow_parent()
application = get_wsgi_application()
