"""One file that holds the whole hub, from SQLite or PostgreSQL and into either (DESIGN 3.1, 9).

A zip with a manifest and a file of JSON lines for each table, read in one snapshot while the hub runs. Credentials stay encrypted; the key is not
in it. Leases, signs of life, permits and sign-ins of browsers are not kept: they belong to the processes of the moment.

A restore takes an empty database only, and all or nothing. What was written to other systems after the backup was made is not known to
the restored hub: `Company.restored_at` tells the runs of the following days to look in the other system for a record's key before they make it.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, models, transaction

from brygga.errors import BadData, SettingsError
from brygga.store.databases import missing_migrations
from brygga.store.models import Company, Run

FORMAT = "brygga-backup-1"
_LEFT_OUT = frozenset(
    {
        "store.lease",
        "store.workerbeat",
        "store.permitwindow",
        "sessions.session",
        "contenttypes.contenttype",
        "auth.permission",
        "admin.logentry",
    }
)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds: when it was made, the last migration, and how many rows of each table."""

    at: datetime
    schema: str
    counts: dict[str, int]


def tables() -> list[type[models.Model]]:
    """Return the tables that are kept, each after those that it refers to; new ones come along by themselves."""
    every = [model for model in apps.get_models(include_auto_created=True) if model._meta.label_lower not in _LEFT_OUT]
    done: list[type[models.Model]] = []
    while len(done) < len(every):
        ready = [one for one in every if one not in done and all(to in done or to == one or to not in every for to in _refers(one))]
        done.extend(ready)
    return done


def _refers(model: type[models.Model]) -> list[Any]:
    return [field.related_model for field in model._meta.concrete_fields if field.related_model is not None]


def backup(path: Path) -> Made:
    """Write the whole hub into a new file, readable by its owner only. Raises SettingsError when the file is there already."""
    if path.exists():
        raise SettingsError("The file {file} is there already.", repair="Choose another name.", file=str(path))
    part = path.with_name(f".{path.name}.part")
    made = Made(datetime.now(UTC), schema(), {})
    sums: dict[str, str] = {}
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as raw, transaction.atomic():
            _one_snapshot()
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
                for model in tables():
                    name = model._meta.label_lower
                    digest, count = hashlib.sha256(), 0
                    with archive.open(f"{name}.jsonl", "w") as file:
                        for line in _lines(model):
                            file.write(line)
                            digest.update(line)
                            count += 1
                    sums[name], made.counts[name] = digest.hexdigest(), count
                manifest = {
                    "format": FORMAT,
                    "made_at": made.at.isoformat(),
                    "schema": made.schema,
                    "counts": made.counts,
                    "sums": sums,
                }
                archive.writestr("manifest.json", json.dumps(manifest, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return made


def _one_snapshot() -> None:
    """Let all that follows in this transaction read one state. SQLite's transactions do that by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _lines(model: type[models.Model]) -> Iterator[bytes]:
    for record in model._base_manager.order_by("pk").iterator(chunk_size=_CHUNK):
        text: str = serializers.serialize("jsonl", [record], cls=_Exact)
        yield text.encode()


class _Exact(DjangoJSONEncoder):
    """Times to the microsecond, as the hashes of the history were made of them; Django's own encoder cuts at the millisecond."""

    def default(self, o: object) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def schema() -> str:
    """Return the name of the newest migration of our tables that this database has had."""
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    return max((name for app, name in applied if app == "store"), default="")


def restore(path: Path, *, moved: bool = False) -> Made:
    """Take the whole hub back from a file, into an empty and migrated database; all or nothing.

    moved  the hub it came from has stopped for good (migrate-database): nothing was written since

    Raises SettingsError for a file that does not fit, a database that holds something, BadData for a damaged file.
    """
    if missing_migrations():
        raise SettingsError("The database is not made or not up to date.", repair="Run: brygga migrate")
    if Company.objects.exists() or Run.objects.exists():
        raise SettingsError(
            "The database holds a hub already; a backup is restored into an empty one.",
            repair="Let BRYGGA_HOME or BRYGGA_DATABASE_URL name a new place, run brygga migrate, and restore there.",
        )
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        made = Made(datetime.fromisoformat(manifest["made_at"]), manifest["schema"], manifest["counts"])
        _check(archive, manifest, path)
        try:
            with transaction.atomic():
                for model in tables():
                    _load(archive, model)
                _take_up(made, moved=moved)
        except (DatabaseError, serializers.base.DeserializationError) as error:
            raise BadData(
                "The backup {file} cannot be taken back: {why}. Nothing was written.", file=path.name, why=str(error)[:200]
            ) from error
    return made


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise SettingsError("There is no file {file}.", repair="Name the file that brygga backup wrote.", file=str(path)) from None
    except (zipfile.BadZipFile, OSError):
        raise _damaged(path) from None


def _damaged(path: Path) -> BadData:
    return BadData("The file {file} is no backup, or it is damaged.", repair="Take another backup.", file=path.name)


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise _damaged(path) from None
    if manifest.get("format") != FORMAT:
        raise _damaged(path)
    if str(manifest["schema"]) > schema():
        raise SettingsError(
            "The backup was made by a newer version ({newer}); this one knows {known}.",
            repair="Install the newer version, and restore with it.",
            newer=manifest["schema"],
            known=schema(),
        )
    return manifest


def _check(archive: zipfile.ZipFile, manifest: dict[str, Any], path: Path) -> None:
    """Raise BadData unless every table is there as it was written."""
    for name, wanted in manifest["sums"].items():
        digest = hashlib.sha256()
        try:
            with archive.open(f"{name}.jsonl") as file:
                for line in file:
                    digest.update(line)
        except (KeyError, zipfile.BadZipFile):
            raise _damaged(path) from None
        if digest.hexdigest() != wanted:
            raise _damaged(path)


def _load(archive: zipfile.ZipFile, model: type[models.Model]) -> None:
    name = f"{model._meta.label_lower}.jsonl"
    if name not in archive.namelist():
        return  # a table that the version which made the backup did not have
    with archive.open(name) as file:
        for line in file:
            for found in serializers.deserialize("jsonl", line.decode(), ignorenonexistent=True):
                models.Model.save_base(found.object, raw=True, force_insert=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def _take_up(made: Made, *, moved: bool) -> None:
    """Let runs that waited wait for a worker again, end those that were under way, and remember from when this state is."""
    now = datetime.now(UTC)
    Run.objects.filter(status=Run.Status.QUEUED).update(handed_over=False)
    Run.objects.filter(status=Run.Status.RUNNING).update(status=Run.Status.FAILED, ended_at=now, exit_status=1, handed_over=False)
    if not moved:
        Company.objects.update(restored_from=made.at, restored_at=now)
