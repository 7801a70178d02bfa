// @ts-check
// One job as a line.
import { useCancelQuestion } from "./cancel_question.js";
import { JobButtons } from "./job_buttons.js";
import { ICONS, ProgressBar, StatusMark } from "./job_status.js";
import { html } from "./vendor/htm-preact.js";

/** @import { JobLabels, JobRow } from "./payloads.d.ts" */
/** @import { OnAction, Standing } from "./types.d.ts" */

/** The scores of an earlier run stand: the test is completed. @param {{ job: JobRow, standing: Standing }} props */
const LastRun = ({ job, standing }) => html`<span class="etl-status" data-tone="completed">
    <span class="etl-icon" aria-hidden="true">${ICONS.completed}</span>${standing.status}</span>
  <span class="etl-last-run" data-tone=${job.status}>${standing.lastRun}</span>`;

/** @param {{ job: JobRow, standing?: Standing | null, onAction: OnAction, labels: JobLabels }} props */
export function JobLine({ job, standing, onAction, labels }) {
  const { act, question } = useCancelQuestion(job, onAction, labels);
  const facts = [job.step, job.eta].filter(Boolean).join(" · ");
  return html`<div class="etl-compact" data-job-id=${job.id} data-status=${job.status}
      data-progress=${job.progress}>
    ${standing ? html`<${LastRun} job=${job} standing=${standing} />` : html`<${StatusMark} job=${job} />`}
    ${job.status === "running" && html`<${ProgressBar} job=${job} /><span class="etl-number">${job.endless ? job.rows : job.percent}</span>`}
    ${facts && html`<span class="etl-facts" title=${facts}>${facts}</span>`}
    ${job.problem && html`<span class="etl-facts etl-why" title=${job.problem.reason}>${job.problem.reason}</span>`}
    <${JobButtons} job=${job} onAction=${act} labels=${labels} small=${true} />
    ${question}
  </div>`;
}
