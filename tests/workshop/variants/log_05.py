"""Right and wrong answers to exercise 5."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

PATTERN = r"(?P<time>\S+ \S+) \| (?P<order>\S+) \| (?P<oven>\S+) \| (?P<message>.*)"

VARIANTS = [
    right(
        5,
        "numbers with marks between thousands, and a number without quotes",
        answers=put(('"6010"', '"6,010"'), ('"200"', "200")),
    ),
    wrong(
        5,
        "a mark that is none between thousands",
        "ran_72 = '60,10' is not the value in the trace",
        answers=put(('"6010"', '"60,10"')),
    ),
    right(
        5,
        "another pattern, with an additional group",
        options=put(
            (
                PATTERN,
                r"(?P<time>[\d.]+ [\d:,]+) \| (?P<batch>o-\d+) \| (?P<oven>[^|]+?) \| "
                r"(?P<message>(?:(?P<bread>\w+), )?.*)",
            ),
            ("id = 'order'", "id = 'batch'"),
        ),
    ),
    right(
        5,
        "other words of the same lines, and answers with units",
        options=put(("'put on the list'", "'list$'"), ("'taken out'", "'taken|out$'")),
        answers=put(('"6010"', '"6010 ms"'), ('"77"', '"task 77"')),
    ),
    right(
        5,
        "units without a space, and spaces without a unit",
        answers=put(
            ('"6010"', '"6010ms"'), ('"200"', '" 200 ms "'), ('"77"', '"task  77"')
        ),
    ),
    right(
        5,
        "an expression for the order instead of a group",
        options=put(
            (
                PATTERN,
                r"(?P<time>\S+ \S+) \| (?P<message>\S+ \| (?P<oven>\S+) \| .*)",
            ),
            ("id = 'order'", r"id = '(o-\d+)'"),
        ),
    ),
    wrong(
        5,
        "another unit",
        "ran_72 = '6.01 s' is not the value in the trace",
        answers=put(('"6010"', '"6.01 s"')),
    ),
    wrong(
        5,
        "joined by the oven, which is not in the first line",
        "and is `id` in each line?",
        options=put(("id = 'order'", "id = 'oven'")),
    ),
    wrong(
        5,
        "joined by a text that differs between an order's lines",
        "is `id` the same in all lines of an order?",
        options=put(
            (
                PATTERN,
                r"(?P<time>\S+ \S+) \| (?P<message>\S+ \| (?P<oven>\S+) \| .*)",
            ),
            ("id = 'order'", r"id = '(o-\d+ \| \S+)'"),
        ),
    ),
    wrong(
        5,
        "every order is marked as failed",
        "is marked as failed: which words mean `ended`?",
        options=put(("'burnt'", "'burnt|taken out'"), ("ended = 'taken out'", "")),
    ),
    wrong(
        5,
        "no answers",
        "answers.toml has no `ran_72` yet",
        answers=put(('"6010"', '""')),
    ),
    wrong(
        5,
        "the whole time of task 72, with the wait",
        "ran_72 = '6210' is not the value in the trace",
        answers=put(('"6010"', '"6210"')),
    ),
    wrong(
        5,
        "no pattern",
        "No order of a new bakery.log became a trace",
        options=put((PATTERN, "")),
    ),
    wrong(
        5,
        "orders written into the pattern",
        "No order of a new bakery.log became a trace",
        options=put((r"(?P<order>\S+)", "(?P<order>o-503[12])")),
    ),
    wrong(
        5,
        "an invalid pattern",
        "`kit logs` failed:",
        options=put((PATTERN, "(?P<time")),
    ),
    wrong(
        5,
        "a pattern that backtracks without end",
        "tries the same text over and over",
        options=put((PATTERN, r"(?P<message>(\S+\s?)+)$^")),
    ),
    wrong(
        5,
        "an option with a NUL character",
        "contains a NUL character",
        options=put(("id = 'order'", 'id = "or\\u0000der"')),
    ),
    wrong(
        5,
        "wait and oven are one",
        "its trace does not show the two times apart",
        options=put(("started = 'pushed in'", "started = ''")),
    ),
    wrong(
        5,
        "the oven is not a field",
        "a group `oven` in the pattern makes it a field",
        options=put((r"(?P<oven>\S+)", r"\S+")),
    ),
    wrong(
        5,
        "no order is marked as failed",
        "which words mean `failed`?",
        options=put(("failed = 'burnt'", ""), ("'taken out'", "'taken out|burnt'")),
    ),
    wrong(
        5,
        "month and day exchanged",
        "does `time_format` read the date",
        options=put(("%d.%m.%Y", "%m.%d.%Y")),
    ),
    wrong(
        5,
        "a clock with twelve hours",
        "does `time_format` read the date",
        options=put(("%H", "%I")),
    ),
    wrong(
        5,
        "words that begin with a dash",
        "which words mean `failed`?",
        options=put(("failed = 'burnt'", "failed = '-burnt'")),
    ),
    wrong(
        5,
        "an unknown option",
        "options.toml has an unknown option `identifier`; expected",
        options=put(("id = 'order'", "identifier = 'order'")),
    ),
]
