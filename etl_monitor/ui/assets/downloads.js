// @ts-check
// Buttons that download a file, and how far it is. They are links to plain routes of the portal: the
// browser itself fetches the file, so the page stays as it is, whatever comes.
import { html } from "./vendor/htm-preact.js";

/** @import { DownloadsPayload } from "./payloads.d.ts" */

/** The Space key presses a button, but not a link. @param {KeyboardEvent} event */
function press(event) {
  if (event.key !== " ") return;
  event.preventDefault();
  /** @type {HTMLElement} */ (event.currentTarget).click();
}

/** @param {{ data: DownloadsPayload }} props */
export function Downloads({ data: { what, files, note, isProblem } }) {
  const name = (/** @type {string} */ text) => (what ? `${what}: ${text}` : undefined);
  return html`<div class="etl-view">
    <div class="etl-downloads">${files.map((file) => html`<a class="etl-button" role="button" key=${file.text}
      aria-label=${name(file.text)} title=${name(file.text)} href=${file.href} download target="_self" onKeyDown=${press}>${file.text}</a>`)}</div>
    <div role="status">${note && html`<p class=${isProblem ? "etl-problem" : "etl-facts"}>${note}</p>`}</div>
  </div>`;
}
