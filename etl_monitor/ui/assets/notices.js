// @ts-check
// What a command has led to, on another app's page: for some seconds, below the part in which the person
// gave it, over what is there. Nothing moves, and the page's own toasts stay its own.

/** @import { NoticesFrame } from "./payloads.d.ts" */

const SHOWN_FOR = 8000; // ms
const PAUSE = 100; // ms: a screen reader reads what comes into a region that is there before

// Outlives this script, which Streamlit may load again.
const shared = /** @type {{ __etlMonitorNotices?: { used: Element | null, shown: string } }} */ (globalThis);
const state = (shared.__etlMonitorNotices ??= { used: null, shown: "" });

/** Remember in which part the person gave the last command. @param {Element} part */
export const rememberUsed = (part) => void (state.used = part);

/** Show them once. @param {NoticesFrame} frame @param {Iterable<Element>} parts of the page */
export function showNotices({ session, number, notices }, parts) {
  const [first] = parts;
  const part = state.used?.isConnected ? state.used : first;
  const id = `${session} ${number}`;
  if (!part || state.shown === id) return;
  state.shown = id;
  const region = document.createElement("div");
  region.className = "etl-notices";
  region.setAttribute("role", "status");
  part.append(region);
  setTimeout(() => region.append(...notices.map(paragraph)), PAUSE);
  setTimeout(() => region.remove(), SHOWN_FOR);
}

/** @param {string} text */
function paragraph(text) {
  const element = document.createElement("p");
  element.textContent = text;
  return element;
}
