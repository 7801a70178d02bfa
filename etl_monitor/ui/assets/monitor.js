// @ts-check
// The full monitor: running and finished jobs.
import { useAnnouncements } from "./announcements.js";
import { Attention, useDue } from "./attention.js";
import { timeAgo } from "./clock.js";
import { Completion } from "./completion.js";
import { Enclosed } from "./dialog.js";
import { ShowNew, useHeldRows } from "./hold_rows.js";
import { JobCard } from "./job_card.js";
import { ICONS } from "./job_status.js";
import { useKeys } from "./keys.js";
import { Pager } from "./pager.js";
import { FrozenClock, frozenAt, useFreshness } from "./portal_connection.js";
import { SelectAll, SelectionBar, useSelection } from "./selection.js";
import { useTick } from "./times.js";
import { html, useContext } from "./vendor/htm-preact.js";

/** @import { AttentionItem, MonitorLabels, MonitorPayload, StatusChip } from "./payloads.d.ts" */
/** @import { OnAction, OpenableJob as Card, RowStyle, Selection, ViewProps } from "./types.d.ts" */

/**
 * `current`: the jobs that belong in the list now; `jobs` may hold one that has ended under the
 * pointer. `empty`: the text for an empty list; "" if its only job is shown elsewhere.
 * @param {{ heading: string, jobs: Card[], current: Card[], empty: string, onAction: OnAction,
 *   labels: MonitorLabels, language: string, selection?: Selection, style: RowStyle }} props
 */
function JobList({ heading, jobs, current, empty, ...rest }) {
  const isStillHere = (/** @type {Card} */ job) => current.some(({ id }) => id === job.id);
  return html`<section aria-label=${heading}>
    <div class="etl-list-head">
      <h2 class="etl-heading" tabindex="-1" data-list>${heading}</h2>
      ${rest.selection && html`<${SelectAll} rows=${jobs.filter(isStillHere)} selection=${rest.selection} labels=${rest.labels} of=${heading} />`}
    </div>
    ${jobs.length === 0
      ? empty && html`<p class="etl-empty">${empty}</p>`
      : html`<ul class="etl-list">${jobs.map((job) => html`<${JobCard} key=${job.id} job=${job} ...${rest} />`)}</ul>`}
  </section>`;
}

/** @param {{ chips: StatusChip[], label: string, onAction: OnAction }} props */
function Chips({ chips, label, onAction }) {
  return html`<div class="etl-chips" role="group" aria-label=${label}>${chips.map((chip) => html`
    <button type="button" key=${chip.status} class="etl-chip" data-tone=${chip.status} aria-pressed=${chip.isChosen ? "true" : "false"}
      onClick=${() => onAction("status", chip.status)}><span class="etl-icon" aria-hidden="true">${ICONS[chip.status]}</span>
      ${chip.text} <span class="etl-number">${chip.count}</span></button>`)}</div>`;
}

/** Says how old the data are, unless they are live. @param {{ data: MonitorPayload, language: string }} props */
function FreshnessNote({ data, language }) {
  useTick(1000);
  return data.freshness === "live" ? null : html`<p class="etl-freshness">${freshnessText(data, language)}</p>`;
}

/** @param {MonitorPayload} data @param {string} language */
function freshnessText({ freshness, receivedAt, labels }, language) {
  if (freshness === "catching_up") return labels.catchingUp;
  return receivedAt ? labels.stale.replace("{ago}", timeAgo(receivedAt, language)) : labels.neverReceived;
}

/** The texts of the running and the finished list, if they are empty. @param {MonitorPayload} data */
export function emptyTexts({ isNarrow, runningCount, finishedCount, labels }) {
  const fits = runningCount + finishedCount > 0;
  const running = isNarrow ? (fits ? labels.noneFitsRunning : labels.noneFits) : labels.noneRunning;
  const finished = isNarrow ? (fits ? labels.noneFitsFinished : labels.noneFits) : labels.noneFinished;
  return { running: runningCount === 0 ? running : "", finished: finishedCount === 0 ? finished : "" };
}

/** @param {ViewProps<MonitorPayload>} props */
export function Monitor({ data: payload, onAction, language }) {
  const data = useFreshness(payload);
  const { labels } = data;
  const key = JSON.stringify([data.chips?.map((chip) => chip.isChosen), data.filterKey]);
  const due = useDue(data.attention?.items ?? []);
  /** @type {Record<string, (Card | AttentionItem)[]>} */
  const lists = { due, running: data.running, finished: data.finished };
  const held = useHeldRows(lists, key, { started: data.startedJobs });
  const announcements = useAnnouncements(data.outcomes, data.announcements);
  const selection = useSelection(data.bulkActions);
  useKeys(onAction, data.searchKey);
  // Where no dialog can open, none can ask about several jobs.
  const rowSelection = useContext(Enclosed) ? undefined : selection;
  if (!data.loaded) return html`<${Skeleton} data=${data} language=${language} />`;
  const common = { onAction, labels, language, selection: rowSelection, style: held.style };
  const empty = emptyTexts(data);
  return html`<${FrozenClock.Provider} value=${frozenAt(data)}><div class="etl-view" aria-label=${labels.monitor} role="region" data-freshness=${data.freshness} ...${held.watch}>
    ${announcements}
    <${Completion} data=${data.completion} />
    <${Attention} items=${held.rows.due} data=${data.attention} onAction=${onAction} language=${language} />
    <div class="etl-tools">
      <div><${Chips} chips=${data.chips} label=${labels.byStatus} onAction=${onAction} /><${FreshnessNote} data=${data} language=${language} /></div>
      ${data.searchKey && html`<button type="button" class="etl-button etl-keys" aria-label=${labels.shortcuts} title=${labels.shortcuts} onClick=${() => onAction("shortcuts")}>?</button>`}
    </div>
    <${ShowNew} held=${held} labels=${labels} />
    <${JobList} heading=${data.runningHeading} jobs=${held.rows.running} current=${data.running} empty=${empty.running} ...${common} />
    ${data.activePager && html`<${Pager} pager=${data.activePager} labels=${labels} onAction=${(/** @type {string} */ turn) => onAction(`active-${turn}`)} />`}
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    <${JobList} heading=${data.finishedHeading} jobs=${held.rows.finished} current=${data.finished} empty=${empty.finished} ...${common} />
    ${data.pager && html`<${Pager} pager=${data.pager} labels=${labels} onAction=${onAction} />`}
    <${SelectionBar} selection=${selection} labels=${labels} onAction=${onAction} actions=${[["retry-many", labels.retrySelected], ["cancel-many", labels.cancelSelected]]} />
  </div><//>`;
}

// As high as what comes: nothing moves when it does.
/** @param {{ data: MonitorPayload, language: string }} props */
function Skeleton({ data, language }) {
  const shape = (/** @type {string} */ name) => html`<div class="etl-skeleton" data-shape=${name}></div>`;
  return html`<div class="etl-view" role="status" aria-label=${data.labels.loading}>
    ${shape("chips")}
    <div class="etl-list">${["heading", "card", "card", "card"].map(shape)}</div>
    <${FreshnessNote} data=${data} language=${language} />
  </div>`;
}
