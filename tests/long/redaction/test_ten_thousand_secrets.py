"""10,000 secrets, each in every place of a span; none of them reaches a receiver."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from instrumentation.redact import Redaction
from tests.instrumentation.hiding_places import Bodies, send, visible_parts
from tests.instrumentation.samples import Maker

SECRETS, IN_A_BODY = 10_000, 100


@pytest.mark.timeout(600)
def test_none_of_ten_thousand_secrets_is_in_a_body_byte_by_byte() -> None:
    seed = random.randrange(2**32)  # another ten thousand in each run
    secrets = list(Maker(seed).secrets(SECRETS))
    redaction, leaks = Redaction(), []
    with Bodies() as receiver:
        for start in range(0, SECRETS, IN_A_BODY):
            batch = secrets[start : start + IN_A_BODY]
            send(batch, receiver, redaction)
            leaks += [s for s in batch if visible_parts(s, receiver.bodies[-1:])]
    size = sum(map(len, receiver.bodies)) / 1e6
    print(f"seed {seed}: {len(secrets)} secrets in {size:.0f} MB, {len(leaks)} leaked")
    print(dict(Counter(secret.kind for secret in secrets)))

    assert len(receiver.spans) == SECRETS
    assert len(receiver.bodies) == SECRETS / IN_A_BODY
    assert leaks == [], f"Maker({seed})"


def test_few_of_a_hundred_thousand_ids_are_taken_for_secrets() -> None:
    seed = random.randrange(2**32)
    redaction = Redaction()
    ids = list(Maker(seed).ids(108_000))
    wrong = Counter(kind for kind, text in ids if redaction.text(text) != text)
    parcels = wrong.pop("parcel", 0)
    print(f"seed {seed}: of 104,000 ids {dict(wrong)} were taken for secrets;")
    print(f"and of 4,000 parcels' numbers, which end with 16 digits, {parcels}")

    assert wrong.total() <= 10, f"Maker({seed})"
    assert parcels <= 240  # 3 to 4 % of all numbers of 16 digits are a card's
