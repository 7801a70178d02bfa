// @ts-check
// Figures that stand still: counts, distributions, groups, tables. All texts and positions come ready
// from Python (widgets/report.py).
import { Histograms, Scatter } from "./charts.js";
import { useIsPrinting } from "./paper.js";
import { Table } from "./table.js";
import { html, render, useState } from "./vendor/htm-preact.js";

/** @import { CountsBlock, GroupsBlock, ReportPayload, TitleBlock } from "./payloads.d.ts" */

/** The notes are those of each table: once is enough. @param {{ block: GroupsBlock, language: string }} props */
const AllGroups = ({ block, language }) => block.scales.map(({ name, table }, index) => {
  const isLast = index === block.scales.length - 1;
  const onPaper = { ...table, captioned: true, label: name, notes: isLast ? table.notes : [] };
  return html`<${Table} key=${name} table=${onPaper} language=${language} isOnPaper />`;
});

/** One table for each scale, chosen in the page; on paper all. @param {{ block: GroupsBlock, language: string }} props */
function Groups({ block, language }) {
  const [chosen, choose] = useState(0);
  const isPrinting = useIsPrinting();
  if (isPrinting) return html`<${AllGroups} block=${block} language=${language} />`;
  const scale = block.scales[Math.min(chosen, block.scales.length - 1)];
  const onChange = (/** @type {{ target: HTMLSelectElement }} */ { target }) => choose(Number(target.value));
  return html`<div class="etl-table-block">
    ${block.scales.length > 1 && html`<label class="etl-choice">${block.label}
      <select value=${chosen} onChange=${onChange}>
        ${block.scales.map(({ name }, index) => html`<option key=${index} value=${index}>${name}</option>`)}
      </select>
    </label>`}
    <${Table} key=${chosen} table=${scale?.table} language=${language} />
  </div>`;
}

/** @param {{ block: TitleBlock }} props */
const Title = ({ block }) => html`<div>
  <h2 class="etl-heading">${block.text}</h2>${block.note && html`<p class="etl-caption">${block.note}</p>`}
</div>`;

/** @param {{ block: CountsBlock }} props */
const Counts = ({ block }) => html`<div>
  <dl class="etl-counts">${block.counts.map(({ name, text }) => html`<div key=${name}><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>
  ${block.note && html`<p class="etl-caption">${block.note}</p>`}
</div>`;

const BLOCKS = {
  counts: Counts,
  title: Title,
  table: (/** @type {any} */ { block, language }) => html`<${Table} table=${block.table} language=${language} />`,
  histograms: Histograms,
  scatter: Scatter,
  groups: Groups,
};

/** @type {WeakMap<Element, Element>} */
const roots = new WeakMap();

/** @param {Element} parent */
function rootIn(parent) {
  const root = roots.get(parent) ?? parent.appendChild(document.createElement("div"));
  root.className = "etl-report";
  roots.set(parent, root);
  return root;
}

/** @param {{ parentElement: Element, data: ReportPayload }} component */
export default function ({ parentElement, data }) {
  const blocks = data.blocks.map((block, index) =>
    html`<${BLOCKS[block.type]} key=${index} block=${block} language=${data.language} />`);
  render(blocks, rootIn(parentElement));
}
