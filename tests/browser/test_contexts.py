"""What a page stores is gone when another test gets its context."""

from tests.browser.conftest import House
from tests.support.contexts import Contexts

STORE = """async () => {
    localStorage.setItem("a", "1");
    sessionStorage.setItem("a", "1");
    document.cookie = "a=1";
    await new Promise((done) => {
        const asked = indexedDB.open("a");
        asked.onsuccess = () => { asked.result.close(); done(); };
    });
    await caches.open("a");
}"""
STORED = """async () => ({
    local: localStorage.length, session: sessionStorage.length, cookies: document.cookie,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
    permission: (await navigator.permissions.query({name: "clipboard-read"})).state,
})"""
NOTHING = {
    "local": 0, "session": 0, "cookies": "", "databases": 0, "caches": 0, "permission": "prompt"
}  # fmt: skip


def test_nothing_is_left_by_the_visitor_before(house: House, contexts: Contexts) -> None:
    address = f"{house.portal.url}/healthz"
    with contexts.lent() as first, contexts.lent() as other:
        assert first != other
        page = first.new_page()
        page.goto(address)
        page.evaluate(STORE)
        first.grant_permissions(["clipboard-read"])
        assert NOTHING.items().isdisjoint(page.evaluate(STORED).items())
        elsewhere = other.new_page()
        elsewhere.goto(address)
        assert elsewhere.evaluate(STORED) == NOTHING
    with contexts.lent() as again:
        assert again == first
        page = again.new_page()
        page.goto(address)
        assert page.evaluate(STORED) == NOTHING
