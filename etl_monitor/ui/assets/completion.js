// @ts-check
// The list below a search box that completes `status:`, `person:` and `kind:`. The box is Streamlit's,
// the focus stays in it: it becomes a combobox, from which screen readers learn of the list.
import { searchInput } from "./keys.js";
import { offersFor, taken, wordAt } from "./search_words.js";
import { html, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { Completion as CompletionData } from "./payloads.d.ts" */
/** @import { Offer } from "./search_words.js" */
/** What is shown; no offers: nothing. @typedef {{ offers: Offer[], active: number }} Shown */

const NOTHING = /** @type {Shown} */ ({ offers: [], active: -1 });
const GAP = 4; // px between the box and its list
const LOWEST = 160; // px of room below the box; with less, the list stands above it if there is more

/** Types a text into Streamlit's box, as a person would. @param {HTMLInputElement} input @param {{ text: string, caret: number }} content */
function type(input, { text, caret }) {
  const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  value?.set?.call(input, text);
  input.setSelectionRange(caret, caret);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {HTMLInputElement} input @param {string} listId @param {Shown} shown */
function describe(input, listId, { offers, active }) {
  const isOpen = offers.length > 0;
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", autocomplete: "off" };
  Object.entries(attributes).forEach(([name, value]) => input.setAttribute(name, value));
  input.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) input.setAttribute("aria-controls", listId);
  else input.removeAttribute("aria-controls");
  if (isOpen && active >= 0) input.setAttribute("aria-activedescendant", `${listId}-${active}`);
  else input.removeAttribute("aria-activedescendant");
}

/** Puts the list below the box, or above it. @param {HTMLElement} list @param {Element} box */
function align(list, box) {
  const { left, top, bottom, width } = box.getBoundingClientRect();
  const below = window.innerHeight - bottom - 2 * GAP;
  const isBelow = below >= Math.min(LOWEST, list.scrollHeight) || below >= top;
  Object.assign(list.style, { left: "0px", top: "0px", minWidth: `${Math.min(width, 320)}px`, maxHeight: `${(isBelow ? below : top) - GAP}px` });
  const own = list.getBoundingClientRect(); // an ancestor may be what `fixed` counts from
  const x = Math.max(GAP, Math.min(left, document.documentElement.clientWidth - own.width - GAP));
  const y = isBelow ? bottom + GAP : top - own.height - GAP;
  Object.assign(list.style, { left: `${x - own.left}px`, top: `${y - own.top}px` });
}

/** Streamlit's frame around a box. @param {HTMLInputElement} input */
const frameOf = (input) => input.closest("[data-testid=stTextInputRootElement]") ?? input;

/** @param {{ data: CompletionData }} props */
export function Completion({ data }) {
  const { searchKey, fields, label } = data;
  const listId = `etl-offers-${searchKey}`;
  const shown = useRef(NOTHING);
  const latest = useRef(fields);
  latest.current = fields;
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const [, draw] = useState(0);

  /** @returns {HTMLInputElement | null} */
  const box = () => document.querySelector(searchInput(searchKey));
  const show = (/** @type {Shown} */ next) => {
    if (next !== shown.current) draw((n) => n + 1);
    shown.current = next;
  };
  const offer = (/** @type {HTMLInputElement} */ input, isRequested = false) => {
    const { typed } = wordAt(input.value, input.selectionStart ?? 0);
    const offers = offersFor(typed, latest.current, isRequested);
    show(offers.length ? { offers, active: 0 } : NOTHING);
  };
  const take = (/** @type {number} */ index) => {
    const input = box();
    const chosen = shown.current.offers[index];
    if (!input || !chosen) return;
    show(NOTHING);
    type(input, taken(input.value, input.selectionStart ?? input.value.length, chosen));
  };

  useLayoutEffect(() => {
    const ours = (/** @type {Event} */ { target }) =>
      target instanceof HTMLInputElement && target.matches(searchInput(searchKey)) ? target : null;
    const step = (/** @type {1 | -1} */ by) => {
      const { offers, active } = shown.current;
      show({ offers, active: (active + by + offers.length) % offers.length });
    };
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      Enter: () => take(shown.current.active),
      Tab: () => take(shown.current.active),
      Escape: () => show(NOTHING),
    };
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      const input = ours(event);
      if (!input || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const isOpen = shown.current.offers.length > 0;
      if (isOpen && keys[event.key]) keys[event.key]?.();
      else if (event.key === "ArrowDown") offer(input, true);
      else return;
      if (!isOpen && shown.current === NOTHING) return; // there was nothing to offer
      event.preventDefault();
      event.stopImmediatePropagation(); // the next Esc leaves the search
    };
    const onInput = (/** @type {Event} */ event) => {
      const input = ours(event);
      if (input) offer(input);
    };
    const onLeave = (/** @type {Event} */ event) => ours(event) && show(NOTHING);
    const onMove = () => {
      const input = box();
      if (input && list.current) align(list.current, frameOf(input));
    };
    // Before the page's own keys, which have the document.
    const listeners = /** @type {[string, any][]} */ ([
      ["keydown", onKey], ["input", onInput], ["focusout", onLeave], ["scroll", onMove], ["resize", onMove],
    ]);
    listeners.forEach(([name, listener]) => window.addEventListener(name, listener, true));
    // Streamlit may draw the box later than this, or anew.
    const observer = new MutationObserver(() => {
      const input = box();
      if (input && input.role !== "combobox") describe(input, listId, shown.current);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      listeners.forEach(([name, listener]) => window.removeEventListener(name, listener, true));
      observer.disconnect();
    };
  }, [searchKey]);

  const { offers, active } = shown.current;
  useLayoutEffect(() => {
    const input = box();
    if (!input) return;
    describe(input, listId, shown.current);
    if (list.current) align(list.current, frameOf(input));
  });
  if (offers.length === 0) return null;
  return html`<ul class="etl-offers" role="listbox" id=${listId} aria-label=${label} ref=${list}>
    ${offers.map((each, index) => html`<li key=${each.text} role="option" id=${`${listId}-${index}`} aria-selected=${index === active}
      onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${() => take(index)}>
      <span title=${each.label}>${each.label}</span>${each.note && html`<span class="etl-faint">${each.note}</span>`}
    </li>`)}
  </ul>`;
}
