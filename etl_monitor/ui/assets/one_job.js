// @ts-check
// One job on its own: a line or a card.
import { JobCard } from "./job_card.js";
import { JobLine } from "./job_line.js";
import { FrozenClock, frozenAt, useFreshness } from "./portal_connection.js";
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { JobPayload } from "./payloads.d.ts" */
/** @import { ViewProps } from "./types.d.ts" */

const IS_ENDED = new Set(["completed", "failed", "cancelled"]);

/** How the job ended while the page showed it, for screen readers; a monitor says it of all jobs. @param {JobPayload["job"]} job */
function useEnd(job) {
  const [said, say] = useState("");
  const before = useRef(job?.status);
  useEffect(() => {
    if (job && before.current && before.current !== job.status) say(IS_ENDED.has(job.status) ? `${job.title}: ${job.statusText}` : "");
    before.current = job?.status;
  }, [job?.status]);
  return said;
}

/** @param {ViewProps<JobPayload>} props */
export function OneJob({ data: payload, onAction, language }) {
  const data = useFreshness(payload);
  const end = useEnd(data.job);
  if (!data.job) return html`<span class="etl-facts">${data.emptyText}</span>`;
  const common = { job: data.job, onAction, labels: data.labels };
  return html`<${FrozenClock.Provider} value=${frozenAt(data)}><div data-freshness=${data.freshness}>${data.compact
    ? html`<${JobLine} ...${common} />`
    : html`<ul class="etl-list" aria-label=${data.untitled ? data.job.title : undefined}>
        <${JobCard} ...${common} language=${language} untitled=${data.untitled} />
      </ul>`}
    ${data.untitled && html`<span class="etl-visually-hidden" role="status">${end}</span>`}
  </div><//>`;
}
