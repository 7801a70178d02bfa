// Streamlit's own words are English and cannot be set: they are changed where they appear.
// `names` is English → ours; a `*` stands for what both have in common, such as a file's name. They
// are looked for in attributes, and in the text of what `spoken` selects: nowhere else, where the same
// words may be somebody's own. `given` is selector → name, for what has no name, or one that a style
// sheet hides; `texts` is selector → text, for what is seen too.
const ATTRIBUTES = ["aria-label", "placeholder"];
const NAMED = ATTRIBUTES.map((name) => `[${name}]`).join();
const originals = new WeakMap();

function renamed(said, names) {
  if (said in names) return names[said];
  for (const [english, ours] of Object.entries(names)) {
    const [before, after] = english.split("*");
    if (after !== undefined && said.startsWith(before) && said.endsWith(after)) {
      return ours.replace("*", () => said.slice(before.length, said.length - after.length));
    }
  }
  return said;
}

function rename(element, attribute, names) {
  const shown = element.getAttribute(attribute);
  if (shown === null) return;
  if (!originals.has(element)) originals.set(element, {});
  const known = originals.get(element)[attribute];
  const said = known && known.ours === shown ? known.said : shown;
  const ours = renamed(said, names);
  originals.get(element)[attribute] = { said, ours };
  if (ours !== shown) element.setAttribute(attribute, ours);
}

function respeak(text, { names, spoken }) {
  if (!text.parentElement?.closest(spoken)) return;
  const ours = renamed(text.data, names);
  if (ours !== text.data) text.data = ours;
}

function renameWithin(node, data) {
  if (node.nodeType === Node.TEXT_NODE) respeak(node, data);
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const all = (selector) => [...(node.matches(selector) ? [node] : []), ...node.querySelectorAll(selector)];
  for (const element of all(NAMED)) ATTRIBUTES.forEach((attribute) => rename(element, attribute, data.names));
  for (const [selector, name] of Object.entries(data.given)) {
    for (const element of all(selector)) element.setAttribute("aria-label", name);
  }
  for (const [selector, text] of Object.entries(data.texts)) {
    for (const element of all(selector)) if (element.firstChild) element.firstChild.data = text;
  }
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  if (node.closest(data.spoken) || node.querySelector(data.spoken)) while (texts.nextNode()) respeak(texts.currentNode, data);
}

// One watcher on a page: two of different languages would undo each other's names for ever.
const watching = (globalThis.__etlMonitorNames ??= { observer: null });
const WATCHED = { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES };

const A_YEAR = 365 * 24 * 60 * 60; // seconds

export default function ({ data }) {
  document.documentElement.lang = data.language;
  if (data.chosen) document.cookie = `${data.cookie}=${data.chosen}; path=/; max-age=${A_YEAR}; SameSite=Lax`;
  watching.observer?.disconnect();
  const see = (record) => {
    if (record.type === "attributes") rename(record.target, record.attributeName, data.names);
    else if (record.type === "characterData") respeak(record.target, data);
    else record.addedNodes.forEach((node) => renameWithin(node, data));
  };
  renameWithin(document.body, data);
  const observer = new MutationObserver((records) => records.forEach(see));
  observer.observe(document.body, WATCHED);
  watching.observer = observer;
  return () => observer.disconnect();
}
