// Figures that stand still: distributions, groups, tables. Every word and place comes ready from
// Python (report.py); here they are only drawn. Places are per cent of a plot's width and height.
const { html, render, useState } = library.htmPreact;

const across = (at) => `left:${at}%`;
const upwards = (at) => `bottom:${at}%`;

// Text that cannot be read as a number or a name stands last, in either order.
function compared(a, b, language) {
  const [x, y] = [a?.value ?? null, b?.value ?? null];
  if (x === null || y === null) return { last: (x === null) - (y === null), order: 0 };
  const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y), language, { numeric: true });
  return { last: 0, order };
}

function sorted(rows, sort, language) {
  if (!sort) return rows;
  return [...rows].sort((one, other) => {
    const { last, order } = compared(one.cells[sort.column], other.cells[sort.column], language);
    return last || order * sort.direction;
  });
}

function Heading({ column, index, sort, setSort }) {
  const mine = sort?.column === index ? sort.direction : 0;
  const turn = () => setSort({ column: index, direction: mine ? -mine : column.numeric ? -1 : 1 });
  const text = html`${column.text}${column.ticks && html`<${Ticks} ticks=${column.ticks} />`}`;
  const direction = mine > 0 ? "ascending" : "descending";
  return html`<th scope="col" class=${column.numeric ? "etl-numeric" : ""} aria-sort=${mine ? direction : undefined}>
    ${column.fixed
      ? text
      : html`<button type="button" class="etl-sort" onClick=${turn}>
          ${column.text}<span class="etl-sort-mark" aria-hidden="true">${mine ? (mine > 0 ? "▲" : "▼") : "↕"}</span>
        </button>`}
  </th>`;
}

const Ticks = ({ ticks }) =>
  html`<span class="etl-track etl-ticks" aria-hidden="true">${ticks.map((t) => html`<span style=${across(t.at)}>${t.text}</span>`)}</span>`;

function Track({ plot }) {
  return html`<span class="etl-track" aria-hidden="true">
    <span class="etl-track-all" style=${across(plot.all)}></span>
    ${plot.high !== null && html`<span class="etl-track-spread" style=${`left:${plot.low}%;width:${plot.high - plot.low}%`}></span>`}
    <span class="etl-track-mean" style=${across(plot.at)}></span>
  </span>`;
}

function Content({ cell }) {
  if (cell.plot) return html`<${Track} plot=${cell.plot} />`;
  const tone = cell.tone || undefined;
  const said = cell.href ? html`<a href=${cell.href} target="_self">${cell.text}</a>` : cell.text;
  return html`<span data-tone=${tone}>${said}</span>${(cell.notes ?? []).map((note) => html`<span class="etl-note">${note}</span>`)}`;
}

function Cell({ cell, column, first }) {
  const look = column.numeric ? "etl-numeric" : column.tight ? "etl-tight" : cell.plot ? "etl-plotted" : "";
  return first
    ? html`<th scope="row" class=${look}><${Content} cell=${cell} /></th>`
    : html`<td class=${look}><${Content} cell=${cell} /></td>`;
}

function Table({ block, language }) {
  const [sort, setSort] = useState(null);
  const [all, setAll] = useState(false);
  const rows = sorted(block.rows, sort, language);
  const shown = all ? rows : rows.slice(0, block.limit);
  return html`<div class="etl-table-block">
    <div class="etl-scroll" role="region" aria-label=${block.caption} tabindex="0">
      <table class="etl-table">
        <caption class=${block.bare ? "etl-unseen" : ""}>${block.caption}</caption>
        <thead><tr>
          ${block.columns.map((column, index) => html`<${Heading} key=${index} ...${{ column, index, sort, setSort }} />`)}
        </tr></thead>
        <tbody>
          ${shown.map((row) => html`<tr key=${row.key} data-row=${row.key} class=${row.faint ? "etl-faint" : ""}>
            ${row.cells.map((cell, index) => html`<${Cell} key=${index} cell=${cell} column=${block.columns[index]} first=${index === 0} />`)}
          </tr>`)}
        </tbody>
      </table>
    </div>
    ${shown.length < rows.length && html`<button type="button" class="etl-plain-button" onClick=${() => setAll(true)}>${block.more}</button>`}
    ${(block.notes ?? []).map((note) => html`<p class="etl-caption">${note}</p>`)}
  </div>`;
}

const Grid = ({ x, y }) => html`
  ${y.map((t) => html`<span class="etl-line-y" style=${upwards(t.at)}><span class="etl-tick-y">${t.text}</span></span>`)}
  ${x.map((t) => html`<span class="etl-tick-x" style=${across(t.at)}>${t.text}</span>`)}`;

const Frame = ({ block, children }) => html`<div class="etl-frame">
  <span class="etl-axis-y" aria-hidden="true">${block.yTitle}</span>
  <div class="etl-plot" role="img" aria-label=${block.summary} style=${`height:${block.height ?? 10}rem;margin-top:${block.band ?? 0}rem`}>
    <${Grid} x=${block.x} y=${block.y} />${children}
  </div>
  <span class="etl-axis-x" aria-hidden="true">${block.xTitle}</span>
</div>`;

const Histogram = ({ chart }) => html`<figure class="etl-figure">
  <figcaption><strong>${chart.title}</strong><span class="etl-caption">${chart.facts}</span></figcaption>
  <${Frame} block=${chart}>
    ${chart.bars.map((bar) => html`<span class="etl-column" title=${bar.title} style=${`left:${bar.from}%;width:${bar.to - bar.from}%;height:${bar.high}%`}></span>`)}
    ${chart.marks.map((mark) => html`
      <span class="etl-mark" style=${`${across(mark.at)};top:${-mark.above}rem`}></span>
      <span class="etl-mark-text" data-side=${mark.side} style=${`${across(mark.at)};top:${-mark.above}rem`}>${mark.text}</span>`)}
  <//>
</figure>`;

const Histograms = ({ block }) =>
  html`<div class="etl-figures" data-count=${block.charts.length}>${block.charts.map((chart) => html`<${Histogram} key=${chart.title} chart=${chart} />`)}</div>`;

const Scatter = ({ block }) => html`<figure class="etl-figure">
  <figcaption><strong>${block.title}</strong></figcaption>
  <${Frame} block=${block}>
    ${block.limits.map((limit) => html`<span class=${limit.x === null ? "etl-limit-y" : "etl-limit-x"} style=${limit.x === null ? upwards(limit.y) : across(limit.x)}></span>`)}
    ${block.dots.map((dot) => html`<span class="etl-dot-item" key=${dot.title} data-weak=${dot.weak} title=${dot.title} style=${`${across(dot.x)};${upwards(dot.y)}`}>
      ${dot.text && html`<span class="etl-dot-text" data-side=${dot.side}>${dot.text}</span>`}
    </span>`)}
  <//>
  <p class="etl-caption">${block.note}</p>
</figure>`;

function Groups({ block, language }) {
  const [chosen, choose] = useState(0);
  const scale = block.scales[Math.min(chosen, block.scales.length - 1)];
  return html`<div class="etl-table-block">
    ${block.scales.length > 1 && html`<label class="etl-choice">${block.label}
      <select value=${chosen} onChange=${(event) => choose(Number(event.target.value))}>
        ${block.scales.map((one, index) => html`<option key=${index} value=${index}>${one.name}</option>`)}
      </select>
    </label>`}
    <${Table} key=${chosen} block=${scale.table} language=${language} />
  </div>`;
}

const Title = ({ block }) => html`<div><h3 class="etl-heading">${block.text}</h3>${block.note && html`<p class="etl-caption">${block.note}</p>`}</div>`;

const Counts = ({ block }) => html`<div>
  <dl class="etl-counts">${block.counts.map((one) => html`<div key=${one.name}><dt>${one.name}</dt><dd>${one.text}</dd></div>`)}</dl>
  ${block.note && html`<p class="etl-caption">${block.note}</p>`}
</div>`;

const BLOCKS = { counts: Counts, title: Title, table: Table, histograms: Histograms, scatter: Scatter, groups: Groups };
const roots = new WeakMap();

export default function ({ parentElement, data }) {
  if (!roots.has(parentElement)) {
    const made = parentElement.appendChild(document.createElement("div"));
    made.className = "etl-report";
    roots.set(parentElement, made);
  }
  const drawn = data.blocks.map((block, index) => html`<${BLOCKS[block.type]} key=${index} block=${block} language=${data.language} />`);
  render(drawn, roots.get(parentElement));
}
