"""The texts that the workshop prints about an exercise.

Example:
    print(verdict_text(exercise, verdict, places, color=True))
"""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from pathlib import Path

from tracing_starter_kit.workshop.checker import Verdict
from tracing_starter_kit.workshop.draw import draw, draw_events
from tracing_starter_kit.workshop.exercise import Exercise, all_exercises
from tracing_starter_kit.workshop.kit_command import typable
from tracing_starter_kit.workshop.progress import Progress
from tracing_starter_kit.workshop.settings import Places

CODE = re.compile(r"`[^`]+`")
NO_BREAK = "\N{NO-BREAK SPACE}"
GREEN, RED, BOLD, DIM = "32", "31", "1", "2"


def paint(text: str, code: str, *, color: bool) -> str:
    """Return the text with a terminal's colour codes, if `color` is set."""
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def verdict_text(
    exercise: Exercise, verdict: Verdict, places: Places, *, color: bool
) -> str:
    """Return a verdict as text: the trace, the expected trace, and the sentence.

    The sentence is last: a text longer than the screen loses its top.
    """
    parts = []
    if verdict.spans:
        parts += [paint("Your trace", BOLD, color=color), draw(verdict.spans), ""]
    if verdict.events:
        lines = draw_events(verdict.events)
        parts += [paint("Your events", BOLD, color=color), lines, ""]
    if not verdict.passed and exercise.expected:
        heading = paint("Expected, for a request such as this", BOLD, color=color)
        parts += [heading, exercise.expected, ""]
    mark, code = ("✓", GREEN) if verdict.passed else ("✗", RED)
    title = f"{mark} {exercise.number}  {exercise.title}"
    parts += [paint(title, code, color=color), *_wrapped(typable(verdict.sentence))]
    if verdict.trace_id:
        parts += ["", _where_to_look(verdict, places)]
    return "\n".join(parts).rstrip()


def verdict_json(exercise: Exercise, verdict: Verdict) -> str:
    """Return a verdict as one JSON object, for scripts."""
    content = {
        "exercise": exercise.number,
        "passed": verdict.passed,
        "sentence": typable(verdict.sentence),
        "trace_id": verdict.trace_id,
    }
    return json.dumps(content, ensure_ascii=False)


def _wrapped(sentence: str) -> list[str]:
    """Return the lines of a sentence, broken between words, but not inside code."""
    width = shutil.get_terminal_size().columns
    lines: list[str] = []
    for line in sentence.splitlines():
        if line.startswith(" "):
            lines.append(line)
            continue
        text = CODE.sub(lambda code: code[0].replace(" ", NO_BREAK), line)
        wrapped = textwrap.wrap(
            text, width, break_on_hyphens=False, break_long_words=False
        )
        lines += [part.replace(NO_BREAK, " ") for part in wrapped]
    return lines


def _where_to_look(verdict: Verdict, places: Places) -> str:
    url = f"{places.viewer}/trace/{verdict.trace_id}"
    if verdict.in_viewer:
        return f"Open it      {url}"
    return typable(
        "To see traces beside their code, run `kit viewer` in another terminal."
    )


def list_text(progress: Progress, *, color: bool) -> str:
    """Return all exercises, with marks for those that are done and for the next."""
    current = progress.current()
    lines = []
    for exercise in all_exercises():
        is_done = progress.is_done(exercise)
        mark = "✓" if is_done else "→" if exercise is current else " "
        line = f"{mark} {exercise.number:>2}  {exercise.title}"
        code = GREEN if mark == "✓" else BOLD if mark == "→" else DIM
        lines.append(paint(line, code, color=color))
    count = sum(map(progress.is_done, all_exercises()))
    lines += ["", f"{count} of {len(all_exercises())} done. Your folder: "]
    return "\n".join(lines) + str(progress.folder)


def next_text(progress: Progress, *, after: Exercise | None = None) -> str:
    """Return the next step, at the start or after an exercise that is done."""
    current = progress.current(after)
    if current is None:
        return (
            "All exercises are done. Now trace a service of your own: copy the "
            "helpers that it needs from instrumentation/, and look at one request."
        )
    page = short(progress.folder / current.name / "README.md")
    return f"Next is {current.number}, {current.title}.\nRead      {page}"


def short(path: Path) -> Path:
    """Return a path relative to the current folder, if it is inside."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
