// @ts-check
// Live pages of tables and facts: the activity log, the state of the system.
import { Parts, Table } from "./table.js";
import { html } from "./vendor/htm-preact.js";

/** @import { Fact as FactData, Section as SectionData, SectionsPayload, TablePayload } from "./payloads.d.ts" */
/** @import { ViewProps } from "./types.d.ts" */

/** @param {ViewProps<TablePayload>} props */
export function TableView({ data, language }) {
  return html`<div class="etl-view">
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    ${data.table.rows.length === 0
      ? !data.problem && html`<p class="etl-empty">${data.emptyText}</p>`
      : html`<${Table} table=${data.table} language=${language} />`}
  </div>`;
}

/** @param {{ fact: FactData, language: string }} props */
function Fact({ fact, language }) {
  return html`<div class="etl-fact" data-wide=${Boolean(fact.wide)}>
    <dt>${fact.name}</dt>
    <dd><${Parts} parts=${fact.parts} language=${language} /></dd>
    ${fact.note && html`<dd class="etl-faint">${fact.note}</dd>`}
  </div>`;
}

/** @param {{ section: SectionData, language: string }} props */
function Section({ section, language }) {
  const { heading, note, facts = [], table } = section;
  return html`<section aria-label=${heading}>
    <h2 class="etl-heading">${heading}</h2>
    ${note && html`<p class="etl-faint">${note}</p>`}
    ${facts.length > 0 && html`<dl class="etl-fact-list">${facts.map((fact) =>
      html`<${Fact} key=${fact.name} fact=${fact} language=${language} />`)}</dl>`}
    ${table && html`<${Table} table=${table} language=${language} />`}
  </section>`;
}

/** @param {ViewProps<SectionsPayload>} props */
export function Sections({ data, language }) {
  return html`<div class="etl-view etl-sections">
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    ${data.sections.map((section) => html`<${Section} key=${section.heading} section=${section} language=${language} />`)}
  </div>`;
}
