"""Checks of a page's layout: text that is cut off or lies over another, and a page that is wider
than its window."""

from playwright.sync_api import Page

from tests.support.eventually import eventually

# Texts outside of the window or of a box that clips them. Exempt are texts that one can scroll to,
# texts for screen readers, and texts that end in "…" and have a title with the full text.
CUT_OFF_TEXTS = """() => {
    const unseen = ".etl-visually-hidden, svg, style, [aria-hidden=true]";
    const boxesOf = (element) => element ? [element, ...boxesOf(element.parentElement)] : [];
    const isShortened = (box) => box.title && getComputedStyle(box).textOverflow === "ellipsis";
    const isVisible = (text, boxes) => text.width > 0 && text.right > 0
        && boxes.every((box) => box.offsetWidth !== 1 && !isShortened(box));
    const isBeyond = (text, { left, right }) => text.left < left - 1 || text.right > right + 1;
    const isBelow = (text, { top, bottom }) => text.top < top - 1 || text.bottom > bottom + 1;
    const isCutOff = (text, boxes) => {
        const scrolled = { X: false, Y: false };
        for (const box of boxes) {
            const style = getComputedStyle(box);
            const hides = (axis) => {
                scrolled[axis] ||= ["auto", "scroll"].includes(style[`overflow${axis}`]);
                return !scrolled[axis] && ["hidden", "clip"].includes(style[`overflow${axis}`]);
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
        if (!data.trim() || !isShown || holder.closest(unseen)) continue;
        range.selectNodeContents(walker.currentNode);
        const boxes = boxesOf(holder);
        const isWrong = (text) => isVisible(text, boxes) && isCutOff(text, boxes);
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
# Texts of a card or of the badge, which shorten none, that lie over each other.
OVERLAPS = """() => {
    const linesOf = (card) => {
        const lines = [];
        const [walker, range] = [
            document.createTreeWalker(card, NodeFilter.SHOW_TEXT), document.createRange(),
        ];
        while (walker.nextNode()) {
            const text = walker.currentNode;
            const isShown = text.parentElement.checkVisibility({ visibilityProperty: true });
            if (!text.data.trim() || !isShown) continue;
            if (text.parentElement.closest(".etl-visually-hidden, svg, style")) continue;
            range.selectNodeContents(text);
            for (const box of range.getClientRects()) lines.push({ data: text.data.trim(), box });
        }
        return lines;
    };
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
    return [...document.querySelectorAll(".etl-card-head, .etl-badge")]
        .flatMap((card) => {
            const lines = linesOf(card);
            return lines.flatMap((line, index) => lines.slice(index + 1)
                .filter((other) => meet(line.box, other.box))
                .map((other) => `${line.data} over ${other.data}`));
        });
}"""

# Controls of the portal's own components that are too small for a finger.
SMALL_TARGETS = """() => {
    const controls = "a, button, summary, select, input:not([type=file])";
    const shown = [...document.querySelectorAll(".etl-monitor, .etl-report")]
        .flatMap((component) => [...component.querySelectorAll(controls)])
        .filter((control) => control.checkVisibility());
    return shown.filter((control) => {
        const { width, height } = control.getBoundingClientRect();
        return width > 1 && (width < 24 || height < 24);
    }).map((control) => control.outerHTML.slice(0, 160));
}"""


def assert_targets_fit_a_finger(page: Page) -> None:
    """Assert that each is 24 pixels high and wide, once the page is at rest."""

    def are_large() -> None:
        assert page.evaluate(SMALL_TARGETS) == []

    eventually(are_large, within=10)


def assert_nothing_is_cut_off(page: Page) -> None:
    """Assert it once the page is at rest."""

    def is_cut_off_nowhere() -> None:
        faults = cut_off(page)
        assert faults == [], faults

    eventually(is_cut_off_nowhere, within=10)


def cut_off(page: Page) -> list[str]:
    """Return the texts that are cut off or lie over each other, and the boxes that are too wide."""
    faults: list[str] = []
    for script in (TOO_WIDE, CUT_OFF_TEXTS, CUT_OFF_HINTS, OVERLAPS):
        faults += page.evaluate(script)
    return faults
