"""News and answers come on connections of their own: whichever is first, and however late, what is shown in the end is what is so."""

from pathlib import Path

from playwright.sync_api import Page, WebSocketRoute, expect

from e2e.pages.frame import Frame
from e2e.pages.tasks import TaskListPage, TaskPage
from e2e.support.tasks import submit, wait_until_succeeded
from tests.support.patience import until
from tests.support.whole import RotaServer

BROKE = 1011
# Keeps the answers to requests that say so, whole, until `letGo` is called, which returns when the page has read one and drawn what it says.
HOLD_ANSWERS = """says => {
  const ask = window.fetch, answers = [];
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  let free;
  const isFree = new Promise(resolve => { free = resolve; });
  window.held = [];
  window.letGo = async () => {
    free();
    while (!answers.some(answer => answer.bodyUsed)) await frame();
    for (let i = 0; i < 3; i++) await frame();
  };
  window.fetch = async (url, options) => {
    const answer = await ask(url, options);
    if (!String(options?.body).includes(says)) return answer;
    held.push(await answer.clone().text());
    answers.push(answer);
    await isFree;
    return answer;
  };
}"""


def test_an_answer_that_was_read_before_the_news_does_not_undo_them(
    rota: RotaServer, admin: Page, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    task = submit(rota, "wait_for_file", "Overtaken", args={"path": str(gate)})
    shown = TaskPage(admin).open(task)
    shown.expect_status("Running")
    Frame(admin).expect_live()
    # In the page, for Firefox does not tell its driver what a request asks. Each of them: the page gives up one when it asks anew,
    # and of that one nothing would ever come.
    admin.evaluate(HOLD_ANSWERS, "query TaskPage(")
    admin.keyboard.press("l")
    admin.keyboard.press("l")  # going on, it reads anew what it missed
    until(lambda: admin.evaluate("held.length"))
    Frame(admin).expect_live()
    gate.touch()
    shown.expect_status("Succeeded")

    assert "RUNNING" in admin.evaluate("held[0]")

    admin.evaluate("letGo()")
    shown.expect_status("Succeeded")
    expect(shown.result.or_(admin.get_by_text("It returned nothing."))).to_be_visible()


def test_what_changed_before_the_first_connection_is_seen_once_it_is_there(
    rota: RotaServer, admin: Page, tmp_path: Path
) -> None:
    """And a server that broke under a connection does not end it for good."""
    gate, lets = tmp_path / "gate", [False]
    task = submit(rota, "wait_for_file", "Changed meanwhile", args={"path": str(gate)})

    def connect(socket: WebSocketRoute) -> None:
        if lets[0]:
            socket.connect_to_server()
        else:
            socket.close(code=BROKE)

    admin.route_web_socket("**/graphql", connect)
    row = TaskListPage(admin).open().row("Changed meanwhile")
    expect(row).to_contain_text("Running")
    expect(Frame(admin).live).to_have_text("Connecting")
    gate.touch()
    wait_until_succeeded(rota, task)
    expect(row).to_contain_text("Running")

    lets[0] = True
    Frame(admin).expect_live()
    expect(row).to_contain_text("Succeeded")


def test_what_changes_between_a_list_and_its_live_updates_is_seen(
    rota: RotaServer, admin: Page, tmp_path: Path
) -> None:
    """The connection is there already; only the wish to hear of this list is long on its way."""
    gate, held, lets = tmp_path / "gate", list[tuple[WebSocketRoute, str | bytes]](), [False]
    task = submit(rota, "wait_for_file", "Changed in between", args={"path": str(gate)})

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if lets[0] or "TaskListChanged" not in str(message):
                server.send(message)
            else:
                held.append((server, message))

        socket.on_message(pass_on)

    admin.route_web_socket("**/graphql", connect)
    admin.goto("/")
    frame = Frame(admin)
    frame.expect_live()
    frame.go("Tasks")
    row = TaskListPage(admin).row("Changed in between")
    expect(row).to_contain_text("Running")
    until(lambda: admin.evaluate("1") == 1 and bool(held))
    gate.touch()
    wait_until_succeeded(rota, task)
    expect(row).to_contain_text("Running")

    lets[0] = True
    for server, message in held:
        server.send(message)
    expect(row).to_contain_text("Succeeded")
