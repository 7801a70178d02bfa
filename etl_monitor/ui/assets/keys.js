// @ts-check
// Single-key shortcuts of the monitor. They can be turned off in the list that `?` and a button show,
// and never act while a person types.
import { isDialogOpen } from "./dialog.js";
import { html, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { KeysPayload } from "./payloads.d.ts" */
/** @import { OnAction } from "./types.d.ts" */

const INPUTS = "input:not([type=checkbox]), textarea, select, [contenteditable=true]";

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof Element && target.closest(INPUTS) !== null;

// While Hangul or Cyrillic is typed, `j` is another letter, or none yet: the key's position counts.
/** @type {Record<string, string>} */
const LETTERS = { KeyJ: "j", KeyK: "k", KeyC: "c", KeyR: "r", KeyX: "x", Slash: "/" };

/** @param {string} key */
const isLatin = (key) => /^[!-~]$/.test(key) || key === "Enter";

/** The shortcut's key of a keyboard event. @param {Pick<KeyboardEvent, "key" | "code" | "shiftKey">} event */
export function keyOf({ key, code, shiftKey }) {
  if (isLatin(key)) return key;
  const letter = LETTERS[code];
  return shiftKey ? (letter === "/" ? "?" : undefined) : letter;
}

/** @returns {HTMLElement[]} */
const cards = () => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".etl-card"))];

/** Moves the focus to another card. @param {1 | -1} step */
function move(step) {
  const all = cards();
  const current = all.findIndex((card) => card.contains(document.activeElement));
  all[Math.max(0, Math.min(all.length - 1, current + step))]?.focus();
  return true;
}

/** Clicks a control of the focused card, if it has it. @param {string} name */
function press(name) {
  const card = document.activeElement?.closest(".etl-card");
  const control = /** @type {HTMLElement | null | undefined} */ (card?.querySelector(`[data-do="${name}"]`));
  control?.click();
  return Boolean(control);
}

/** The selector of a search box's input. @param {string} key of the input */
export const searchInput = (key) => `.st-key-${key.replace(/[^\w-]/g, "-")} input`;

/** @param {string} key of the input */
function focusSearch(key) {
  /** @type {HTMLElement | null} */ (document.querySelector(searchInput(key)))?.focus();
  return true;
}

/**
 * Leaves a search with its text, for the list that it searches: the monitor's or that of the results.
 * What else a page searches is its own.
 * @param {KeyboardEvent} event @param {string} searchKey of the monitor's input
 */
function leaveSearch(event, searchKey) {
  const { target } = event;
  if (event.key !== "Escape" || event.isComposing || isDialogOpen()) return;
  if (!(target instanceof HTMLElement) || !target.matches('.stMain input[type="search"]')) return;
  const isOurs = target.matches(searchInput(searchKey));
  const list = /** @type {HTMLElement | null} */ (document.querySelector(isOurs ? "h2[data-list]" : "ul[data-list]"));
  if (!isOurs && !list) return;
  event.preventDefault(); // a browser would empty it
  target.blur();
  list?.focus();
}

// The choice of this browser's person. A browser that stores nothing (a private window) forgets it
// with the page.
const STORAGE_KEY = "etl-monitor-keys";
let areOff = false;

function areKeysOn() {
  try {
    return localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    return !areOff;
  }
}

/** @param {boolean} isOn */
function turnKeys(isOn) {
  areOff = !isOn;
  try {
    if (isOn) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, "off");
  } catch {
    // areOff holds it
  }
}

/** The switch that turns shortcuts on and off. @param {{ data: KeysPayload }} props */
export function Keys({ data }) {
  const [isOn, setOn] = useState(areKeysOn());
  const turn = () => {
    turnKeys(!isOn);
    setOn(!isOn);
  };
  return html`<label class="etl-switch"><input type="checkbox" role="switch" checked=${isOn} onChange=${turn} />${data.label}</label>
    ${!isOn && html`<p class="etl-facts">${data.off}</p>`}`;
}

/** @param {OnAction} onAction @param {string | null} searchKey null: the keyboard is not ours */
export function useKeys(onAction, searchKey) {
  const latest = useRef(onAction);
  latest.current = onAction;
  // A layout effect: a job that is seen can take its key, even before the browser has painted.
  useLayoutEffect(() => {
    if (searchKey === null) return;
    /** @type {Record<string, () => boolean | undefined>} */
    const shortcuts = {
      "/": () => focusSearch(searchKey),
      "?": () => (latest.current("shortcuts"), true),
      j: () => move(1),
      k: () => move(-1),
      c: () => press("cancel"),
      r: () => press("retry"),
      x: () => press("select"),
      Enter: () => document.activeElement?.matches(".etl-card") && press("toggle"),
    };
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (!areKeysOn() || isDialogOpen()) return;
      if (shortcuts[keyOf(event) ?? ""]?.()) {
        event.preventDefault();
        event.stopImmediatePropagation(); // Streamlit has an R and a C of its own
      }
    };
    const onEscape = (/** @type {KeyboardEvent} */ event) => leaveSearch(event, searchKey);
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("keydown", onEscape, true);
    return () => {
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("keydown", onEscape, true);
    };
  }, [searchKey]);
}
