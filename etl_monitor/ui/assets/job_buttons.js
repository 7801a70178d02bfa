// @ts-check
// A job's buttons: promote, retry, cancel. Each click goes to the component's `onAction`.
import { html } from "./vendor/htm-preact.js";

/** @import { JobLabels, JobRow } from "./payloads.d.ts" */
/** @import { OnAction } from "./types.d.ts" */

/** @param {{ job: JobRow, onAction: OnAction, labels: JobLabels, small?: boolean }} props */
export function JobButtons({ job, onAction, labels, small }) {
  const button = (/** @type {"promote" | "retry" | "cancel"} */ kind) => job[kind] && html`<button type="button"
      key=${kind} data-do=${kind} class=${small ? "etl-button etl-small" : "etl-button"}
      aria-label=${`${job[kind]}: ${job.title}`} title=${`${labels[kind]}: ${job.title}`} onClick=${() => onAction(kind, job.id)}>${labels[kind]}</button>`;
  return html`<span class="etl-buttons">${!small && button("promote")}${button("retry")}${button("cancel")}</span>`;
}
