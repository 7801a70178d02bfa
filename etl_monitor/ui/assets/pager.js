// @ts-check
// The pages of a list.
import { html, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { ListLabels, Pager as Pages } from "./payloads.d.ts" */
/** @import { OnAction } from "./types.d.ts" */

// Not `disabled` at the first and the last page: the button would lose the focus there.
/** @param {{ isPossible: boolean, text: string, onClick: () => void }} props */
const PageButton = ({ isPossible, text, onClick }) => html`<button type="button" class="etl-button"
  aria-disabled=${isPossible ? undefined : "true"} onClick=${() => isPossible && onClick()}>${text}</button>`;

/**
 * Turning a page scrolls to its first row; the focus stays, for the next turn.
 * @param {{ pager: Pages, labels: ListLabels, onAction: OnAction }} props
 */
export function Pager({ pager, labels, onAction }) {
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const isTurning = useRef(false);
  const [announcement, announce] = useState("");
  const turn = (/** @type {"newer" | "older"} */ direction) => {
    isTurning.current = true;
    onAction(direction);
  };
  useLayoutEffect(() => {
    if (!isTurning.current) return;
    isTurning.current = false;
    if (root.current) scrollTo(listBefore(root.current));
    announce(pager.text);
  }, [pager.text]);
  return html`<nav class="etl-pager" aria-label=${pager.text} ref=${root}>
    <${PageButton} isPossible=${pager.newer} text=${labels.newer} onClick=${() => turn("newer")} />
    <span class="etl-number">${pager.text}</span>
    <span class="etl-visually-hidden" role="status">${announcement}</span>
    <${PageButton} isPossible=${pager.older} text=${labels.older} onClick=${() => turn("older")} />
  </nav>`;
}

/** @param {HTMLElement} element */
function listBefore(element) {
  const lists = [...(element.closest(".etl-view")?.querySelectorAll("[data-list]") ?? [])];
  return lists.findLast((list) => element.compareDocumentPosition(list) & Node.DOCUMENT_POSITION_PRECEDING);
}

/** @param {Element | undefined} list */
function scrollTo(list) {
  if (list === undefined) return;
  const covered = parseFloat(getComputedStyle(list).scrollMarginTop); // by what stays at the top
  if (list.getBoundingClientRect().top < covered) list.scrollIntoView({ block: "start" });
}
