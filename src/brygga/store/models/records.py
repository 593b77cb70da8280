"""Who is who, what both sides held when they last agreed, how far each side has been read, and what waits for a person."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Integration


class LinkRow(models.Model):
    """The identity link of two records, with the base of both: what each side held when they last agreed."""

    # Both constraints begin with it: an index of its own would only cost.
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="links", db_index=False)
    kind = models.CharField(max_length=20)
    left_id = models.CharField(max_length=100)
    right_id = models.CharField(max_length=100)
    base = models.JSONField(default=dict)
    """Field -> value (see `store.values`). Empty: linked, and not yet compared."""
    thin = models.BooleanField(default=False)
    """True while Fortnox' detail has not been read: the base holds only what its list shows."""
    listed = models.CharField(max_length=64, blank=True)
    """Digest of the row in Fortnox' list as our last write or reading left it."""
    compared_at = models.DateTimeField(null=True)
    """When Fortnox' detail was last read or written by us."""
    look_again_at = models.DateTimeField(null=True, db_index=True)
    """When Fortnox' detail is to be read once more: after our own write the list cannot tell a stranger's edit of the same
    minute from our own; after a first import the list has not shown everything."""
    lock = models.JSONField(null=True)
    """Why the record in Fortnox may no longer be changed, as last seen: {"state", "rule", "facts"}; for systems that ask before they save."""
    echo = models.JSONField(null=True)
    """{"left" or "right": field -> value (see `store.values`)}: what a side answered to a write of ours where it was not what was
    sent, rounded by the system. A side that still says so has not been changed by anybody. Beside them "reset", the same of what a
    side set back by itself, and "differs": [key of what a document in Fortnox says otherwise than its source, ...]."""
    accepted = models.JSONField(null=True)
    """What a person accepted once of this document's differences from its source: [difference, ...]."""
    shared = models.BooleanField(default=False, db_default=False)
    """True for all but the first record of the left that belongs to one record of the right: several contacts of one customer."""
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "kind", "left_id"], name="one_link_a_left_record"),
            models.UniqueConstraint(
                fields=["integration", "kind", "right_id"], condition=models.Q(shared=False), name="one_link_a_right_record"
            ),
        ]
        indexes = [
            models.Index(fields=["integration", "kind", "right_id"], condition=models.Q(shared=True), name="shared_links"),
        ]


class TallyRow(models.Model):
    """What one document, payment or settlement comes to on one side (`core.tally`), as it was when both sides were last read whole."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="tallies")
    link = models.ForeignKey(LinkRow, null=True, on_delete=models.CASCADE, related_name="tallies")
    """Null while the record waits for its link."""
    kind = models.CharField(max_length=20)
    side = models.CharField(max_length=5)
    record_id = models.CharField(max_length=100)
    day = models.DateField(null=True)
    currency = models.CharField(max_length=3)
    net_ore = models.BigIntegerField(null=True)
    """Hundredths, so that every database adds them up exactly. Null: not told."""
    total_ore = models.BigIntegerField(null=True)
    listed = models.CharField(max_length=30, blank=True)
    """The sum as the system's list shows it: while it is the same, the division below holds. Empty: not told."""
    parts = models.JSONField(default=dict)
    """{"rates": {"25": [net, VAT or null]}, "accounts": {"3001": net}}, amounts as texts."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "kind", "side", "record_id"], name="one_tally_a_record")]
        indexes = [models.Index(fields=["integration", "day"], name="tallies_by_day")]


class Cursor(models.Model):
    """How far one side of a stream has been read: the time at which the last complete reading began."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=40)
    side = models.CharField(max_length=5)
    position = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "stream", "side"], name="one_cursor_a_side")]


class Problem(models.Model):
    """One record that is not in step: held, skipped by a rule, in conflict, a question of identity, or failed."""

    class Sort(models.TextChoices):
        HOLD = "hold"
        SKIP = "skip"
        CONFLICT = "conflict"
        QUESTION = "question"
        FAILED = "failed"

    class State(models.TextChoices):
        OPEN = "open"
        SOLVED = "solved"
        DISMISSED = "dismissed"
        """A person chose to skip it, with a reason."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="problems")
    stream = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    side = models.CharField(max_length=5)
    """The side whose record it is about: the one that was read and could not go on."""
    record_id = models.CharField(max_length=100)
    left_id = models.CharField(max_length=100, blank=True)
    right_id = models.CharField(max_length=100, blank=True)
    sort = models.CharField(max_length=10, choices=Sort)
    cause = models.CharField(max_length=200)
    """The template of the sentence: what groups problems of one cause."""
    sentence = models.JSONField()
    repair = models.JSONField(null=True)
    rule = models.CharField(max_length=20, blank=True)
    detail = models.JSONField(default=dict)
    """Values of the record under "record". Conflict: "fields" {name: [base, left, right]}. Question: "candidates", each with
    "id", "key", "evidence", "score", "values" and "linked_to"."""
    choice = models.JSONField(null=True)
    """What a person chose: {"fields": {name: "left" | "right"}} or {"link": id} or {"create": true} or {"skip": reason}."""
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    looks = models.PositiveSmallIntegerField(default=0)
    """How often it has been looked at again without a change."""
    look_at = models.DateTimeField(null=True)
    """When it is looked at again by itself; null when only a person or a change of the record brings it up."""
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "stream", "side", "record_id"], name="one_problem_a_record")]
        indexes = [models.Index(fields=["integration", "state", "sort"])]
