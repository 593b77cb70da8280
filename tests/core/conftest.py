"""Property tests run on busy machines: how long one example takes says nothing."""

from hypothesis import settings

settings.register_profile("core", deadline=None)
settings.load_profile("core")
