"""What the web server runs."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from brygga import store

store.setup()
application = get_wsgi_application()
