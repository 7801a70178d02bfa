// @ts-check
// A sentence that comes and goes by itself: how far a requested file is, or why there is none.
import { html } from "./vendor/htm-preact.js";

/** @import { NoticePayload } from "./payloads.d.ts" */

/** @param {{ data: NoticePayload }} props */
export function Notice({ data }) {
  return html`<div role="status">
    ${data.text && html`<p class=${data.isProblem ? "etl-problem" : "etl-facts"}>${data.text}</p>`}
  </div>`;
}
