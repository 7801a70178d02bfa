// @ts-check
// Streamlit's own texts are English and cannot be set: they are replaced where they appear.

/**
 * `names`: English → the reader's language; a `*` stands for a part that stays, such as a file's name.
 * They are looked up in attributes, and in the text of what `spoken` selects: elsewhere the same words
 * may be a person's own. `given`: selector → accessible name, for an element that has none, or one that
 * a style sheet hides. `visible`: selector → visible text.
 * @typedef {{ language: string, names: Record<string, string>, spoken: string,
 *   given: Record<string, string>, visible: Record<string, string>, chosen: string | null,
 *   cookie: string }} Labels
 */

const ATTRIBUTES = ["aria-label", "placeholder"];
const NAMED = ATTRIBUTES.map((name) => `[${name}]`).join();
const TOASTS = "[data-testid=stToastText]"; // no screen reader would say them: they are in no live region
const A_YEAR = 365 * 24 * 60 * 60; // seconds

/**
 * By element and attribute: Streamlit's text and the one in its place.
 * @type {WeakMap<Element, Record<string, { original: string, translation: string }>>}
 */
const translations = new WeakMap();

/** @param {string} text @param {Record<string, string>} names */
export function translate(text, names) {
  if (Object.hasOwn(names, text)) return names[text] ?? text;
  for (const [english, translation] of Object.entries(names)) {
    const [before = "", after] = english.split("*");
    if (after !== undefined && text.startsWith(before) && text.endsWith(after)) {
      return translation.replace("*", () => text.slice(before.length, text.length - after.length));
    }
  }
  return text;
}

/** @param {Element} element @param {string} attribute @param {Record<string, string>} names */
function translateAttribute(element, attribute, names) {
  const shown = element.getAttribute(attribute);
  if (shown === null) return;
  const stored = translations.get(element) ?? {};
  const original = stored[attribute]?.translation === shown ? stored[attribute].original : shown;
  const translation = translate(original, names);
  translations.set(element, { ...stored, [attribute]: { original, translation } });
  if (translation !== shown) element.setAttribute(attribute, translation);
}

/** @param {Text} text @param {Labels} labels */
function translateText(text, { names, spoken }) {
  if (!text.parentElement?.closest(spoken)) return;
  const translation = translate(text.data, names);
  if (translation !== text.data) text.data = translation;
}

/** @param {Node} node @param {Labels} labels */
function translateWithin(node, labels) {
  if (node instanceof Text) translateText(node, labels);
  if (!(node instanceof Element)) return;
  const all = (/** @type {string} */ selector) => [...(node.matches(selector) ? [node] : []), ...node.querySelectorAll(selector)];
  for (const element of all(NAMED)) {
    ATTRIBUTES.forEach((attribute) => translateAttribute(element, attribute, labels.names));
  }
  for (const [selector, name] of Object.entries(labels.given)) {
    for (const element of all(selector)) element.setAttribute("aria-label", name);
  }
  for (const [selector, text] of Object.entries(labels.visible)) {
    for (const { firstChild } of all(selector)) if (firstChild instanceof Text) firstChild.data = text;
  }
  for (const toast of all(TOASTS)) toast.setAttribute("role", "alert");
  if (!node.closest(labels.spoken) && !node.querySelector(labels.spoken)) return;
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) translateText(/** @type {Text} */ (walker.currentNode), labels);
}

/** @param {MutationRecord} record @param {Labels} labels */
function translateChange({ type, target, attributeName, addedNodes }, labels) {
  if (type === "attributes") translateAttribute(/** @type {Element} */ (target), attributeName ?? "", labels.names);
  else if (type === "characterData") translateText(/** @type {Text} */ (target), labels);
  else addedNodes.forEach((node) => translateWithin(node, labels));
}

// One observer on a page: two of different languages would undo each other's texts for ever.
const shared = /** @type {{ __etlMonitorLabels?: { observer: MutationObserver | null } }} */ (globalThis);
const watching = (shared.__etlMonitorLabels ??= { observer: null });
const WATCHED = { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES };

/** @param {{ data: Labels }} component */
export default function ({ data: labels }) {
  document.documentElement.lang = labels.language;
  if (labels.chosen) {
    document.cookie = `${labels.cookie}=${labels.chosen}; path=/; max-age=${A_YEAR}; SameSite=Lax`;
  }
  watching.observer?.disconnect();
  translateWithin(document.body, labels);
  const observer = new MutationObserver((records) => records.forEach((record) => translateChange(record, labels)));
  observer.observe(document.body, WATCHED);
  watching.observer = observer;
  return () => observer.disconnect();
}
