"""The API tried in GraphiQL: examples, completion, a subscription, and who one is by cookie, mutation and token."""

import json
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from e2e.journeys.test_every_page import SHOTS, THEMES, heard, themed
from e2e.support.axe import grave_faults
from e2e.support.tasks import submit
from tests.support.whole import ADMIN, PASSWORD, RotaServer

BIG = 2**70 + 1
MAKE_TOKEN = "mutation ($input: ApiTokenInput!) { createApiToken(input: $input) { secret } }"
SEARCH = "query ($search: String) { tasks(filter: { search: $search }) { nodes { args } } }"


class GraphiQL:
    """What somebody does in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.goto("/graphiql")
        expect(page.get_by_role("heading", name="Examples")).to_be_visible()
        for window in ("Query Editor", "Result Window"):
            expect(page.get_by_role("region", name=window).locator(".CodeMirror")).to_be_visible()

    def example(self, name: str, operation: str) -> None:
        """Opens an example; its tab has the name of its operation."""
        self.page.get_by_role("region", name="Examples").get_by_role("button", name=name, exact=True).click()
        current = self.page.locator('[aria-current="true"]')
        expect(self.page.get_by_role("button", name=operation, exact=True).and_(current)).to_be_visible()

    def write(self, editor: str, text: str) -> None:
        """Puts text into an editor, as pasting does: typing would be completed."""
        self.page.get_by_role("button", name=editor, exact=True).click()
        box = self.page.get_by_role("region", name=editor).locator(".CodeMirror >> visible=true")
        box.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def run(self) -> None:
        self.page.get_by_role("button", name=re.compile("Execute query")).click()

    def shows(self, text: str) -> None:
        expect(self.page.get_by_role("region", name="Result Window")).to_contain_text(text)


@pytest.mark.parametrize("theme", THEMES)
def test_a_task_is_submitted_and_followed(
    rota: RotaServer, new_page: Callable[..., Page], theme: str, browser_name: str
) -> None:
    page = new_page()
    themed(page, theme)
    said = heard(page)
    graphiql = GraphiQL(page)
    expect(page.get_by_role("link", name=ADMIN)).to_be_visible()
    graphiql.run()
    graphiql.shows(f'"username": "{ADMIN}"')
    graphiql.example("Submit a task", "Submit")
    wish = {"function": "multiply", "title": f"Long digits {theme}", "args": {"a": BIG, "b": 1}}
    graphiql.write("Variables", json.dumps({"input": wish}))
    graphiql.run()
    graphiql.shows('"status": "QUEUED"')
    # Every digit of it, there and back: JavaScript's own numbers would lose the last ones.
    with rota.client() as client:
        found = client.call(SEARCH, search=wish["title"])["tasks"]["nodes"]
    assert [task["args"]["a"] for task in found] == [BIG]
    task_id = submit(rota, "multiply", "Watched from GraphiQL", args={"a": BIG, "b": 1})
    graphiql.example("Follow one task", "Follow")
    graphiql.write("Variables", json.dumps({"id": task_id}))
    graphiql.run()
    graphiql.shows('"status": "SUCCEEDED"')
    graphiql.shows(f'"result": {BIG}')
    # Firefox's own process breaks down when axe reads the styles of editors that are hidden.
    if browser_name != "firefox":
        assert grave_faults(page) == []
    assert said == []
    page.screenshot(path=SHOTS / f"graphiql-{theme}.png")


def test_nothing_lies_over_another_on_a_phone(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    graphiql = GraphiQL(page)
    graphiql.example("Submit a task", "Submit")
    boxes = [
        place.bounding_box()
        for place in (page.locator(".graphiql-tabs"), page.get_by_role("button", name="New tab"), page.locator(".home"))
    ]
    for before, after in pairwise(boxes):
        assert before is not None
        assert after is not None
        assert before["x"] + before["width"] <= after["x"]
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    graphiql.example("Who am I", "WhoAmI")
    graphiql.run()
    graphiql.shows(f'"username": "{ADMIN}"')
    expect(page.get_by_role("region", name="Result Window")).to_be_in_viewport()


def test_one_signs_in_by_mutation_and_by_token(rota: RotaServer, open_page: Callable[..., Page]) -> None:
    page = open_page(rota)
    graphiql = GraphiQL(page)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    graphiql.example("Watch the numbers", "Numbers")
    graphiql.run()
    graphiql.shows("UNAUTHENTICATED")
    with rota.client() as client:
        made = client.call(MAKE_TOKEN, input={"name": "for GraphiQL"})["createApiToken"]
    token = made["secret"]
    graphiql.write("Headers", json.dumps({"Authorization": f"Bearer {token}"}))
    graphiql.run()
    graphiql.shows('"activeWorkers": 1')
    page.get_by_role("button", name="Stop query").click()
    graphiql.example("Sign in", "SignIn")
    graphiql.write("Variables", json.dumps({"input": {"username": ADMIN, "password": PASSWORD}}))
    graphiql.run()
    graphiql.shows(f'"username": "{ADMIN}"')
    expect(page.get_by_role("link", name=ADMIN)).to_be_visible()
    kept = page.evaluate("() => JSON.stringify(localStorage)")
    assert PASSWORD not in kept
    assert token not in kept
    graphiql.example("Watch the numbers", "Numbers")
    graphiql.run()
    graphiql.shows('"activeWorkers": 1')
