// @ts-check
// What needs attention, above the monitor's lists. Nothing of it is read aloud by itself: the ends of
// jobs are announced already.
import { portalNow } from "./clock.js";
import { ICONS } from "./job_status.js";
import { Ago } from "./times.js";
import { html, useEffect, useState } from "./vendor/htm-preact.js";

/** @import { Attention as AttentionData, AttentionItem } from "./payloads.d.ts" */
/** @import { OnAction } from "./types.d.ts" */

const FIRST = 5; // items, so that the lists below stay in sight
const LONGEST_WAIT = 2_000_000_000; // ms, about the longest that a browser's timer takes

/** Whether an item's moment has come. @param {AttentionItem} item @param {number} now */
export const isDue = ({ at }, now) => at === null || Date.parse(at) <= now;

/** The items whose moment has come; draws again when the next one's comes. @param {AttentionItem[]} items */
export function useDue(items) {
  const [, draw] = useState(0);
  const now = portalNow();
  const next = Math.min(...items.filter((item) => !isDue(item, now)).map(({ at }) => Date.parse(at ?? "") - now));
  useEffect(() => {
    if (!Number.isFinite(next)) return undefined;
    const timer = setTimeout(() => draw((n) => n + 1), Math.min(next + 50, LONGEST_WAIT));
    return () => clearTimeout(timer);
  });
  return items.filter((item) => isDue(item, now));
}

/** @param {{ item: AttentionItem, data: AttentionData, onAction: OnAction, language: string }} props */
function Item({ item, data, onAction, language }) {
  return html`<li tabindex="-1" data-attention=${item.jobId} data-tone=${item.status}>
    <span class="etl-icon" aria-hidden="true">${ICONS[item.status]}</span>
    <a class="etl-title" href=${item.href} target="_self" title=${item.title}>${item.title}</a>
    <span class="etl-attention-text" title=${item.reason}>
      ${item.at && html`<${Ago} at=${item.at} language=${language} title=${item.atText} kind="etl-faint" />`}
      <span class="etl-attention-why" title=${item.reason}>${item.reason}</span>
    </span>
    ${item.mayMark && html`<button type="button" class="etl-button" data-do="seen" aria-label=${`${data.seen}: ${item.title}`}
      onClick=${() => onAction("seen", item.jobId)}>${data.seen}</button>`}
  </li>`;
}

/** `items`: those that are shown. @param {{ items: AttentionItem[], data: AttentionData, onAction: OnAction, language: string }} props */
export function Attention({ items, data, onAction, language }) {
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return null;
  const heading = data.heading.replace("{n}", String(items.length));
  const shown = isWhole ? items : items.slice(0, FIRST);
  const seen = items.filter(({ mayMark }) => mayMark).map(({ jobId }) => jobId);
  return html`<section class="etl-attention" aria-label=${heading}>
    <div class="etl-list-head"><h2 class="etl-heading">${heading}</h2>
      ${seen.length > 1 && html`<button type="button" class="etl-link" onClick=${() => onAction("seen", seen.join(","))}>${data.allSeen}</button>`}</div>
    <ul>${shown.map((item) => html`<${Item} key=${item.id} item=${item} data=${data} onAction=${onAction} language=${language} />`)}</ul>
    ${shown.length < items.length && html`<button type="button" class="etl-link" onClick=${() => setWhole(true)}>${data.more.replace("{n}", String(items.length - shown.length))}</button>`}
  </section>`;
}
