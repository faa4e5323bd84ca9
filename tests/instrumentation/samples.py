"""Made-up secrets and harmless ids: the same in every run."""

from __future__ import annotations

import base64
import random
import string
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Secret:
    """A text with a secret in it, and the parts that must not be readable."""

    kind: str
    text: str
    parts: tuple[str, ...]


class Maker:
    """Makes secrets of every kind in turn, and ordinary ids, from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def secrets(self, count: int) -> Iterator[Secret]:
        kinds = [self.card, self.token, self.jwt, self.named, self.email]
        kinds += [self.private_key, self.url, self.header]
        for number in range(count):
            yield kinds[number % len(kinds)]()

    def _pick(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _word(self, length: int, letters: str = LETTERS) -> str:
        return "".join(self._random.choices(letters, k=length))

    def card_number(self) -> str:
        beginning, length = self._random.choice(
            [
                ("4", 16),
                ("4", 19),
                (f"5{self._random.randint(1, 5)}", 16),
                (str(self._random.randint(2221, 2720)), 16),
                (self._pick("34", "37"), 15),
                (self._pick("36", "38", "300"), 14),
                (self._pick("6011", "65", "644"), 16),
                (str(self._random.randint(3528, 3589)), 16),
                ("62", self._random.choice([16, 19])),
            ]
        )
        digits = beginning + self._word(length - len(beginning) - 1, string.digits)
        return digits + check_digit(digits)

    def card(self) -> Secret:
        number = self.card_number()
        sizes = {14: (4, 6, 4), 15: (4, 6, 5), 16: (4,) * 4, 19: (4, 4, 4, 4, 3)}
        digits = iter(number)
        groups = ["".join(islice(digits, size)) for size in sizes[len(number)]]
        grouped = self._pick("", " ", "-", ".", "%20").join(groups)
        text = self._pick("card {} declined", "{}", "charge({})", "pan{}", "n={}&x=1")
        return Secret("card", text.format(grouped), (number, grouped))

    def token(self) -> Secret:
        upper = string.ascii_uppercase + string.digits
        token = self._random.choice(
            [
                self._pick("AKIA", "ASIA") + self._word(16, upper),
                self._pick("ghp_", "gho_", "ghs_") + self._word(36),
                "github_pat_" + self._word(22) + "_" + self._word(40),
                "glpat-" + self._word(20),
                self._pick("xoxb-", "xoxp-") + self._word(24),
                self._pick("sk_live_", "sk_test_", "rk_live_") + self._word(24),
                "whsec_" + self._word(32),
                "AIza" + self._word(35),
                "npm_" + self._word(36),
                "hf_" + self._word(34),
                "SG." + self._word(22) + "." + self._word(43),
                "sk-" + self._word(20) + "7" + self._word(20),
            ]
        )
        text = self._pick("got {} from vault", "{}", "({})", "push to {}: denied")
        return Secret("token", text.format(token), (token, token[-12:]))

    def jwt(self) -> Secret:
        head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
        body, signature = self._word(self._random.randint(20, 90)), self._word(43)
        text = self._pick("bad token {}", "{}", "jwt={}", "expired:{}.")
        token = f"{head}.eyJ{body}.{signature}"
        return Secret("jwt", text.format(token), (body, signature))

    def named(self) -> Secret:
        names = "password db_password PASSWD client_secret api_key X-Api-Key"
        names += " accessToken secret_access_key csrf_token cvv"
        name = self._pick(*names.split())
        bare = self._word(self._random.randint(8, 24), LETTERS + "!$%*+-./:?@^_~")
        bare = self._word(1) + bare
        free = self._word(self._random.randint(8, 24), LETTERS + " !#$%&()*+,;<=>@[]{}")
        shape = self._random.choice(
            [
                ("{name}={bare}", bare),
                ("GET /a?x=1&{name}={bare}&y=2", bare),
                ("{name}: {bare}", bare),
                ('{{"user": "bob", "{name}": "{free}", "n": 1}}', free),
                ("{{'{name}': '{free}'}}", free),
                ('{{\\"{name}\\": \\"{free}\\"}}', free),
                ("login(user='bob', {name}='{free}')", free),
                ("<{name}>{bare}</{name}>", bare),
                ("tool --{name} {bare} --quiet", bare),
                ("ALTER USER bob SET {name} '{free}' NOW", free),
                ("tool --{name}={bare} --quiet", bare),
            ]
        )
        text = shape[0].format(name=name, bare=bare, free=free)
        return Secret("named", text, (shape[1],))

    def email(self) -> Secret:
        name = self._word(10, string.ascii_lowercase)
        name += self._pick("", ".doe", "+news", "_99", "-x")
        host = self._word(8, string.ascii_lowercase) + self._pick(
            ".com", ".co.uk", ".io"
        )
        at = self._pick("@", "@", "%40")
        text = self._pick("no user {}", "{}", "<{}>", "mailto:{}", "to={}&x=1")
        return Secret("email", text.format(name + at + host), (name, host))

    def private_key(self) -> Secret:
        kind = self._pick("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")
        lines = [self._word(64, LETTERS + "+/") for _ in range(3)]
        end = self._pick(f"-----END {kind}PRIVATE KEY-----", "")
        text = "\n".join([f"bad key -----BEGIN {kind}PRIVATE KEY-----", *lines, end])
        escaped = text.replace("\n", "\\n")
        return Secret("private key", self._pick(text, escaped), tuple(lines))

    def url(self) -> Secret:
        user, password = self._word(9), self._word(14, LETTERS + "!$*._~-%:@")
        scheme = self._pick("https", "postgresql+psycopg", "redis", "amqp")
        text = f"{scheme}://{user}:{password}@db.internal:5432/shop?timeout=3"
        quoted = self._pick("{}", "cannot reach '{}'", 'dsn="{}"').format(text)
        return Secret("url", quoted, (password, user))

    def header(self) -> Secret:
        value = self._word(self._random.randint(20, 40), LETTERS + "-._~+/")
        pair = base64.b64encode(f"{self._word(6)}:{self._word(9)}".encode()).decode()
        shape = self._random.choice(
            [
                ("Authorization: Bearer {}\nHost: shop", value),
                ("Bearer {}", value),
                ("basic {}", pair.rstrip("=")),
                ("{{'Authorization': 'Digest {}'}}", value),
                ("[('Cookie', 'a=b; session={}')]", value),
                ("Set-Cookie: session={}; Path=/", value),
                ("{{b'authorization': b'Basic {}'}}", pair.rstrip("=")),
            ]
        )
        return Secret("header", shape[0].format(shape[1]), (shape[1],))

    def ids(self, count: int) -> Iterator[tuple[str, str]]:
        """Yield kind and text of ids and numbers as they occur in any trace."""
        kinds = self._id_kinds()
        for number in range(count):
            kind = list(kinds)[number % len(kinds)]
            yield kind, kinds[kind]()

    def _id_kinds(self) -> dict[str, Callable[[], str]]:
        pick, number, bits = self._pick, self._random.randint, self._random.getrandbits
        return {
            "uuid": lambda: str(uuid.UUID(int=bits(128), version=4)),
            "trace id": lambda: f"{bits(128):032x}",
            "span id": lambda: f"{bits(64):016x}",
            "sha-1": lambda: f"{bits(160):040x}",
            "sha-256": lambda: f"sha256:{bits(256):064x}",
            "object id": lambda: f"{bits(96):024x}",
            "ulid": lambda: "01" + self._word(24, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
            "snowflake": lambda: str(number(11 * 10**17, 19 * 10**17)),
            "nanoseconds": lambda: str(number(16 * 10**17, 20 * 10**17)),
            "microseconds": lambda: str(number(16 * 10**14, 20 * 10**14)),
            "milliseconds": lambda: str(number(16 * 10**11, 20 * 10**11)),
            "barcode": lambda: str(number(10**12, 10**13 - 1)),
            "phone": lambda: (
                f"+{number(1, 99)} {number(100, 999)} {number(10**6, 10**8)}"
            ),
            "order": lambda: f"o-{number(10**5, 10**11)}",
            "invoice": lambda: f"INV-{number(2020, 2030)}-{number(1, 999999):06d}",
            "date": lambda: (
                f"20{number(20, 30)}-11-24T10:15:30.{number(0, 999999):06d}Z"
            ),
            "address": lambda: (
                f"10.{number(0, 255)}.{number(0, 255)}.{number(0, 255)}:80"
            ),
            "fraction": lambda: repr(self._random.random()),
            "ratio": lambda: f"took {self._random.random() * 100} ms",
            "path": lambda: f"/orders/{number(1, 10**9)}/lines/{number(1, 99)}",
            "file": lambda: f"billing/{pick('orders', 'tokens', 'cards')}.py:{bits(9)}",
            "route": lambda: pick("/cards/<int:card>", "/tokens/<token>", "/pin/<pin>"),
            "query": lambda: "SELECT id FROM tokens WHERE token = ? AND pin = $2",
            "usage": lambda: f"max_tokens={bits(12)} input_tokens: {bits(12)}",
            "bytes": lambda: f"sent {number(10**9, 10**12)} bytes in {bits(12)} ms",
            "parcel": lambda: f"1Z{self._word(16, string.digits)}",
            "sizes": lambda: f"{number(1, 3)}x{number(100, 9999)} {number(100, 9999)}",
        }

    def long_numbers(self, count: int) -> Iterator[str]:
        """Yield numbers as long as a card's, with any beginning."""
        for number in range(count):
            length = (14, 15, 16, 19)[number % 4]
            yield str(self._random.randint(10 ** (length - 1), 10**length - 1))


def check_digit(digits: str) -> str:
    """Return the digit that makes `digits` pass Luhn's check."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
