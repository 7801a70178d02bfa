// @ts-check
// What opens under a job: facts, steps, attempts, log; and why a job failed.
import { copyText } from "./clipboard.js";
import { ICONS } from "./job_status.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { JobAttempt, JobDetails as Details, JobLabels, JobProblem, JobStep } from "./payloads.d.ts" */

const SAID_FOR = 5000; // ms

/** `children`: what can be done about it. @param {{ problem: JobProblem, labels: JobLabels, children?: unknown }} props */
export function Problem({ problem, labels, children }) {
  return html`<div class="etl-problem" role="note">
    <p>${problem.reason}</p>
    ${problem.rows.length > 0 && html`<p>${problem.rowsHeading}</p><ul>${problem.rows.map((row) => html`<li key=${row}>${row}</li>`)}</ul>`}
    <p class="etl-advice">${problem.advice}</p>
    ${children}
    ${problem.technical && html`<details><summary>${labels.technical}</summary><pre>${problem.technical}</pre></details>`}
  </div>`;
}

/** @param {{ steps: JobStep[] }} props */
function Steps({ steps }) {
  return html`<ol class="etl-steps">${steps.map((step) => html`<li key=${step.id} data-tone=${step.status}>
    <span class="etl-icon" aria-hidden="true">${ICONS[step.status]}</span>
    <span>${step.text}</span><span class="etl-visually-hidden">${step.statusText}</span>
    <span class="etl-step-time" aria-hidden="true"><span style=${{ left: `${step.left}%`, width: `${step.width}%` }}></span></span>
    <span class="etl-number">${step.rows}</span><span class="etl-number">${step.duration}</span>
  </li>`)}</ol>`;
}

/** @param {{ fact: [string, string, string] }} props */
function JobFact({ fact: [name, value, href] }) {
  return html`<div><dt>${name}</dt><dd>${href ? html`<a href=${href}>${value}</a>` : value}</dd></div>`;
}

/** @param {{ attempts: JobAttempt[], label: string }} props */
function Attempts({ attempts, label }) {
  return html`<div><h3>${label}</h3><ul class="etl-family">${attempts.map((attempt) => html`<li key=${attempt.id}>
    <a href=${attempt.href} aria-current=${attempt.current ? "true" : undefined}>${attempt.text}</a></li>`)}</ul></div>`;
}

// The newest line is in sight, unless the reader has scrolled up.
/** @param {{ text: string, label: string }} props */
function Log({ text, label }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  const onScroll = (/** @type {{ target: HTMLElement }} */ { target }) => {
    isAtEnd.current = target.scrollHeight - target.scrollTop - target.clientHeight < 4;
  };
  return html`<div><h3>${label}</h3><pre class="etl-log" tabindex="0" aria-label=${label} ref=${box} onScroll=${onScroll}>${text}</pre></div>`;
}

// Says for a while what came of it, then what it does again.
/** @param {{ text: string, name: string, labels: JobLabels }} props */
function Copy({ text, name, labels }) {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setOutcome(""), SAID_FOR);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () => copyText(text).then((isCopied) => setOutcome(isCopied ? labels.copied : labels.notCopied));
  return html`<button type="button" class="etl-button etl-small" onClick=${copy}>${outcome || name}</button>
    <span class="etl-visually-hidden" role="status">${outcome}</span>`;
}

/** @param {{ details: Details | null | undefined, labels: JobLabels }} props */
export function JobDetails({ details, labels }) {
  if (!details) return html`<p class="etl-facts">${labels.loading}</p>`;
  const { steps = [], attempts = [] } = details;
  const log = details.log?.join("\n") ?? "";
  return html`<div class="etl-details">
    ${details.problem && html`<p class="etl-facts">${details.problem}</p>`}
    <dl>${details.facts.map((fact) => html`<${JobFact} key=${fact[0]} fact=${fact} />`)}</dl>
    ${steps.length > 0 && html`<${Steps} steps=${steps} />`}
    ${attempts.length > 1 && html`<${Attempts} attempts=${attempts} label=${labels.attempts} />`}
    ${log && html`<${Log} text=${log} label=${labels.log} />`}
    <div class="etl-buttons">
      ${details.copy && html`<${Copy} text=${[details.copy, log].filter(Boolean).join("\n\n")} name=${labels.copy} labels=${labels} />`}
      <${Copy} text=${new URL(details.href, location.href).href} name=${labels.copyLink} labels=${labels} />
    </div>
  </div>`;
}
