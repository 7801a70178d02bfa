// @ts-check
// One job as a line.
import { useCancelQuestion } from "./cancel_question.js";
import { JobButtons, ProgressBar, StatusMark } from "./job_parts.js";
import { html } from "./vendor/htm-preact.js";

/** @import { JobLabels, JobRow } from "./payloads.d.ts" */
/** @import { OnAction } from "./types.d.ts" */

/** @param {{ job: JobRow, onAction: OnAction, labels: JobLabels }} props */
export function JobLine({ job, onAction, labels }) {
  const { act, question } = useCancelQuestion(job, onAction, labels);
  const facts = [job.step, job.eta].filter(Boolean).join(" · ");
  return html`<div class="etl-compact" data-job-id=${job.id} data-status=${job.status}
      data-progress=${job.progress}>
    <${StatusMark} job=${job} />
    ${job.status === "running" && html`<${ProgressBar} job=${job} /><span class="etl-number">${job.endless ? job.rows : job.percent}</span>`}
    ${facts && html`<span class="etl-facts" title=${facts}>${facts}</span>`}
    ${job.problem && html`<span class="etl-facts etl-why" title=${job.problem.reason}>${job.problem.reason}</span>`}
    <${JobButtons} job=${job} onAction=${act} labels=${labels} small=${true} />
    ${question}
  </div>`;
}
