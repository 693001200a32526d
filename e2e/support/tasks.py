"""Tasks for the stories, made through the API as a program makes them."""

from collections.abc import Sequence

from rota.commands.client import raise_for
from tests.support.patience import until
from tests.support.whole import RotaServer

SUBMIT = "mutation ($input: SubmitTaskInput!) { submitTask(input: $input) { task { id } errors { message path } } }"
SUBMIT_MANY = "mutation ($inputs: [SubmitTaskInput!]!) { submitTasks(inputs: $inputs) { errors { message path } } }"
AT_ONCE = 500


def submit(server: RotaServer, function: str, title: str, **more: object) -> str:
    """The id of a new task. `more` is what SubmitTaskInput takes besides."""
    wish = {"function": function, "title": title, **more}
    with server.client() as client:
        payload = client.call(SUBMIT, input=wish)["submitTask"]
    raise_for(payload)
    task_id: str = payload["task"]["id"]
    return task_id


def status_of(server: RotaServer, task_id: str) -> str:
    """Its status as SQL has it."""
    with server.client() as client:
        return str(client.call("query ($id: ID!) { task(id: $id) { status } }", id=task_id)["task"]["status"])


def wait_until_succeeded(server: RotaServer, task_id: str) -> None:
    """Until what became of a task is committed."""
    until(lambda: status_of(server, task_id) == "SUCCEEDED")


def wait_until_known(server: RotaServer, function: str) -> None:
    """Until a worker has offered a function."""

    def names() -> list[str]:
        with server.client() as client:
            return [found["name"] for found in client.call("{ functions { name } }")["functions"]]

    until(lambda: function in names())


def submit_many(server: RotaServer, titles: Sequence[str], **more: object) -> None:
    """As many tasks, which wait until 2035 unless told otherwise. `more` is what SubmitTaskInput takes besides."""
    wish = {"function": "multiply", "args": {"a": 1, "b": 2}, "runAt": "2035-01-01T00:00:00Z", **more}
    with server.client() as client:
        for start in range(0, len(titles), AT_ONCE):
            wishes = [{**wish, "title": title} for title in titles[start : start + AT_ONCE]]
            raise_for(client.call(SUBMIT_MANY, inputs=wishes)["submitTasks"])
