// @ts-check
// One job as a card. On a narrow page: what it is, then its state, then its progress; on a wide one all
// in a line.
import { useCancelQuestion } from "./cancel_question.js";
import { JobButtons } from "./job_buttons.js";
import { JobDetails, Problem } from "./job_details.js";
import { ProgressBar, StatusMark } from "./job_status.js";
import { Ago, Elapsed, Remaining } from "./times.js";
import { html } from "./vendor/htm-preact.js";

/** @import { JobLabels, Link } from "./payloads.d.ts" */
/** @import { OnAction, OpenableJob as Card, RowStyle, Selection } from "./types.d.ts" */

// Both labels take the room of the longer one, so that nothing beside them moves.
/** @param {{ job: Card, onAction: OnAction, labels: JobLabels }} props */
function Toggle({ job, onAction, labels }) {
  return html`<button type="button" class="etl-link" data-do="toggle" aria-expanded=${job.open ? "true" : "false"}
      aria-label=${`${job.open ? labels.close : labels.details} ${job.shortId}: ${job.title}`} onClick=${() => onAction("toggle", job.id)}>
    <span class="etl-either"><span data-on=${job.open ? "no" : "yes"}>${labels.details}</span><span data-on=${job.open ? "yes" : "no"}>${labels.close}</span></span>
    <span class="etl-chevron" aria-hidden="true"></span>
  </button>`;
}

// A job of an unknown state shows what is known of its progress.
/** @param {Card} job */
const isAtWork = (job) => job.status === "running" || (job.status === "unknown" && job.progress > 0);

/** @param {{ job: Card, labels: JobLabels }} props */
function Progress({ job, labels }) {
  const isRunning = isAtWork(job);
  return html`<div class="etl-card-progress">
    <div class="etl-progress">${isRunning && html`<${ProgressBar} job=${job} />${!job.endless && html`<span class="etl-number">${job.percent}</span>`}`}</div>
    <div class="etl-facts etl-card-counted">
      ${job.rows && html`<span class="etl-number">${job.rows}</span>`}
      ${job.startedAt && html`<${Elapsed} since=${job.startedAt} label=${isRunning ? labels.elapsed : labels.waiting} />`}
    </div>
    <div class="etl-facts etl-card-left">
      ${job.eta && html`<span class="etl-number">${job.eta}</span>`}
      ${job.deadline && html`<${Remaining} until=${job.deadline} label=${labels.deadline} />`}
    </div>
  </div>`;
}

/** @param {{ job: Card, language: string }} props */
function Facts({ job, language }) {
  const origin = [job.person, job.requestedBy, job.attempt].filter(Boolean);
  return html`<div class="etl-card-facts etl-facts">
    <span class="etl-card-state"><${StatusMark} job=${job} />
      ${job.step && html`<span>${job.step}</span>`}
      ${job.finishedAt && html`<${Ago} at=${job.finishedAt} language=${language} title=${job.finishedText} />`}</span>
    ${job.duration && html`<span class="etl-card-took">${job.duration}</span>`}
    <span class="etl-card-who">${origin.map((fact) => html`<span key=${fact}>${fact}</span>`)}
      ${job.retryOf && html`<a href=${job.retryOf.href}>${job.retryOf.text}</a>`}</span>
  </div>`;
}

// Where a retry would fail again it comes second, below the reason.
/** @param {{ job: Card, repair: Link, onAction: OnAction, labels: JobLabels }} props */
function Repair({ job, repair, onAction, labels }) {
  return html`<p class="etl-repair">
    <a class="etl-button" href=${repair.href} target="_self" aria-label=${`${repair.text}: ${job.title}`}>${repair.text}</a>
    <${JobButtons} job=${{ ...job, cancel: null, promote: null }} onAction=${onAction} labels=${labels} />
  </p>`;
}

/**
 * @param {{ job: Card, onAction: OnAction, labels: JobLabels, language: string, selection?: Selection,
 *   style?: RowStyle, untitled?: boolean }} props
 */
export function JobCard({ job, onAction, labels, language, selection, style, untitled }) {
  const { act, question } = useCancelQuestion(job, onAction, labels);
  return html`<li class="etl-card" tabindex="-1" style=${style?.(job)} data-job-id=${job.id} data-status=${job.status} data-progress=${job.progress}>
    <div class="etl-card-head">
      ${selection && job.select && html`<input type="checkbox" data-do="select" aria-label=${`${job.select}: ${job.title}`}
        checked=${selection.ids.has(job.id)} onChange=${() => selection.toggle(job.id)} />`}
      ${!untitled && html`<span class="etl-title etl-opens" title=${job.title} onClick=${() => onAction("toggle", job.id)}>${job.title}</span>`}
      <span class="etl-card-buttons"><${JobButtons} job=${job.repair ? { ...job, retry: null } : job} onAction=${act} labels=${labels} /><${Toggle} job=${job} onAction=${onAction} labels=${labels} /></span>
      <${Facts} job=${job} language=${language} />
      ${(isAtWork(job) || job.status === "pending") && html`<${Progress} job=${job} labels=${labels} />`}
    </div>
    ${question}
    ${job.problem && html`<${Problem} problem=${job.problem} labels=${labels}>
      ${job.repair && html`<${Repair} job=${job} repair=${job.repair} onAction=${act} labels=${labels} />`}
    <//>`}
    ${job.open && html`<${JobDetails} details=${job.details} labels=${labels} />`}
  </li>`;
}
