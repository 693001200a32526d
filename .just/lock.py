"""Writes the hashed locks in `backend/locks/` anew from pyproject.toml: the same for every system, naming no index."""

from house import LOCKS, VENV, run

COMPILE = [
    *(VENV / "bin" / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--custom-compile-command", "just lock"),
]


def main() -> None:
    for name, sources in {
        "uv": ["--group", "uv"],
        "run": ["pyproject.toml", "--group", "uv"],
        "dev": ["pyproject.toml", "--group", "uv", "--group", "dev", "--constraint", LOCKS / "run.txt"],
    }.items():
        run(f"Locking {name}", [*COMPILE, "--output-file", LOCKS / f"{name}.txt", *sources])


if __name__ == "__main__":
    main()
