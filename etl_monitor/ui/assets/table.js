// Tables and facts, of texts and links. What they say comes ready from Python: see ui/table.py.
function Since({ at, title, language }) {
  useTick(1000);
  return html`<time class="etl-number" datetime=${at} title=${title}>${ago(at, language)}</time>`;
}

function Part({ part, language }) {
  if (part.since) return html`<${Since} at=${part.since} title=${part.text} language=${language} />`;
  if (part.at) return html`<time class="etl-number" datetime=${part.at}>${part.text}</time>`;
  if (part.href) return html`<a href=${part.href}>${part.text}</a>`;
  const kind = `${part.faint ? "etl-faint" : ""} ${part.block ? "etl-block" : ""}`;
  return html`<span class=${kind} data-tone=${part.tone}>
    ${part.tone && html`<span class="etl-icon" aria-hidden="true">${ICONS[part.tone]}</span>`}${part.text}
  </span>`;
}

const Parts = ({ parts, language }) =>
  parts.map((part, place) => html`<${Part} key=${place} part=${part} language=${language} />`);

// On a narrow place the rows become blocks. The roles are said again, so that it stays a table.
function Table({ table, language }) {
  const { rows, waiting, release, watch } = useCalm({ rows: table.rows }, table.question);
  return html`<div ...${watch}>
    ${waiting > 0 && html`<button type="button" class="etl-button etl-waiting" onClick=${release}>${table.waiting.replace("{n}", waiting)}</button>`}
    <table class=${table.columns.length > 2 ? "etl-table etl-stacked" : "etl-table"} role="table" aria-label=${table.label}>
      <thead role="rowgroup"><tr role="row">${table.columns.map((name, n) =>
        html`<th key=${name} role="columnheader" scope="col" style=${{ width: table.widths[n] }}>${name}</th>`)}</tr></thead>
      <tbody role="rowgroup">${rows.rows.map((row) => html`<tr key=${row.id} role="row" data-row=${row.id}>
        ${row.cells.map((parts, n) => html`<td key=${n} role="cell" data-empty=${parts.length === 0}>
          <span class="etl-cell-name" aria-hidden="true">${table.columns[n]}</span>
          <div class="etl-cell"><${Parts} parts=${parts} language=${language} /></div>
        </td>`)}
      </tr>`)}</tbody>
    </table>
  </div>`;
}

function TableView({ data, language }) {
  return html`<div class="etl-view">
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    ${data.table.rows.length === 0
      ? !data.problem && html`<p class="etl-empty">${data.emptyText}</p>`
      : html`<${Table} table=${data.table} language=${language} />`}
  </div>`;
}

function Fact({ fact, language }) {
  return html`<div class="etl-fact" data-wide=${fact.wide}>
    <dt>${fact.name}</dt>
    <dd><${Parts} parts=${fact.parts} language=${language} /></dd>
    ${fact.note && html`<dd class="etl-faint">${fact.note}</dd>`}
  </div>`;
}

function Section({ section, language }) {
  return html`<section aria-label=${section.heading}>
    <h3 class="etl-heading">${section.heading}</h3>
    ${section.note && html`<p class="etl-faint">${section.note}</p>`}
    ${section.facts.length > 0 && html`<dl class="etl-fact-list">${section.facts.map((fact) =>
      html`<${Fact} key=${fact.name} fact=${fact} language=${language} />`)}</dl>`}
    ${section.table && html`<${Table} table=${section.table} language=${language} />`}
  </section>`;
}

function Sections({ data, language }) {
  return html`<div class="etl-view etl-sections">
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    ${data.sections.map((section) => html`<${Section} key=${section.heading} section=${section} language=${language} />`)}
  </div>`;
}
