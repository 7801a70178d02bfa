// @ts-check
// One job on its own: a line or a card.
import { JobCard } from "./job_card.js";
import { JobLine } from "./job_line.js";
import { FrozenClock, frozenAt, useFreshness } from "./portal_connection.js";
import { html } from "./vendor/htm-preact.js";

/** @import { JobPayload } from "./payloads.d.ts" */
/** @import { ViewProps } from "./types.d.ts" */

/** @param {ViewProps<JobPayload>} props */
export function OneJob({ data: payload, onAction, language }) {
  const data = useFreshness(payload);
  if (!data.job) return html`<span class="etl-facts">${data.emptyText}</span>`;
  const common = { job: data.job, onAction, labels: data.labels };
  return html`<${FrozenClock.Provider} value=${frozenAt(data)}><div data-freshness=${data.freshness}>${data.compact
    ? html`<${JobLine} ...${common} />`
    : html`<ul class="etl-list" aria-label=${data.untitled ? data.job.title : undefined}>
        <${JobCard} ...${common} language=${language} untitled=${data.untitled} />
      </ul>`}
  </div><//>`;
}
