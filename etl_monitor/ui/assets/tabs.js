// @ts-check
// Writes the opened tab of the page into its address. The page does not run for it: what a tab shows
// would be another one's under the pointer.

/**
 * The address with the tab; the first one, which opens by itself, is not named.
 * @param {string} address @param {string} parameter @param {string} name @param {boolean} isFirst
 */
export function withTab(address, parameter, name, isFirst) {
  const changed = new URL(address);
  changed.searchParams.delete(parameter);
  if (!isFirst) changed.searchParams.set(parameter, name);
  return changed.href;
}

/** @param {{ data: { group: string, parameter: string, names: string[] } }} component */
export default function ({ data: { group, parameter, names } }) {
  const tabs = () => [...document.querySelectorAll(`.st-key-${group} [role="tab"]`)];
  const write = () => {
    const index = tabs().findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const name = names[index];
    if (name) history.replaceState(history.state, "", withTab(location.href, parameter, name, index === 0));
  };
  const observer = new MutationObserver((changes) => {
    const ours = new Set(tabs());
    if (changes.some(({ target }) => target instanceof Element && ours.has(target))) write();
  });
  observer.observe(document.body, { subtree: true, attributeFilter: ["aria-selected"] });
  write(); // one may have been opened before this script was there
  return () => observer.disconnect();
}
