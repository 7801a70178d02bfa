// @ts-check
// Histograms of scores and the scatter of items. Positions are per cent of a plot's width and height.
import { html } from "./vendor/htm-preact.js";

/** @import { Histogram as HistogramData, HistogramsBlock, ScatterBlock, Tick } from "./payloads.d.ts" */
/** @import { Tree } from "./vendor/htm-preact.js" */

/** @param {number} percent */
const across = (percent) => `left:${percent}%`;
/** @param {number} percent */
const upwards = (percent) => `bottom:${percent}%`;

/** @param {{ x: Tick[], y: Tick[] }} props */
const Axes = ({ x, y }) => html`
  ${y.map((tick) => html`<span class="etl-line-y" style=${upwards(tick.at)}><span class="etl-tick-y">${tick.text}</span></span>`)}
  ${x.map((tick) => html`<span class="etl-tick-x" style=${across(tick.at)}>${tick.text}</span>`)}`;

/** @param {{ chart: HistogramData | ScatterBlock, band?: number, children?: Tree }} props */
const Plot = ({ chart, band = 0, children }) => html`<div class="etl-frame">
  <span class="etl-axis-y" aria-hidden="true">${chart.yTitle}</span>
  <div class="etl-plot" role="img" aria-label=${chart.summary} style=${`height:${chart.height}rem;margin-top:${band}rem`}>
    <${Axes} x=${chart.x} y=${chart.y} />${children}
  </div>
  <span class="etl-axis-x" aria-hidden="true">${chart.xTitle}</span>
</div>`;

/** @param {{ chart: HistogramData }} props */
const Histogram = ({ chart }) => html`<figure class="etl-figure">
  <figcaption><strong>${chart.title}</strong><span class="etl-caption">${chart.facts}</span></figcaption>
  <${Plot} chart=${chart} band=${chart.band}>
    ${chart.bars.map((bar) => html`<span class="etl-column" title=${bar.title} style=${`left:${bar.left}%;width:${bar.width}%;height:${bar.height}%`}></span>`)}
    ${chart.marks.map((mark) => html`
      <span class="etl-mark" style=${`${across(mark.at)};top:${-mark.above}rem`}></span>
      <span class="etl-mark-text" data-side=${mark.side} style=${`${across(mark.at)};top:${-mark.above}rem`}>${mark.text}</span>`)}
  <//>
</figure>`;

/** @param {{ block: HistogramsBlock }} props */
export const Histograms = ({ block }) => html`<div class="etl-figures" data-count=${block.charts.length}>
  ${block.charts.map((chart) => html`<${Histogram} key=${chart.title} chart=${chart} />`)}
</div>`;

/** @param {{ block: ScatterBlock }} props */
export const Scatter = ({ block }) => html`<figure class="etl-figure">
  <figcaption><strong>${block.title}</strong></figcaption>
  <${Plot} chart=${block}>
    ${block.limits.map(({ axis, at }) => html`<span class=${`etl-limit-${axis}`} style=${axis === "x" ? across(at) : upwards(at)}></span>`)}
    ${block.dots.map((dot) => html`<span class="etl-dot-item" key=${dot.title} data-weak=${dot.weak} title=${dot.title} style=${`${across(dot.x)};${upwards(dot.y)}`}></span>`)}
    ${block.dots.filter(({ text }) => text).map((dot) => html`<span class="etl-dot-text" key=${`label of ${dot.title}`} data-side=${dot.side} style=${`${across(dot.x)};${upwards(dot.y)}`}>${dot.text}</span>`)}
  <//>
  <p class="etl-caption">${block.note}</p>
</figure>`;
