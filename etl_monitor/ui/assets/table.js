// @ts-check
// Tables of texts and links. All texts come ready from Python: see widgets/table.py.
import { useHeldRows } from "./hold_rows.js";
import { ICONS } from "./job_status.js";
import { useIsPrinting } from "./paper.js";
import { sortedRows, turnedSort } from "./sort.js";
import { Ago } from "./times.js";
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { Column, Part as PartData, Plot, Row, Table as TableData, Tick } from "./payloads.d.ts" */
/** @import { Sort } from "./sort.js" */
/** @import { Tree } from "./vendor/htm-preact.js" */

/** @param {{ part: PartData, language: string }} props */
function Part({ part, language }) {
  if (part.since) return html`<${Ago} at=${part.since} title=${part.text} language=${language} interval=${1000} kind="etl-number" />`;
  if (part.at) return html`<time class="etl-number" datetime=${part.at}>${part.text}</time>`;
  if (part.href) return html`<a href=${part.href} target="_self">${part.text}</a>`;
  const kind = `${part.faint ? "etl-faint" : ""} ${part.block ? "etl-block" : ""}`;
  const icon = part.tone && ICONS[part.tone];
  return html`<span class=${kind} data-tone=${part.tone}>
    ${icon && html`<span class="etl-icon" aria-hidden="true">${icon}</span>`}${part.text}
  </span>`;
}

/** @param {{ parts: PartData[], language: string }} props */
export const Parts = ({ parts, language }) =>
  parts.map((part, index) => html`<${Part} key=${index} part=${part} language=${language} />`);

/** @param {number} percent */
const left = (percent) => `left:${percent}%`;

/** @param {{ ticks: Tick[] }} props */
const Ticks = ({ ticks }) => html`<span class="etl-track etl-ticks" aria-hidden="true">${ticks.map((tick) =>
  html`<span style=${left(tick.at)}>${tick.text}</span>`)}</span>`;

/** A mean, its spread and everybody's mean on one line. @param {{ plot: Plot }} props */
function Track({ plot }) {
  const { at, all, low, high } = plot;
  return html`<span class="etl-track" aria-hidden="true">
    ${all !== null && html`<span class="etl-track-all" style=${left(all)}></span>`}
    ${low !== null && high !== null && html`<span class="etl-track-spread" style=${`${left(low)};width:${high - low}%`}></span>`}
    <span class="etl-track-mean" style=${left(at)}></span>
  </span>`;
}

/** @param {{ column: Column, direction: 1 | -1 | 0, onTurn: () => void }} props */
function Heading({ column, direction, onTurn }) {
  const sorted = direction > 0 ? "ascending" : "descending";
  const mark = direction > 0 ? "▲" : direction < 0 ? "▼" : "↕";
  return html`<th role="columnheader" scope="col" class=${column.numeric ? "etl-numeric" : ""}
      style=${{ width: column.width ?? "" }} aria-sort=${direction ? sorted : undefined}>
    ${column.sortable
      ? html`<button type="button" class="etl-sort" onClick=${onTurn}>${column.text}<span class="etl-sort-mark" aria-hidden="true">${mark}</span></button>`
      : html`${column.text}${column.ticks && html`<${Ticks} ticks=${column.ticks} />`}`}
  </th>`;
}

/** @param {{ parts: PartData[], column: Column, isHeader: boolean, language: string }} props */
function Cell({ parts, column, isHeader, language }) {
  const { plot, heat } = parts[0] ?? {};
  const kind = column.numeric ? "etl-numeric" : column.tight ? "etl-tight" : plot ? "etl-plotted" : "";
  const content = html`<span class="etl-cell-name" aria-hidden="true">${column.text}</span>
    <div class="etl-cell">${plot ? html`<${Track} plot=${plot} />` : html`<${Parts} parts=${parts} language=${language} />`}</div>`;
  return isHeader
    ? html`<th role="rowheader" scope="row" class=${kind}>${content}</th>`
    : html`<td role="cell" class=${heat ? `${kind} etl-heat` : kind} style=${heat ? `--etl-heat:${heat}%` : ""} data-empty=${parts.length === 0}>${content}</td>`;
}

/** @param {{ table: TableData, rows: Row[], sort: Sort | null, onTurn: (index: number) => void, language: string }} props */
function Grid({ table, rows, sort, onTurn, language }) {
  const { columns, stacked } = table;
  const directionOf = (/** @type {number} */ index) => (sort?.index === index ? sort.direction : 0);
  // On a narrow page a stacked table's rows become blocks; the roles keep it a table for screen readers.
  const shape = stacked && columns.length > 2 ? "etl-stacked" : table.compact ? "etl-compact" : "";
  return html`<table class=${`etl-table ${shape}`} role="table" aria-label=${table.label}>
    ${table.captioned && html`<caption>${table.label}</caption>`}
    <thead role="rowgroup"><tr role="row">${columns.map((column, index) =>
      html`<${Heading} key=${index} column=${column} direction=${directionOf(index)} onTurn=${() => onTurn(index)} />`)}</tr></thead>
    <tbody role="rowgroup">${rows.map((row) => html`<tr key=${row.id} role="row" data-row=${row.id} class=${row.faint ? "etl-faint-row" : ""}>
      ${row.cells.map((parts, index) => html`<${Cell} key=${index} parts=${parts} column=${columns[index]} isHeader=${!stacked && index === 0} language=${language} />`)}
    </tr>`)}</tbody>
  </table>`;
}

/** Whether there is more than the box shows: only then does the keyboard stop at it. */
function useScrolling() {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [isScrolling, setScrolling] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = () => setScrolling(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight);
    const observer = new ResizeObserver(measure);
    for (const observed of [element, ...element.children]) observer.observe(observed);
    return () => observer.disconnect();
  }, []);
  return { box, isScrolling };
}

/** @param {{ table: TableData, children?: Tree }} props */
function Region({ table, children }) {
  const { box, isScrolling } = useScrolling();
  return html`<div class="etl-scroll" ref=${box} style=${{ maxHeight: table.height ?? "" }} role="region" aria-label=${table.label}
    tabindex=${isScrolling ? 0 : undefined}>${children}</div>`;
}

/**
 * A stacked table fits any width; another one scrolls sideways within a region of its own.
 * @param {{ table: TableData, language: string, isOnPaper?: boolean }} props
 */
export function Table({ table, language, isOnPaper = false }) {
  const [sort, setSort] = useState(/** @type {Sort | null} */ (null));
  const [isOpened, setOpened] = useState(false);
  const isPrinting = useIsPrinting();
  const isWhole = isOpened || isPrinting || isOnPaper;
  const held = useHeldRows({ rows: table.rows }, table.filterKey ?? "", { mayHold: Boolean(table.waiting) });
  const rows = sortedRows(held.rows.rows ?? [], sort, language);
  const shown = isWhole ? rows : rows.slice(0, table.limit ?? rows.length);
  const onTurn = (/** @type {number} */ index) => setSort(turnedSort(sort, index, Boolean(table.columns[index]?.numeric)));
  const grid = html`<${Grid} table=${table} rows=${shown} sort=${sort} onTurn=${onTurn} language=${language} />`;
  return html`<div class="etl-table-block" ...${held.watch}>
    ${held.waiting > 0 && html`<button type="button" class="etl-button etl-waiting" onClick=${held.release}>${(table.waiting ?? "").replace("{n}", String(held.waiting))}</button>`}
    ${table.stacked ? grid : html`<${Region} table=${table}>${grid}<//>`}
    ${shown.length < rows.length && html`<button type="button" class="etl-button" onClick=${() => setOpened(true)}>${table.more}</button>`}
    ${(table.notes ?? []).map((note) => html`<p class="etl-caption" key=${note}>${note}</p>`)}
  </div>`;
}
