"""What the settings pages offer to choose from: copies of small registers of both systems, kept for a while."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Connection


class RegisterCopy(models.Model):
    """One register of one connection as it was last read; of a register that is only looked into, what was asked for."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="registers")
    register = models.CharField(max_length=40)
    entries = models.JSONField(default=list)
    """[value, name, [other spellings]] each, in the system's order."""
    asked = models.JSONField(default=list)
    """The values that were looked for, found or not."""
    read_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField()
    trouble = models.JSONField(null=True)
    """The sentence that says why the last try gave nothing; null when it did."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "register"], name="one_copy_a_register")]
