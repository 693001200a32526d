"""The `rota` command: every subcommand on one page; what they do is in `rota/commands/`."""

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from rota import __version__
from rota.commands.steps import fail
from rota.settings import Settings, load_settings

app = typer.Typer(
    name="rota",
    help="One queue for functions, programs and people.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
users = typer.Typer(help="Accounts.", no_args_is_help=True)

RUN = "Run Rota"
USE = "Use it from a shell"
LOOK = "Look after it"

app.add_typer(users, name="user", rich_help_panel=LOOK)

DataDir = Annotated[Path | None, typer.Option(help="Folder of the database and the embedded Redis. (ROTA_DATA_DIR)")]
DatabaseUrl = Annotated[str | None, typer.Option(help="sqlite:///path or postgres://... (ROTA_DATABASE_URL)")]
RedisUrl = Annotated[str | None, typer.Option(help="redis://... or unix:///path (ROTA_REDIS_URL)")]
Host = Annotated[str | None, typer.Option(help="Address to listen on. (ROTA_HOST)")]
Port = Annotated[int | None, typer.Option(help="Port to listen on, 0 for a free one. (ROTA_PORT)")]
Url = Annotated[str | None, typer.Option(help="Where Rota is; else the one that runs on this machine. (ROTA_URL)")]
Token = Annotated[str | None, typer.Option(help="API token. (ROTA_TOKEN)")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command(rich_help_panel=RUN)
def up(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes; as many as cores unless set. (ROTA_WORKERS)")
    ] = None,
    slots: Annotated[int | None, typer.Option(help="Tasks that one worker runs at once. (ROTA_SLOTS)")] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="Your own functions: a module, or module.WorkerSettings. May be given again."),
    ] = None,
    samples: Annotated[bool, typer.Option(help="Submit a dozen sample tasks on the first start.")] = True,
) -> None:
    """Start everything on this machine: Redis, database, api, coordinator, workers and the page."""
    settings = _settings(host=host, port=port, data_dir=data_dir, workers=workers, slots=slots)
    from rota.commands.up import run_up

    raise typer.Exit(run_up(settings, targets=target or [], with_samples=samples))


@app.command(rich_help_panel=RUN)
def api(host: Host = None, port: Port = None, database_url: DatabaseUrl = None, redis_url: RedisUrl = None) -> None:
    """Serve the API and the page; start as many as you want on PostgreSQL."""
    settings = _settings(host=host, port=port, database_url=database_url, redis_url=redis_url)
    from rota.commands.serve import run_api

    raise typer.Exit(run_api(settings))


@app.command(rich_help_panel=RUN)
def coordinator(database_url: DatabaseUrl = None, redis_url: RedisUrl = None) -> None:
    """Record, reap, promote and reconcile; one leads, any other stands by."""
    settings = _settings(database_url=database_url, redis_url=redis_url)
    from rota.commands.serve import run_coordinator

    raise typer.Exit(run_coordinator(settings))


@app.command(rich_help_panel=RUN)
def worker(
    targets: Annotated[
        list[str], typer.Argument(metavar="TARGET", help="A module with functions, or module.WorkerSettings of arq.")
    ],
    redis_url: RedisUrl = None,
    slots: Annotated[int | None, typer.Option(help="Tasks that it runs at once. (ROTA_SLOTS)")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="Take from these queues only. May be given again.")] = None,
    name: Annotated[str | None, typer.Option(help="Name that people see; host and process unless set.")] = None,
    pool: Annotated[str | None, typer.Option(help="Count as a worker of the pool with this id.")] = None,
    stealing: Annotated[bool, typer.Option(help="Take from others' lanes when idle.")] = True,
    data_dir: DataDir = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether it could run these targets, and end.")
    ] = False,
) -> None:
    """Run functions; needs Redis and nothing else: that of `rota up` on this machine, unless another is named."""
    settings = _settings(redis_url=redis_url, slots=slots, data_dir=data_dir)
    from rota.commands.work import check_worker, run_worker

    if check:
        raise typer.Exit(check_worker(settings, targets))
    raise typer.Exit(run_worker(settings, targets, queues=queue or [], name=name, pool=pool, stealing=stealing))


@app.command(rich_help_panel=RUN)
def supervisor(
    targets: Annotated[
        list[str], typer.Argument(metavar="TARGET", help="What its workers run: a module, or module.WorkerSettings.")
    ],
    redis_url: RedisUrl = None,
    capacity: Annotated[
        int | None, typer.Option(help="Worker processes that it runs at most. (ROTA_SUPERVISOR_CAPACITY)")
    ] = None,
) -> None:
    """Start and stop the workers of pools on this machine; needs Redis and nothing else."""
    settings = _settings(redis_url=redis_url, supervisor_capacity=capacity)
    from rota.commands.supervise import run_supervisor

    raise typer.Exit(run_supervisor(settings, targets))


@app.command(rich_help_panel=LOOK)
def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database to this version's tables; with ROTA_ADMIN_PASSWORD set, make the first administrator."""
    settings = _settings(data_dir=data_dir, database_url=database_url)
    from rota.commands.manage import run_migrate

    raise typer.Exit(run_migrate(settings))


@app.command(rich_help_panel=LOOK)
def schema() -> None:
    """Print the GraphQL schema."""
    from rota.graphql.schema import export

    typer.echo(export(), nl=False)


@users.command("create")
def user_create(
    username: Annotated[str, typer.Argument(help="3 to 40 letters, digits, dots, dashes, underscores.")],
    admin: Annotated[bool, typer.Option("--admin", help="Make it an administrator.")] = False,
    email: Annotated[str | None, typer.Option(help="Where mail goes.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an account; asks for the password."""
    settings = _settings(data_dir=data_dir, database_url=database_url)
    from rota.commands.manage import run_user_create

    raise typer.Exit(run_user_create(settings, username, is_admin=admin, email=email, password_stdin=password_stdin))


@app.command(rich_help_panel=USE)
def submit(
    function: Annotated[str, typer.Argument(metavar="NAME", help="Name of the function.")],
    arg: Annotated[
        list[str] | None,
        typer.Option(
            "--arg", "-a", metavar="K=V", help="An argument; the value is JSON, else text. May be given again."
        ),
    ] = None,
    args: Annotated[str | None, typer.Option(help="All arguments as one JSON object.")] = None,
    priority: Annotated[int | None, typer.Option("--priority", "-p", help="1 to 10; 10 goes first.")] = None,
    title: Annotated[str | None, typer.Option(help="What people see.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag. May be given again.")] = None,
    run_in: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Not before this many seconds from now.")
    ] = None,
    deadline_in: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="To be done within this many seconds.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help="Bound on one attempt.")] = None,
    max_attempts: Annotated[int | None, typer.Option(help="Attempts before it is given up.")] = None,
    queue: Annotated[str | None, typer.Option(help="The queue to stand in; the function's if left out.")] = None,
    run_at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="Not before, e.g. 2031-01-01T09:00:00Z.")
    ] = None,
    deadline: Annotated[str | None, typer.Option(metavar="INSTANT", help="To be done by then.")] = None,
    on_deadline: Annotated[
        str | None, typer.Option(help="What happens then if it still runs: CANCEL, as usual, or FINISH_LATE.")
    ] = None,
    depends_on: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A task that must succeed first. May be given again.")
    ] = None,
    limit_key: Annotated[
        str | None, typer.Option(help="Tasks of one function and one key share a limit, where it has one per key.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency key: the same key gives the first task again.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", "-w", help="Wait for the end; the exit status is the task's.")
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
) -> None:
    """Submit a task: [bold]rota submit multiply --arg a=6 --arg b=7 --wait[/bold]."""
    from rota.commands import tasks as commands

    def run(client: Any) -> int:
        wish = commands.wish(function, arg or [], args, run_in, deadline_in)
        given = {
            "priority": priority,
            "title": title,
            "tags": tag,
            "timeoutSeconds": timeout,
            "maxAttempts": max_attempts,
            "queue": queue,
            "runAt": run_at,
            "deadline": deadline,
            "onDeadline": on_deadline,
            "dependsOn": depends_on,
            "limitKey": limit_key,
            "idempotencyKey": key,
        }
        wish.update({name: value for name, value in given.items() if value is not None})
        return commands.submit(client, wish, wait=wait, as_json=as_json)

    _use(run, url, token, data_dir)


@app.command("tasks", rich_help_panel=USE)
def list_tasks(
    status: Annotated[
        list[str] | None, typer.Option("--status", "-s", help="Only with this status. May be given again.")
    ] = None,
    queue: Annotated[str | None, typer.Option(help="Only in this queue.")] = None,
    first: Annotated[int, typer.Option("--first", "-n", min=1, max=200, help="How many.")] = 20,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
) -> None:
    """List the newest tasks."""
    from rota.commands import tasks as commands

    _use(lambda client: commands.list_tasks(client, status or [], queue, first, as_json=as_json), url, token, data_dir)


@app.command("task", rich_help_panel=USE)
def show_task(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="The task's id.")],
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
) -> None:
    """Show one task with its attempts."""
    from rota.commands import tasks as commands

    _use(lambda client: commands.show(client, task_id, as_json=as_json), url, token, data_dir)


@app.command("queue", rich_help_panel=USE)
def queue_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Its name; all queues if left out.")] = None,
    strategy: Annotated[
        str | None, typer.Option(help="How its tasks find workers: PRIORITY, ROUND_ROBIN or LEAST_LOADED.")
    ] = None,
    pause: Annotated[bool | None, typer.Option("--pause/--resume", help="Start nothing in it, or again.")] = None,
    running: Annotated[int | None, typer.Option(metavar="N", help="A limit: so many run at once.")] = None,
    starts: Annotated[int | None, typer.Option(metavar="N", help="A limit: so many start in --seconds.")] = None,
    seconds: Annotated[float | None, typer.Option(help="The period of --starts.")] = None,
    function: Annotated[str | None, typer.Option(help="The limit is for this function, not the whole queue.")] = None,
    per_key: Annotated[bool, typer.Option("--per-key", help="It is for each limit key of the function.")] = False,
    no_limit: Annotated[bool, typer.Option("--no-limit", help="Remove that limit.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
) -> None:
    """Show queues, or change one: [bold]rota queue default --running 5 --function multiply[/bold]."""
    from rota.commands import queues as commands

    change = commands.Change(strategy, pause, function, per_key, running, starts, seconds, no_limit)
    _use(lambda client: commands.run(client, name, change, as_json=as_json), url, token, data_dir)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"rota {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One queue for functions, programs and people."""


def _settings(**overrides: object) -> Settings:
    try:
        return load_settings(**overrides)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = "_".join(str(part) for part in fault["loc"]).lower()
        reason = fault["msg"].removeprefix("Value error, ")
        # An address may hold a password.
        shown = "" if name.endswith(("_url", "_password")) else f" (it is {fault['input']!r})"
        _fail(f"ROTA_{name.upper()}: {reason}{shown}.")


def _use(run: Any, url: str | None, token: str | None, data_dir: Path | None) -> None:
    from rota.commands.client import Client
    from rota.commands.connection import ClientError, find_connection

    try:
        with Client(find_connection(url, token, _settings(data_dir=data_dir).data_dir)) as client:
            status = run(client)
    except ClientError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(status)


def _fail(message: str) -> NoReturn:
    fail(message)
    raise typer.Exit(2)


def main() -> None:
    """The console script."""
    app(prog_name="rota")
