"""Keeps the translations: collects what people read, updates the catalogues of Swedish, Norwegian and English, compiles them.

    python scripts/messages.py           collect, update, compile
    python scripts/messages.py --check   say what is missing, fuzzy or has other places in braces (exit status 1)

Collected are the texts of templates and pages, the words of `web/words.py`, the settings of the connectors, and the sentences that
pages show: every literal given to `Sentence` and to the errors, and their `repair`, in the folders of SENTENCES.
"""

from __future__ import annotations

import ast
import copy
import io
import os
import string
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "brygga"
LOCALE = SRC / "web" / "locale"
LANGUAGES = ("sv", "nb")

SENTENCES = (
    *("sync", "connectors", "core", "notify", "api/operations.py"),
    *("clients/http.py", "clients/webcrm", "clients/mobigo", "clients/opter", "clients/textalk", "clients/upsales"),
    *("clients/fortnox/wire.py", "clients/fortnox/auth.py"),
    *(
        "store/tokens.py",
        "store/leases.py",
        "store/members.py",
        "store/api_tokens.py",
        "store/users.py",
        "store/second_factor.py",
        "store/sign_ins.py",
    ),
    *("engine/app.py", "engine/heartbeat.py"),
)
CALLS = {
    "Sentence", "SettingsError", "Unauthorised", "Unavailable", "OutcomeUnknown", "Rejected", "NotFound", "Stale", "BadData", "UnsafePlan",
}  # fmt: skip
EVIDENCE = SRC / "core" / "match.py"


def sentences(path: Path) -> Iterator[str]:
    """Yield the sentences of a module: what is given to errors and `Sentence`, and other texts that read like one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in CALLS:
                yield from _literals((node.args[:1], *([k.value] for k in node.keywords if k.arg == "repair")))
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
            and _reads_like_one(node.value)
        ):
            yield node.value


def _literals(groups: tuple[list[ast.expr], ...]) -> Iterator[str]:
    for value in (value for group in groups for value in group):
        for literal in ast.walk(value):
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str) and " " in literal.value:
                yield literal.value


def _reads_like_one(text: str) -> bool:
    """Say whether a text that is not given to an error directly is one all the same: it is put into a variable first."""
    return " " in text and text.endswith(".") and (text[0].isupper() or text.startswith("{")) and "\n" not in text


def evidence() -> Iterator[str]:
    """Yield what speaks for and against a match, in words."""
    from brygga.core import match

    for _attribute, words in match._COMPARED:
        yield f"same {words}"
        yield f"other {words}"
    for node in ast.walk(ast.parse(EVIDENCE.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith(("the ", "several ", "a person can"))
        ):
            yield node.value


def collected() -> Catalog:
    """Return everything that people read, in English."""
    from django.utils.translation import template as templates

    from brygga import connectors
    from brygga.web.words import WORDS

    catalog = Catalog()
    keywords = {"gettext": None, "_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
    for path in sorted((SRC / "web").rglob("*.html")):
        source = templates.templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for line, message, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=keywords):
            catalog.add(message, locations=[(path.relative_to(ROOT).as_posix(), line)], context=context)
    for path in sorted((SRC / "web").rglob("*.py")):
        with path.open("rb") as file:
            for line, message, _comments, context in extract("python", file, keywords=keywords):
                catalog.add(message, locations=[(path.relative_to(ROOT).as_posix(), line)], context=context)
    for word in WORDS:
        catalog.add(word, context="word")
    for system in connectors.SETTINGS:
        for row in connectors.explain_settings(system):
            catalog.add(str(row["help"]))
            catalog.add(str(row["term"]), context="term")
    for place in SENTENCES:
        start = SRC / place
        for path in sorted(start.rglob("*.py")) if start.is_dir() else [start]:
            for text in sentences(path):
                catalog.add(text, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    for text in evidence():
        catalog.add(text)
    return catalog


def held(language: str) -> Catalog:
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def fields(text: str) -> set[str]:
    """Return the places in braces of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def wrong(language: str, wanted: Catalog) -> list[str]:
    """Return what is missing, fuzzy or differs in its places, a line each."""
    catalog = held(language)
    found = []
    for message in wanted:
        if not message.id:
            continue
        has = catalog.get(message.id, message.context)
        texts = has.string if has is not None and isinstance(has.string, tuple) else (has.string if has is not None else "",)
        if has is None or has.fuzzy or not all(texts):
            found.append(f"{language}: {message.id!r} has no translation")
            continue
        in_braces = isinstance(message.id, str) and "%(" not in message.id and message.context is None and "{" in message.id
        if in_braces and fields(message.id) != fields(str(has.string)):
            found.append(f"{language}: {message.id!r} has other places in braces")
    return found


def main() -> int:
    os.environ.setdefault("BRYGGA_HOME", tempfile.mkdtemp(prefix="brygga-messages-"))
    os.environ.setdefault("BRYGGA_SECRET_KEY", "only-for-collecting-messages")
    from brygga import store

    store.setup()
    wanted = collected()
    if "--check" not in sys.argv[1:]:
        for language in LANGUAGES:
            catalog = held(language)
            catalog.update(copy.deepcopy(wanted), no_fuzzy_matching=True, update_header_comment=False)
            catalog.obsolete.clear()
            for message in catalog:
                if language == "sv" and message.context == "term":
                    message.string = message.id  # the vendors' own words are Swedish
            folder = LOCALE / language / "LC_MESSAGES"
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "django.po").open("wb") as file:
                write_po(file, catalog, width=130, no_location=True, sort_output=True, omit_header=False)
            with (folder / "django.mo").open("wb") as file:
                write_mo(file, catalog)
    problems = [line for language in LANGUAGES for line in wrong(language, wanted)]
    sys.stdout.write("\n".join(problems) + ("\n" if problems else f"All {len(wanted)} texts are translated.\n"))
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
