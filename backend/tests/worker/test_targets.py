"""What `rota worker` is told to work for: modules, settings classes of arq, and what is wrong with them."""

import sys
from pathlib import Path
from typing import Any

import pytest

import rota
from rota.settings import load_settings
from rota.worker import targets
from rota.worker.catalogue import BadTarget, catalogue_hash, offers
from rota.worker.signature import BadArguments, BadSignature, Signature
from rota.worker.targets import collect
from tests.support.working import collected


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a module that can be imported from the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    made: list[str] = []

    def write(text: str) -> str:
        name = f"target_{tmp_path.name.replace('-', '_')}_{len(made)}"
        (tmp_path / f"{name}.py").write_text(text)
        made.append(name)
        return name

    yield write
    for name in made:
        sys.modules.pop(name, None)


def test_a_module_gives_its_functions(module: Any) -> None:
    name = module(
        "import rota\n"
        "@rota.function(name='sum', queue='math', priority=8, max_attempts=4, timeout=2.5, backoff=(1, 2.0, 9), example={'a': 1})\n"
        "def add(a: int, b: int = 2) -> int:\n"
        "    '''Add two numbers.\n\n    Args:\n        a: The first.\n    '''\n"
        "    return a + b\n"
        "def helper(): ...\n"
    )
    found = collect([name])
    assert found.queues == ["math"]
    (offer,) = offers(found.catalogue)
    assert offer == {
        "name": "sum",
        "description": "Add two numbers.",
        "args_schema": {
            "type": "object",
            "title": "add",
            "properties": {
                "a": {"type": "integer", "title": "A", "description": "The first."},
                "b": {"type": "integer", "title": "B", "default": 2},
            },
            "required": ["a"],
            "additionalProperties": False,
        },
        "example": {"a": 1},
        "queue": "math",
        "default_priority": 8,
        "max_attempts": 4,
        "timeout_ms": 2500,
        "executor": "THREAD",
        "backoff": [1000, 2.0, 9000],
    }


def test_the_hash_tells_one_set_of_offers_from_another() -> None:
    async def one(a: int) -> None: ...

    async def other(a: str) -> None: ...

    other.__name__ = "one"
    assert catalogue_hash(collected(one).catalogue) == catalogue_hash(collected(one).catalogue)
    assert catalogue_hash(collected(one).catalogue) != catalogue_hash(collected(other).catalogue)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "no function marked with @rota.function"),
        ("import no_such_thing\n", "No module named 'no_such_thing'"),
        ("def f(:\n", "SyntaxError"),
        ("raise RuntimeError('not today')\n", "RuntimeError: not today"),
        ("import rota\n@rota.function\ndef f(*names): ...\n", r"takes \*names"),
        ("import rota\n@rota.function\ndef f(a: 'Unknown'): ...\n", "names what is not defined"),
        ("import rota\nclass C: ...\n@rota.function\ndef f(a: C): ...\n", "no JSON form"),
        ("import rota\n@rota.function(executor='async')\ndef f(): ...\n", "needs an async def"),
        ("import rota\n@rota.function(priority=11)\ndef f(): ...\n", "priority must be 1 to 10"),
        ("import rota\n@rota.function(queue='{a}')\ndef f(): ...\n", "cannot name a queue"),
        ("import rota\n@rota.function(example={'b': 1})\ndef f(a: int): ...\n", "example does not fit"),
        (
            "import rota\n@rota.function(name='x')\ndef f(): ...\n@rota.function(name='x')\ndef g(): ...\n",
            "two functions are named x",
        ),
        ("class S:\n    functions = []\n", "no function marked"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(module: Any, text: str, words: str) -> None:
    with pytest.raises(BadTarget, match=words) as caught:
        collect([module(text)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("no_such_module", "there is no module 'no_such_module'"),
        ("tests.worker.functions.Nothing", "has no 'Nothing'"),
        ("not a module", "is no module"),
        ("tests.worker.functions.Base", "neither functions nor cron_jobs"),
    ],
)
def test_what_is_not_there_is_said(target: str, words: str) -> None:
    with pytest.raises(BadTarget, match=words):
        collect([target])


def test_a_settings_class_of_arq_is_taken_whole() -> None:
    found = collect(["tests.worker.functions.WorkerSettings"])
    assert sorted(found.catalogue) == ["cron:tick", "plain", "renamed"]
    assert found.queues == ["default"]
    assert found.slots == 7  # from its base class, which arq itself leaves out
    renamed, plain = found.catalogue["renamed"], found.catalogue["plain"]
    assert (renamed.timeout_ms, renamed.max_attempts) == (5_000, 2)
    assert (plain.timeout_ms, plain.max_attempts) == (60_000, targets.ARQ_TRIES)
    assert list(plain.signature.schema["properties"]) == ["a", "b"]
    assert len(found.warnings) == 2
    assert any("keep_result" in line for line in found.warnings)
    assert any("poll_delay" in line for line in found.warnings)


def test_one_worker_takes_one_settings_class() -> None:
    name = "tests.worker.functions.WorkerSettings"
    with pytest.raises(BadTarget, match="one settings class"):
        collect([name, name])


def test_arguments_are_converted_and_checked() -> None:
    import datetime

    def call(day: datetime.date, /, count: int = 1, *, flag: bool = False) -> None: ...

    signature = Signature(call)
    assert signature.bind({"day": "2026-11-25", "flag": True}) == ([datetime.date(2026, 11, 25)], {"flag": True})
    assert signature.name_args(("2026-11-25", 3), {}) == {"day": "2026-11-25", "count": 3}
    with pytest.raises(BadArguments, match="day' is missing"):
        signature.bind({})
    with pytest.raises(BadArguments, match="given twice"):
        signature.name_args((1,), {"day": 2})
    with pytest.raises(BadArguments, match="takes 2 positional"):
        signature.name_args((1, 2, 3), {})


def test_further_named_arguments_are_allowed_where_the_function_takes_them() -> None:
    def call(**others: int) -> None: ...

    signature = Signature(call)
    assert signature.bind({"a": 1, "schema": 2}) == ([], {"a": 1, "schema": 2})
    assert signature.schema["additionalProperties"] is not False


def test_an_arq_function_needs_a_context() -> None:
    async def call() -> None: ...

    with pytest.raises(BadSignature, match="first parameter"):
        Signature(call, takes_ctx=True)


def test_what_a_database_would_not_take_is_within_bounds(module: Any) -> None:
    name = module(
        "import sys, arq\n"
        "async def slow(ctx):\n"
        "    'Splits at \\0.'\n"
        "class WorkerSettings:\n"
        "    functions = [slow, arq.func(slow, name='few', max_tries=2)]\n"
        "    max_tries = max_jobs = sys.maxsize\n"
    )
    found = collect([f"{name}.WorkerSettings"])
    few, slow = offers(found.catalogue)
    assert found.slots == load_settings(redis_url="redis://h", slots=targets.MOST_SLOTS).slots
    assert slow["description"] == "Splits at \ufffd."
    assert (slow["max_attempts"], few["max_attempts"]) == (100, 2)


def test_a_marked_function_stays_what_it_was() -> None:
    @rota.function(name="elsewhere")
    def double(a: int) -> int:
        return a * 2

    assert double(4) == 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no_such_module"], "there is no module"),
        ([], "name a module"),
        (["tests.worker.functions", "--"], "is no module"),
    ],
)
def test_the_command_says_it_in_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    from rota.commands.work import run_worker

    assert run_worker(load_settings(redis_url="redis://127.0.0.1:1"), arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_the_command_needs_redis(capsys: pytest.CaptureFixture[str]) -> None:
    from rota.commands.work import run_worker

    assert run_worker(load_settings(redis_url=""), ["rota.examples"]) == 2
    assert "ROTA_REDIS_URL" in capsys.readouterr().err
