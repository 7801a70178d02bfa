// @ts-check
// The list of test results, each with its job as a line.
import { Completion } from "./completion.js";
import { ShowNew, useHeldRows } from "./hold_rows.js";
import { JobLine } from "./job_line.js";
import { navigate } from "./navigate.js";
import { Pager } from "./pager.js";
import { isCut, useFreshness } from "./portal_connection.js";
import { SelectAll, SelectionBar, useSelection } from "./selection.js";
import { Ago } from "./times.js";
import { html } from "./vendor/htm-preact.js";

/** @import { JobRow, Link, ResultRow as Row, ResultsLabels, ResultsPayload } from "./payloads.d.ts" */
/** @import { OnAction, RowStyle, Selection, ViewProps } from "./types.d.ts" */

/** When it was scored, or `uploaded … ago`. @param {{ row: Row, labels: ResultsLabels, language: string }} props */
function Moment({ row, labels, language }) {
  const [before, after] = row.isScored ? ["", ""] : labels.uploaded.split("{ago}");
  return html`<span>${before}<${Ago} at=${row.at} language=${language} title=${row.atText} />${after}</span>`;
}

/** @param {MouseEvent} event @param {string} href */
function openResult(event, href) {
  if (event.metaKey || event.ctrlKey || event.button) return; // a new tab, as with any link
  event.preventDefault();
  if (!isCut()) navigate(href); // else the address would change, and the page not
}

/** @param {{ repair: Link, labels: ResultsLabels }} props */
function RepairLink({ repair, labels }) {
  return html`<a class="etl-button" href=${repair.href} aria-label=${repair.text} title=${repair.text}
    onClick=${(/** @type {MouseEvent} */ event) => openResult(event, repair.href)}>${labels.repair}</a>`;
}

/** @param {{ row: Row, onAction: OnAction, labels: ResultsLabels }} props */
function ReprocessButton({ row, onAction, labels }) {
  return html`<button type="button" class="etl-button" data-do="reprocess" disabled=${!row.mayReprocess}
    aria-label=${row.reprocess} title=${row.mayReprocess ? row.reprocess : row.busyText}
    onClick=${() => onAction("reprocess", row.id)}>${labels.reprocess}</button>`;
}

/** @param {{ job: JobRow, onAction: OnAction, labels: ResultsLabels }} props */
function RetryButton({ job, onAction, labels }) {
  const name = `${job.retry}: ${job.title}`;
  return html`<button type="button" class="etl-button" data-do="retry" aria-label=${name} title=${name}
    onClick=${() => onAction("retry", job.id)}>${labels.retry}</button>`;
}

/** What a person wants next of a test: correct its file, try again what did not complete, or score it again.
 * @param {{ row: Row, onAction: OnAction, labels: ResultsLabels }} props */
function NextAction({ row, onAction, labels }) {
  if (row.repair) return html`<${RepairLink} repair=${row.repair} labels=${labels} />`;
  if (row.job?.retry) return html`<${RetryButton} job=${row.job} onAction=${onAction} labels=${labels} />`;
  return row.reprocess && html`<${ReprocessButton} row=${row} onAction=${onAction} labels=${labels} />`;
}

/**
 * @param {{ row: Row, onAction: OnAction, labels: ResultsLabels, language: string, selection: Selection,
 *   style: RowStyle }} props
 */
function ResultRow({ row, onAction, labels, language, selection, style }) {
  const standing = row.lastRun ? { status: row.statusText, lastRun: row.lastRun } : null;
  return html`<li class="etl-result" tabindex="-1" style=${style(row)} data-test-id=${row.id}>
    ${row.select && html`<input type="checkbox" data-do="select" aria-label=${row.select} checked=${selection.ids.has(row.id)}
      onChange=${() => selection.toggle(row.id)} />`}
    <div class="etl-result-what">
      <a class="etl-title" href=${row.href} onClick=${(/** @type {MouseEvent} */ event) => openResult(event, row.href)} title=${row.title}>${row.title}</a>
      <div class="etl-facts">${row.facts.map((fact) => html`<span key=${fact}>${fact}</span>`)}</div>
      <div class="etl-facts">${row.counts.map((fact) => html`<span key=${fact}>${fact}</span>`)}
        ${row.at && html`<${Moment} row=${row} labels=${labels} language=${language} />`}</div>
    </div>
    <div class="etl-result-status">${row.job
      ? html`<${JobLine} job=${{ ...row.job, retry: null }} standing=${standing} onAction=${onAction} labels=${labels} />`
      : html`<span class="etl-facts">${row.statusText}</span>`}</div>
    <${NextAction} row=${row} onAction=${onAction} labels=${labels} />
  </li>`;
}

/** @param {ViewProps<ResultsPayload>} props */
export function Results({ data: payload, onAction, language }) {
  const data = useFreshness(payload);
  const { labels } = data;
  const held = useHeldRows({ rows: data.rows }, data.filterKey);
  const selection = useSelection(data.bulkActions);
  const rows = held.rows.rows ?? [];
  const common = { onAction, labels, language, selection, style: held.style };
  return html`<div class="etl-view" data-freshness=${data.freshness} ...${held.watch}>
    <${Completion} data=${data.completion} />
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    ${data.rows.length === 0 && !data.problem && html`<p class="etl-empty">${data.emptyText}</p>`}
    <${ShowNew} held=${held} labels=${labels} />
    <${SelectAll} rows=${rows} selection=${selection} labels=${labels} of=${labels.results} />
    <ul class="etl-list" tabindex="-1" aria-label=${labels.results} data-list>${rows.map((row) => html`<${ResultRow} key=${row.id} row=${row} ...${common} />`)}</ul>
    ${data.total > 0 && html`<div class="etl-footer">
      <span class="etl-facts">${data.totalText}</span>
      ${data.pager && html`<${Pager} pager=${data.pager} labels=${labels} onAction=${onAction} />`}
      ${data.reprocessAll && html`<button type="button" class="etl-button" onClick=${() => onAction("reprocess-all")}>${data.reprocessAll}</button>`}
    </div>`}
    <${SelectionBar} selection=${selection} labels=${labels} onAction=${onAction} actions=${[["reprocess-many", labels.reprocess]]} />
  </div>`;
}
