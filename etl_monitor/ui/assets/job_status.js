// @ts-check
// How a job stands, as its line and its card show it: icon, status, progress bar.
import { html } from "./vendor/htm-preact.js";

/** @import { JobRow } from "./payloads.d.ts" */

/** @type {Record<string, string>} */
export const ICONS = { pending: "◷", running: "▶", completed: "✓", failed: "!", cancelled: "⊘", cancelling: "…", unknown: "?" };

/** The status that colours a job. @param {JobRow} job */
const toneOf = (job) => (job.cancelling ? "cancelling" : job.status);

/** @param {{ job: JobRow }} props */
export function StatusMark({ job }) {
  return html`<span class="etl-status" data-tone=${toneOf(job)}>
    <span class="etl-icon" aria-hidden="true">${ICONS[toneOf(job)]}</span>${job.statusText}
  </span>`;
}

/** @param {{ job: JobRow }} props */
export function ProgressBar({ job }) {
  if (job.endless) // without a value, screen readers say that it is busy
    return html`<div class="etl-bar" role="progressbar" aria-label=${job.title} aria-valuetext=${job.rows}>
      <div class="etl-bar-fill etl-bar-endless" data-tone=${toneOf(job)}></div>
    </div>`;
  return html`<div class="etl-bar" role="progressbar" aria-label=${job.title} aria-valuemin="0"
      aria-valuemax="100" aria-valuenow=${job.progress} aria-valuetext=${job.percent}>
    <div class="etl-bar-fill" data-tone=${toneOf(job)} style=${{ width: `${job.progress}%` }}></div>
  </div>`;
}
