"""The tables, which are the source of truth. Rules are in `uploads.core` and in the ``rules`` modules of each package.

Every deadline and lease is an integer of milliseconds of service time (`uploads.core.service_time`); the ``*_at``
columns are wall clock and only displayed.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, Value

from uploads.core.ordering import ListKey, Position
from uploads.core.service_time import Cause
from uploads.core.states import DraftState, FileState


def _choices(values: type[DraftState] | type[FileState] | type[Cause]) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]


class ServiceClock(models.Model):
    """One row: the service clock. Read through `uploads.grace.clock`, never bare."""

    s_ms = models.BigIntegerField(default=0)
    last_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"S = {self.s_ms} ms"


class LiveGrace(models.Model):
    """One row or none: N as set live, in seconds. It overrides the settings (`uploads.grace.policy`)."""

    seconds = models.PositiveIntegerField()
    seconds_lost = models.PositiveIntegerField()
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.seconds} s, {self.seconds_lost} s after a loss"


class ExpiryFreeze(models.Model):
    """One row: whether expiry is frozen, and the last reason (the times: `uploads.expiry.circuit_breaker_rules`)."""

    frozen_until_ms = models.BigIntegerField(null=True)
    released_ms = models.BigIntegerField(default=-1)
    exempt_ms = models.BigIntegerField(default=-1)
    reason = models.CharField(max_length=12, blank=True)
    seen = models.JSONField(default=dict)

    def __str__(self) -> str:
        return "free" if self.frozen_until_ms is None else f"frozen until S = {self.frozen_until_ms} ms"


class StoreAccount(models.Model):
    """At most one row: the limits of the store's account and when (ms of S) to ask again (`uploads.stores.account`)."""

    max_file_bytes = models.BigIntegerField(null=True)
    max_pixels = models.BigIntegerField(null=True)
    dynamic_folders = models.BooleanField(null=True)
    ask_again_ms = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.max_file_bytes} bytes, {self.max_pixels} pixels"


class StoreGeneration(models.Model):
    """At most one row: the generation last written to the store, and when (`uploads.reconcile.marker`)."""

    generation = models.BigIntegerField(default=0)
    token = models.UUIDField(null=True)
    written_ms = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"generation {self.generation}"


class StorageRoom(models.Model):
    """One row, locked while room is reserved for a file: no room is reserved twice (`uploads.files.admission`)."""

    def __str__(self) -> str:
        return "room for files"


class Process(models.Model):
    """One incarnation of a server process. Alive while ``lease_ms >= S``; a lapsed lease is never renewed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lease_ms = models.BigIntegerField()
    draining = models.BooleanField(default=False)
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "processes"
        indexes = [models.Index(fields=["lease_ms"], name="uploads_process_lease")]

    def __str__(self) -> str:
        return f"process {self.id}"


class Draft(models.Model):
    """One staff member's unsaved product.

    `keep_until_ms` (S): the user asked to keep it until then, whatever N is. `reordered`: an image has been moved.
    `restored_as`: after its end, the draft that took over its text (`uploads.drafts.kept_text`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    target_kind = models.CharField(max_length=40)
    target_id = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=12, choices=_choices(DraftState), default=DraftState.GRACE)
    end_reason = models.CharField(max_length=12, blank=True)
    lost_names = models.JSONField(default=list)
    ended_by = models.CharField(max_length=150, blank=True)
    revision = models.PositiveIntegerField(default=1)
    deadline_ms = models.BigIntegerField(null=True)
    grace_since_ms = models.BigIntegerField(null=True)
    grace_cause = models.CharField(max_length=10, choices=_choices(Cause), default=Cause.REQUEST)
    folder = models.CharField(max_length=200)
    variants = models.JSONField(default=list)
    variants_revision = models.PositiveIntegerField(default=1)
    # The typed text by field. `form` adds author and time; a server of the previous version writes `fields` alone.
    fields = models.TextField(default="{}")
    form = models.TextField(default="{}", db_default="{}")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    active_at = models.DateTimeField(null=True)
    touched = models.BooleanField(default=True)
    idle_since_ms = models.BigIntegerField(default=0)
    idle_warned = models.BooleanField(default=False)
    # With database defaults, because a server of the previous version writes rows without them.
    keep_until_ms = models.BigIntegerField(null=True)
    reordered = models.BooleanField(default=False, db_default=False)
    restored_as = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "deadline_ms"], name="uploads_draft_due"),
            models.Index(fields=["owner", "target_kind", "target_id"], name="uploads_draft_owner"),
        ]

    def __str__(self) -> str:
        return f"draft {self.id} ({self.state})"


class Socket(models.Model):
    """One WebSocket of one tab on one draft. Live: not closed, and its process's lease has not lapsed.

    Without a process it is a polling session: a tab that uses HTTP, closed since its last request.
    `tab` is an id chosen by the page, only used to count tabs: a reconnected one has a second row for a while.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="sockets")
    process = models.ForeignKey(Process, models.CASCADE, null=True, related_name="sockets")
    opened_ms = models.BigIntegerField()
    closed_ms = models.BigIntegerField(null=True)
    closed_cause = models.CharField(max_length=10, choices=_choices(Cause), blank=True)
    tab = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["draft"], condition=Q(closed_ms=None), name="uploads_socket_open"),
            models.Index(fields=["closed_ms"], condition=Q(closed_ms__isnull=False), name="uploads_socket_closed"),
        ]

    def __str__(self) -> str:
        return f"socket {self.id}"


class File(models.Model):
    """One image of a draft: its row exists before its first byte leaves the browser.

    `size` and `sha256` are those of the received bytes; `stored_size` and `stored_sha256` those of the stored object,
    without metadata, known from the check on; `width` and `height` those of the upright image.
    `asked_rank`: the `sequence` an HTTP request asked for, until somebody arranges the list.
    `described`: `alt_text` was set in this draft; otherwise a reference has the product's own.
    `has_small_pictures`: the store has them beside the object (`uploads.core.small_pictures`).
    `receipt` is the store's receipt for the object, and `store_name` that store's name: "" until the put is answered.
    Until `put_in_flight_until_ms` a put or promotion may still create an object in the store, wanted or not.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="files")
    state = models.CharField(max_length=12, choices=_choices(FileState), default=FileState.RECEIVING)
    name = models.CharField(max_length=120)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=40)
    file_type = models.CharField(max_length=20)
    variant_temp_id = models.CharField(max_length=64, blank=True)
    sequence = models.PositiveIntegerField()
    asked_rank = models.PositiveIntegerField(null=True)
    alt_text = models.CharField(max_length=300, blank=True)
    described = models.BooleanField(default=False, db_default=False)
    sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    stored_size = models.BigIntegerField(null=True)
    stored_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    writer_epoch = models.PositiveIntegerField(default=0)
    writer = models.ForeignKey(Socket, models.SET_NULL, null=True, related_name="+")
    store_key = models.CharField(max_length=300, blank=True)
    # With database defaults, because a server of the previous version writes rows without them.
    store_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    put_in_flight_until_ms = models.BigIntegerField(null=True)
    receipt = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    has_small_pictures = models.BooleanField(default=False, db_default=False)
    source = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["draft", "state"], name="uploads_file_draft"),
            models.Index(fields=["state"], name="uploads_file_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(source=None, store_key__gt="") | Q(source__isnull=False, store_key=""),
                name="uploads_file_own_bytes_or_reference",
            ),
            models.CheckConstraint(
                condition=Q(source=None) | ~Q(state__in=[FileState.DELETING, FileState.DELETED]),
                name="uploads_file_reference_never_deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.id} ({self.state})"

    @property
    def position(self) -> Position:
        """The file's list and its index there."""
        key: ListKey = (self.file_type, self.variant_temp_id)
        return Position(key, self.sequence)


class StoreJob(models.Model):
    """One idempotent effect on the store, written in the transaction that decided on it.

    `key` names the object: the target of a put or promotion, or the object to destroy. Finished jobs are deleted; a job
    that failed too often is kept as `dead`, with its last `error`.
    """

    class Kind(models.TextChoices):
        """The effect of a job."""

        PUT = "put"
        PROMOTE = "promote"
        DESTROY = "destroy"
        DESTROY_RETRY = "destroy_retry"

    kind = models.CharField(max_length=16, choices=Kind)
    file = models.ForeignKey(File, models.CASCADE, related_name="jobs")
    key = models.CharField(max_length=300)
    not_before_ms = models.BigIntegerField()
    attempts = models.PositiveIntegerField(default=0)
    dead = models.BooleanField(default=False)
    acquired_by = models.ForeignKey(Process, models.SET_NULL, null=True, related_name="+")
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["not_before_ms"], condition=Q(dead=False), name="uploads_storejob_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class IdempotencyRecord(models.Model):
    """The first answer to a command, repeated for a repeated `op`."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="idempotency_records")
    op = models.CharField(max_length=64)
    revision = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "op"], name="uploads_idempotency_once")]

    def __str__(self) -> str:
        return f"op {self.op}"


class CommitRecord(models.Model):
    """The answer of a draft's one commit, repeated for later requests."""

    draft = models.OneToOneField(Draft, models.CASCADE, related_name="commit_record")
    target_id = models.CharField(max_length=60)
    url = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["target_id"], name="uploads_commit_target")]

    def __str__(self) -> str:
        return f"commit of {self.draft_id} as {self.target_id}"


class DisconnectionRecord(models.Model):
    """How long a draft was without a live socket, until someone returned or it expired.

    The data for choosing N. A record outlives its draft; the id only tells drafts apart.
    """

    draft = models.UUIDField()
    duration_ms = models.BigIntegerField()
    cause = models.CharField(max_length=10, choices=_choices(Cause))
    returned = models.BooleanField(default=True)
    bytes = models.BigIntegerField(default=0)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["recorded_at"], name="uploads_disconnection_at")]

    def __str__(self) -> str:
        return f"{self.duration_ms} ms ({self.cause}{'' if self.returned else ', never returned'})"
