from __future__ import annotations

import itertools
from typing import Any

import pytest

from scaffold.codemods import Already, Cannot, Patched, apply, invert

REDIS: dict[str, Any] = {
    "name": "redis",
    "lines": [
        "image: redis:8",
        "healthcheck:",
        '  test: ["CMD", "redis-cli", "ping"]',
    ],
    "environment": {"REDIS_URL": "redis://redis:6379/0"},
}


def add(text: str | bytes, **changes: Any) -> Patched | Already | Cannot:
    content = text.encode() if isinstance(text, str) else text
    return apply("add_service", content, {**REDIS, **changes})


def split(marked: str) -> tuple[str, str]:
    lines = marked.lstrip("\n").splitlines(keepends=True)
    before = "".join(line for line in lines if not line.startswith("+"))
    return before, "".join(line.removeprefix("+") for line in lines)


SHAPES = {
    "no environment yet": """
services:
  migrate:
    build: .

  api:
    build: .
+    environment:
+      REDIS_URL: redis://redis:6379/0
    volumes: ["data:/data"]
    depends_on:
      migrate: { condition: service_completed_successfully }
+      redis: { condition: service_healthy }
    ports: ["127.0.0.1:8000:8000"]
+
+  redis:
+    image: redis:8
+    healthcheck:
+      test: ["CMD", "redis-cli", "ping"]

volumes:
  data:
""",
    "an environment behind an anchor, a service that comes after": """
# ours
services:
  # Without a password.
  db:
    image: postgres:18

+  redis:
+    image: redis:8
+    healthcheck:
+      test: ["CMD", "redis-cli", "ping"]
+
  # The one-shot.
  setup:
    build: .
    environment: &environment
      DATABASE_URL: x
+      REDIS_URL: redis://redis:6379/0

  web:
    build: .
+    depends_on:
+      redis: { condition: service_healthy }
    environment: *environment
    ports: ["80:80"]
""",
    "lists, close together, first of all, no line below": """
services:
+  redis:
+    image: redis:8
+    healthcheck:
+      test: ["CMD", "redis-cli", "ping"]
  web:
    build: .
    ports:
      - "80:80"
    environment:
      - A=1  # one
+      - REDIS_URL=redis://redis:6379/0
    depends_on:
      - db
+      - redis
  web-db:
    image: postgres
""",
    "two that could run the application": """
version: "3"
services:
    a:
        build: .
        ports: ["1:1"]
    b:
        build: .
        ports: ["2:2"]
+    redis:
+        image: redis:8
+        healthcheck:
+          test: ["CMD", "redis-cli", "ping"]
""",
    "a variable that is set stays, tags and merge keys too": """
x-base: &base
  restart: always
services:
  api:
    <<: *base
    build: !reset .
    environment:
      REDIS_URL: redis://elsewhere
    ports: !override ["1:1"]
    depends_on:
      alpha: {condition: service_started}
+      redis: { condition: service_healthy }
      zebra: {condition: service_started}
+  redis:
+    image: redis:8
+    healthcheck:
+      test: ["CMD", "redis-cli", "ping"]
""",
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str, ending: str) -> None:
    before, after = (text.replace("\n", ending).encode() for text in split(SHAPES[name]))
    assert add(b"\xef\xbb\xbf" + before) == Patched(b"\xef\xbb\xbf" + after)
    assert isinstance(add(after), Already)


@pytest.mark.parametrize("name", [n for n in SHAPES if "set stays" not in n])
def test_it_is_taken_out_again(name: str) -> None:
    before, after = split(SHAPES[name])
    outcome = invert("add_service", after.encode(), REDIS)
    assert isinstance(outcome, Patched), outcome
    solid = [line for line in outcome.content.decode().splitlines() if line.strip()]
    assert solid == [line for line in before.splitlines() if line.strip()]


def test_no_final_newline_stays_none() -> None:
    outcome = add("services:\n  db:\n    image: postgres")
    assert isinstance(outcome, Patched)
    assert outcome.content.endswith(b'image: postgres\n  redis:\n    image: redis:8\n    '
                                    b'healthcheck:\n      test: ["CMD", "redis-cli", "ping"]')  # fmt: skip


def test_any_order_gives_the_same_bytes() -> None:
    start = split(SHAPES["no environment yet"])[0].encode()
    results = set()
    for order in itertools.permutations(["alpha", "mail", "redis", "zebra"]):
        content = start
        for name in order:
            variable = {f"{name.upper()}_URL": name}
            outcome = add(content, name=name, lines=[f"image: {name}"], environment=variable)
            assert isinstance(outcome, Patched)
            content = outcome.content
        results.add(content)
    assert len(results) == 1


ALREADY = {
    "by name": "services:\n  redis:\n    image: valkey/valkey:9\n",
    "by image": "services:\n  store:\n    image: docker.io/library/redis:7-alpine\n",
    "one line each": "services:\n  x: {image: redis}\n",
}


@pytest.mark.parametrize("name", ALREADY)
def test_already(name: str) -> None:
    assert isinstance(add(ALREADY[name]), Already)


REFUSED = {
    "no YAML": "services: [\n",
    "not UTF-8": b"services:\n  a: \xff\n",
    "a list": "- a\n",
    "empty": "",
    "services are a list": "services:\n- a\n",
    "several documents": "services:\n  a: {image: x}\n---\nb: 1\n",
    "an environment that is a text": (
        "services:\n  a:\n    build: .\n    ports: [1]\n    environment: x\n"
    ),
    "a line for many": "services:\n  ? a\n  : build: .\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_leaves_alone(name: str) -> None:
    outcome = add(REFUSED[name])
    assert isinstance(outcome, Cannot)
    assert outcome.line or ": " in outcome.reason


HEALTHY = "redis: { condition: service_healthy }"
URL = "REDIS_URL: redis://redis:6379/0"
FLOW = "redis: {image: 'redis:8', healthcheck: {test: [CMD, redis-cli, ping]}}"
BLOCK = split(SHAPES["no environment yet"])[1].partition("\n\n  redis:")[2].partition("\n\n")[0]
BRACKETS = {
    "no services": ("volumes:\n  data:", f"volumes:\n  data:\nservices:\n  redis:{BLOCK}"),
    "services of nothing": ("services:\n", f"services:\n  redis:{BLOCK}\n"),
    "no services yet": ("services: {}\n", f"services: {{{FLOW}}}\n"),
    "services in brackets": (
        "services: {a: {image: x}}\n",
        f"services: {{a: {{image: x}}, {FLOW}}}\n",
    ),
    "an environment in brackets": (
        "services:\n  a:\n    build: .\n    ports: [1]\n    environment: {A: b}\n",
        (
            f"services:\n  a:\n    build: .\n    depends_on:\n      {HEALTHY}\n    ports: [1]\n"
            f"    environment: {{A: b, {URL}}}\n  redis:{BLOCK}\n"
        ),
    ),
    "lists in brackets": (
        (
            "services:\n  a:\n    build: .\n    ports: [1]\n"
            "    environment: [A=b, ]\n    depends_on: [ ]\n"
        ),
        (
            "services:\n  a:\n    build: .\n    ports: [1]\n"
            "    environment: [A=b, REDIS_URL=redis://redis:6379/0 ]\n    depends_on: [redis ]\n"
            f"  redis:{BLOCK}\n"
        ),
    ),
    "an environment of nothing": (
        (
            "services:\n  a:\n    build: .\n    depends_on: {redis: {}}\n    ports: [1]\n"
            "    environment:\n"
        ),
        (
            "services:\n  a:\n    build: .\n    depends_on: {redis: {}}\n    ports: [1]\n"
            f"    environment:\n      {URL}\n  redis:{BLOCK}\n"
        ),
    ),
    "the application in brackets": (
        "services:\n  a: {build: ., ports: [1]}\n",
        (
            "services:\n  a: {build: ., ports: [1], "
            f"environment: {{ {URL} }}, depends_on: {{ {HEALTHY} }}}}\n  redis:{BLOCK}\n"
        ),
    ),
}


@pytest.mark.parametrize("name", BRACKETS)
def test_what_is_written_in_brackets(name: str) -> None:
    before, after = BRACKETS[name]
    assert add(before) == Patched(after.encode())
    assert isinstance(add(after), Already)


KEPT = {
    "nothing there": ("services:\n  a:\n    image: x\n", Already),
    "changed since": ("services:\n  redis:\n    image: redis:9\n", Cannot),
    "needed elsewhere": (
        split(SHAPES["no environment yet"])[1].replace(
            "    build: .\n\n", "    build: .\n    depends_on: [redis]\n\n"
        ),
        Cannot,
    ),
    "no YAML": ("services: [\n", Cannot),
}


@pytest.mark.parametrize("name", KEPT)
def test_taking_out_leaves_alone(name: str) -> None:
    text, expected = KEPT[name]
    assert isinstance(invert("add_service", text.encode(), REDIS), expected)
