// @ts-check
// Asks in place whether to cancel a job, where no dialog of ours can open: in a dialog of the page
// around us.
import { Enclosed } from "./dialog.js";
import { html, useContext, useRef, useState } from "./vendor/htm-preact.js";

/** @import { JobLabels, JobRow } from "./payloads.d.ts" */
/** @import { OnAction } from "./types.d.ts" */

const MAX_REASON = 500; // characters, as the service accepts it

/**
 * Returns what the buttons call, and the question while it is open. Without texts there is none: the
 * page decides itself.
 * @param {JobRow} job @param {OnAction} onAction @param {JobLabels} labels
 */
export function useCancelQuestion(job, onAction, labels) {
  const isEnclosed = useContext(Enclosed);
  const [isOpen, setOpen] = useState(false);
  /** @type {OnAction} */
  const act = (kind, id, text) => {
    if (kind === "cancel" && isEnclosed && labels.cancelQuestion) setOpen(true);
    else onAction(kind, id, text);
  };
  const close = () => setOpen(false);
  const isShown = isOpen && job.cancel !== null;
  return { act, question: isShown && html`<${CancelQuestion} job=${job} onAction=${onAction} labels=${labels} close=${close} />` };
}

/** @param {{ job: JobRow, onAction: OnAction, labels: JobLabels, close: () => void }} props */
function CancelQuestion({ job, onAction, labels, close }) {
  const reason = useRef(/** @type {HTMLInputElement | null} */ (null));
  const cancel = () => {
    close();
    onAction("cancel-now", job.id, reason.current?.value ?? "");
  };
  return html`<div class="etl-question" role="group" aria-label=${`${job.cancel}: ${job.title}`}>
    <p><strong>${labels.cancelQuestion.replace("{title}", job.title)}</strong></p>
    <p class="etl-facts">${labels.cancelConsequence}</p>
    <label>${labels.cancelReason} <input ref=${reason} type="text" maxlength=${MAX_REASON} /></label>
    <span class="etl-buttons">
      <button type="button" class="etl-button" onClick=${cancel}>${labels.cancelYes}</button>
      <button type="button" class="etl-button" onClick=${close}>${labels.cancelNo}</button>
    </span>
  </div>`;
}
