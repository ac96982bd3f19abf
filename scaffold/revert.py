"""Taking a run back: each touched file returns to what it was, or keeps what people made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from scaffold.chance import marked
from scaffold.engine import Fold
from scaffold.merge import Merged, line_ends_of, merge
from scaffold.plan import Conflict, Status
from scaffold.record import Deleted, Made, Patch, Record, Run, Spliced, content_hash
from scaffold.spans import Span, take_back, without_blank
from scaffold.tree import Entry, Tree

WAYS = "--keep leaves it as it is, --force takes it back all the same"


class Edited(Enum):
    """What to do with files of ours that were edited since."""

    REFUSE = "refuse"
    KEEP = "keep"
    FORCE = "force"


def resting_on(runs: Iterable[Run], record: Record, tree: Tree) -> tuple[Run, ...]:
    """The runs in effect that changed files which ``runs`` made: they can't stay without them."""
    taken = {run.id: run for run in runs}
    theirs = {p for run in taken.values() for p, t in run.files.items() if isinstance(t, Made)}
    order = [run.id for run in record.runs]
    first = min((order.index(run_id) for run_id in taken), default=0)
    return tuple(
        run
        for run in record.in_effect
        if run.id not in taken
        and order.index(run.id) > first
        and not run.reverts  # it only brought back what was there
        and any(path in theirs and tree.get(path) is not None for path in run.files)
    )


def take_back_runs(
    fold: Fold, runs: Sequence[Run], edited: Edited, *, leave: frozenset[str] = frozenset()
) -> bool:
    """The inverse of ``runs`` on the fold's tree, the last one first.

    ``leave`` names paths that stay as they are. What another run relies on stays, and goes with the
    last run that does. Returns whether anything stayed for that reason.
    """
    left: Sequence[Run] = fold.record.in_effect
    stays = False
    for run in reversed(runs):
        left = [other for other in left if other.id != run.id]
        stays |= _take_back(fold, run, edited, left, leave)
    return stays


def _take_back(
    fold: Fold, run: Run, edited: Edited, others: Sequence[Run], leave: frozenset[str]
) -> bool:
    """The inverse of ``run``, of which the ``others`` stay; whether anything stayed for them."""
    needed = [_need(*need) for other in others for need in other.relies]
    for path, left in _left_for(run, others, fold.record):
        if isinstance(left, Made):
            _unmake(fold, path, left, edited)
        else:
            _unsplice(fold, path, left, edited)
    stays = False
    for path, touched in run.files.items():
        if path in leave:
            continue
        match touched:
            case Made() if (path, "", {}) in needed:
                stays = True
                fold.note(f"{path} stays, another run needs it")
            case Made():
                _unmake(fold, path, touched, edited)
            case Spliced(patches):
                for patch in reversed(patches):
                    if _need(path, patch.codemod, patch.arguments) in needed:
                        stays = True
                        fold.note(f"{path}: {patch.codemod} stays, another run needs it")
                    else:
                        _unsplice(fold, path, patch, edited)
            case Deleted(content, mode):
                _restore(fold, path, Entry(content, mode), edited)
    return stays


def _left_for(
    run: Run, others: Sequence[Run], record: Record
) -> Iterator[tuple[str, Patch | Made]]:
    """What runs taken back earlier left for ``run`` alone, the last one first."""
    needed = [_need(*need) for other in others for need in other.relies]
    alone = [need for one in run.relies if (need := _need(*one)) not in needed]
    effective = {run.id, *(other.id for other in others)}
    for earlier in reversed(record.runs):
        if earlier.id in effective or earlier.reverts:
            continue
        for path, patch in _patches(earlier):
            if _need(path, patch.codemod, patch.arguments) in alone:
                yield path, patch
        for path, touched in earlier.files.items():
            if isinstance(touched, Made) and (path, "", {}) in alone:
                yield path, touched


def _need(
    path: str, codemod: str, arguments: Mapping[str, object]
) -> tuple[str, str, Mapping[str, object]]:
    """A patch by what it means: how the file was laid out, and what was around, makes no other."""
    from scaffold.codemods import INSERTED, INVERSES

    if codemod not in INVERSES:
        return path, codemod, arguments
    names = set(INVERSES[codemod][1]) - {INSERTED, "line_length"}
    return path, codemod, {key: arguments[key] for key in names & arguments.keys()}


def _patches(run: Run) -> Iterator[tuple[str, Patch]]:
    for path, touched in run.files.items():
        if isinstance(touched, Spliced):
            yield from ((path, patch) for patch in reversed(touched.patches))


def _unmake(fold: Fold, path: str, made: Made, edited: Edited) -> None:
    there = fold.tree.get(path)
    if there is None:
        return
    if made.before is not None and made.content is not None:
        merged = _taken_back(made.before, made.content, made.found, there.content)
        if merged.conflicts and edited is Edited.REFUSE:
            reason = "edited since scaffold changed it"
            fold.conflict(Conflict(path, reason, WAYS, merged.conflicts, merged.shown()))
        elif merged.conflicts and edited is Edited.KEEP:
            fold.note(f"{path}: kept as it is, edited since")
        else:
            forced = made.before if made.found is None else made.found
            content = forced if merged.conflicts else merged.content
            fold.write(path, Entry(content, there.mode), Status.PATCHED)
        return
    # Others may have rendered it again in the meantime; that is no edit.
    latest = fold.record.made(path) or made
    untouched = there.link is None and (
        _as_made(there.content, made) or _as_made(there.content, latest)
    )
    if untouched or edited is Edited.FORCE:
        fold.write(path, None, Status.DELETED)
    elif edited is Edited.KEEP:
        fold.note(f"{path}: kept, edited since scaffold made it")
    else:
        fold.conflict(
            Conflict(
                path,
                "edited since scaffold made it",
                WAYS,
                _changed_lines(made.content or b"", there.content),
            )
        )


def _as_made(content: bytes, made: Made) -> bool:
    if made.sha256 in (content_hash(content), content_hash(marked(content))):
        return True
    return made.content is not None and line_ends_of(made.content, content) == content


def _taken_back(before: bytes, rendered: bytes, found: bytes | None, there: bytes) -> Merged:
    """A file as it was before it was rendered again, with what people have done to it since."""
    if found is None:
        return merge(rendered, there, before)
    # What people had made of it was merged then; the same merge tells what the run left.
    return merge(merge(before, found, rendered).content, there, found)


def _unsplice(fold: Fold, path: str, patch: Patch, edited: Edited) -> None:
    there = fold.tree.get(path)
    if there is None or there.link is not None:
        return
    taken = take_back(there.content, patch.spans)
    lost = taken.lost
    content = _by_meaning(there.content, patch) if lost or _shares(patch) else None
    if content is None and not lost:
        content = taken.content
    if content is not None:
        content = _as_before(fold.record, path, patch, content)
        fold.write(path, Entry(content, there.mode), Status.PATCHED)
    elif edited is Edited.REFUSE:
        lines = tuple(_near(there.content, span) for span in lost)
        fold.conflict(
            Conflict(path, "the lines that scaffold put in were edited since", WAYS, lines)
        )
    elif edited is Edited.KEEP:
        fold.note(f"{path}: kept as it is; look for {_first_text(lost)!r}")
    else:
        fold.write(path, Entry(taken.content, there.mode), Status.PATCHED)
        fold.note(f"{path}: edited lines stay; look for {_first_text(lost)!r}")


def _shares(patch: Patch) -> bool:
    from scaffold.codemods import SHARING

    return patch.codemod in SHARING


def _as_before(record: Record, path: str, patch: Patch, content: bytes) -> bytes:
    """``content`` laid out as it was before what was there when ``patch`` came, and went before it."""
    from scaffold.codemods import tidy

    gone: set[str] = set()
    came = False
    for run in reversed(record.runs):
        patches = [own for at, own in _patches(run) if at == path]
        if came and run.id in gone:
            for codemod, span in ((own.codemod, one) for own in patches for one in own.spans):
                content = tidy(codemod, content, span.removed, span.inserted)
                content = without_blank(content, span)
        came = came or patch in patches
        gone |= set() if came else set(run.reverts)
    return content


def _restore(fold: Fold, path: str, entry: Entry, edited: Edited) -> None:
    there = fold.tree.get(path)
    if there is None or edited is Edited.FORCE:
        fold.write(path, entry, Status.CREATED)
    elif there != entry and edited is Edited.REFUSE:
        fold.conflict(Conflict(path, "made again since scaffold deleted it", WAYS))


def _by_meaning(content: bytes, patch: Patch) -> bytes | None:
    """``content`` without what the patch meant, wherever that stands now; None if not sure."""
    from scaffold import codemods
    from scaffold.codemods.outcome import Already, Patched

    if patch.codemod not in codemods.INVERSES:
        taken = take_back(content, patch.spans)
        return taken.content if all(_gone(content, span) for span in taken.lost) else None
    inserted = b"\n".join(span.inserted for span in patch.spans)
    match codemods.invert(patch.codemod, content, patch.arguments, inserted):
        case Patched(result):
            return result
        case Already():
            return content
    return None


def _gone(content: bytes, span: Span) -> bool:
    """Whether somebody has already taken out all that the span put in."""
    lines = {line.strip() for line in content.splitlines()}
    inserted = [line.strip() for line in span.inserted.splitlines() if line.strip()]
    return not span.removed and not any(line in lines for line in inserted)


def _changed_lines(base: bytes, ours: bytes) -> tuple[tuple[int, int], ...]:
    """The line ranges (1-based, inclusive) of ``ours`` that aren't in ``base``."""
    import difflib

    matcher = difflib.SequenceMatcher(
        a=base.splitlines(keepends=True), b=ours.splitlines(keepends=True), autojunk=False
    )
    return tuple(
        (b1 + 1, max(b2, b1 + 1)) for tag, _, _, b1, b2 in matcher.get_opcodes() if tag != "equal"
    )


def _near(content: bytes, span: Span) -> tuple[int, int]:
    """Where a lost span probably is: the line after its context, else the whole file."""
    lines = content.splitlines(keepends=True)
    context = span.before.splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        if context and line == context[-1]:
            return number + 1, number + 1
    return 1, max(len(lines), 1)


def _first_text(spans: tuple[Span, ...]) -> str:
    lines = spans[0].inserted.decode("utf-8", errors="replace").splitlines()
    return next((line.strip() for line in lines if line.strip()), "")
