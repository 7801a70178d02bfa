"""What of a page's text is cut off, and whether the page is wider than its window."""

from playwright.sync_api import Page

from tests.support.eventually import eventually

# Texts beyond their window, or beyond a box that hides what sticks out of it. Not what can be
# scrolled to, what is for screen readers only, and what ends in "…" where a title says it in full.
CUT_OFF_TEXTS = """() => {
    const spoken = ".etl-visually-hidden, svg, style, [aria-hidden=true]";
    const boxesOf = (element) => element ? [element, ...boxesOf(element.parentElement)] : [];
    const isShortened = (box) => box.title && getComputedStyle(box).textOverflow === "ellipsis";
    const isForTheEye = (text, boxes) => text.width > 0 && text.right > 0
        && boxes.every((box) => box.offsetWidth !== 1 && !isShortened(box));
    const isBeyond = (text, { left, right }) => text.left < left - 1 || text.right > right + 1;
    const isBelow = (text, { top, bottom }) => text.top < top - 1 || text.bottom > bottom + 1;
    const isCutOff = (text, boxes) => {
        const scrolled = { X: false, Y: false };
        for (const box of boxes) {
            const style = getComputedStyle(box);
            const hides = (way) => {
                scrolled[way] ||= ["auto", "scroll"].includes(style[`overflow${way}`]);
                return !scrolled[way] && ["hidden", "clip"].includes(style[`overflow${way}`]);
            };
            const edges = box.getBoundingClientRect();
            if (hides("X") && isBeyond(text, edges)) return true;
            if (hides("Y") && isBelow(text, edges)) return true;
        }
        return !scrolled.X && isBeyond(text, { left: 0, right: innerWidth });
    };
    const found = [];
    const [walker, range] = [
        document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), document.createRange(),
    ];
    while (walker.nextNode()) {
        const { data, parentElement: holder } = walker.currentNode;
        const isShown = holder.checkVisibility({ visibilityProperty: true });
        if (!data.trim() || !isShown || holder.closest(spoken)) continue;
        range.selectNodeContents(walker.currentNode);
        const boxes = boxesOf(holder);
        const isWrong = (text) => isForTheEye(text, boxes) && isCutOff(text, boxes);
        if ([...range.getClientRects()].some(isWrong)) found.push(data.trim());
    }
    return found;
}"""
CUT_OFF_HINTS = """() => {
    const pen = document.createElement("canvas").getContext("2d");
    const isCutOff = (input) => {
        const { font, paddingLeft, paddingRight } = getComputedStyle(input);
        pen.font = font;
        const room = input.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        return input.checkVisibility() && pen.measureText(input.placeholder).width > room + 1;
    };
    const inputs = document.querySelectorAll("input[placeholder]");
    return [...inputs].filter(isCutOff).map((input) => input.placeholder);
}"""
TOO_WIDE = """() => {
    const boxes = document.querySelectorAll("html, [data-testid=stApp], [data-testid=stMain]");
    const isTooWide = (box) => box.scrollWidth > box.clientWidth;
    return [...boxes].filter(isTooWide).map((box) => `the page: ${box.dataset.testid}`);
}"""


def assert_all_is_seen(page: Page) -> None:
    """Once it has come to rest."""

    def nothing_is_cut_off() -> None:
        found = cut_off(page)
        assert found == [], found

    eventually(nothing_is_cut_off, within=10)


def cut_off(page: Page) -> list[str]:
    found: list[str] = []
    for look in (TOO_WIDE, CUT_OFF_TEXTS, CUT_OFF_HINTS):
        found += page.evaluate(look)
    return found
