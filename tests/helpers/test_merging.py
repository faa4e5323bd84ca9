"""Three-way merges, with git and without."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_starter_kit.kit.helpers.merging import (
    Labels,
    Merged,
    has_markers,
    merge,
    merge_lines,
)

LABELS = Labels(ours="yours", theirs="theirs")
# Few different lines, so that equal ones stand at several places.
TEXTS = st.lists(st.sampled_from("abcd"), max_size=12).map(
    lambda letters: "".join(f"{letter}\n" for letter in letters)
)
# Every line another one, so that a change is at one place only.
BASE = "".join(f"line {number}\n" for number in range(40))


def merged(base: str, ours: str, theirs: str) -> Merged:
    return merge_lines(base, ours, theirs, LABELS)


@given(base=TEXTS, theirs=TEXTS)
def test_without_changes_of_ours_theirs_comes_out(base: str, theirs: str) -> None:
    assert merged(base, base, theirs) == Merged(theirs, 0)


@given(base=TEXTS, ours=TEXTS)
def test_without_changes_of_theirs_ours_stays(base: str, ours: str) -> None:
    assert merged(base, ours, base) == Merged(ours, 0)


@given(base=TEXTS, both=TEXTS)
def test_the_same_change_on_both_sides_is_no_conflict(base: str, both: str) -> None:
    assert merged(base, both, both) == Merged(both, 0)


@given(base=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_both_sides_of_a_conflict_can_be_taken_back_out(
    base: str, ours: str, theirs: str
) -> None:
    """No line of either side is lost where both changed the same place."""
    result = merged(base, ours, theirs)

    assert (result.conflicts > 0) == has_markers(result.text)
    if result.conflicts:
        assert set(ours.split()) - set(base.split()) <= set(result.text.split())
        assert set(theirs.split()) - set(base.split()) <= set(result.text.split())


@given(base=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_a_conflict_is_one_from_both_sides(base: str, ours: str, theirs: str) -> None:
    forth, back = merged(base, ours, theirs), merged(base, theirs, ours)

    assert forth.conflicts == back.conflicts


@given(
    ours=st.sets(st.integers(0, 17).map(lambda n: 2 * n), min_size=1),
    theirs=st.sets(st.integers(0, 17).map(lambda n: 2 * n), min_size=1),
)
def test_changes_of_different_lines_are_all_taken(
    ours: set[int], theirs: set[int]
) -> None:
    theirs -= ours
    changed = {number: f"ours {number}" for number in ours}
    changed |= {number: f"theirs {number}" for number in theirs}

    result = merged(BASE, with_changes(ours, "ours"), with_changes(theirs, "theirs"))

    assert result == Merged(
        "".join(f"{changed.get(n, f'line {n}')}\n" for n in range(40)), 0
    )


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [({3}, {30}), ({3}, {3}), ({3, 20}, {20, 30}), ({0}, {39}), (set(), {5})],
)
def test_git_and_the_merge_without_it_agree(ours: set[int], theirs: set[int]) -> None:
    texts = (BASE, with_changes(ours, "ours"), with_changes(theirs, "theirs"))

    assert merge(*texts, LABELS) == merge_lines(*texts, LABELS)


@pytest.mark.usefixtures("merging")
@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("a\n", "a", "a\n", "a"),
        ("a\nb\n", "a\nb\nc", "z\na\nb\n", "z\na\nb\nc"),
        ("", "", "new\n", "new\n"),
        ("\u2028x\nb\n\n\nc\n", "\u2028x\nb\n\n\nd\n", "\u2028y\nb\n\n\nc\n", None),
    ],
)
def test_unusual_line_ends(
    base: str, ours: str, theirs: str, expected: str | None
) -> None:
    result = merge(base, ours, theirs, LABELS)

    assert result == Merged(expected or "\u2028y\nb\n\n\nd\n", 0)


def with_changes(numbers: set[int], word: str) -> str:
    lines = [f"{word if n in numbers else 'line'} {n}\n" for n in range(40)]
    return "".join(lines)
