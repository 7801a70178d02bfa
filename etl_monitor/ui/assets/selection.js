// Several rows chosen, to do the same with all of them.
// acted: how often that was done; then nothing is chosen any more.
function useSelection(acted) {
  const [ids, set] = useState(() => new Set());
  const choose = (some, isChosen) => set((old) => {
    const next = new Set(old);
    some.forEach((id) => (isChosen ? next.add(id) : next.delete(id)));
    return next;
  });
  const clear = () => set((old) => (old.size > 0 ? new Set() : old));
  const before = useRef(acted);
  useEffect(() => {
    if (acted !== before.current) clear(); // not at first: somebody may have been quick to choose
    before.current = acted;
  }, [acted]);
  return { ids, choose, clear, toggle: (id) => choose([id], !ids.has(id)) };
}

// What is shown of a list, at once; what was chosen on other pages stays chosen.
function SelectAll({ rows, selection, labels, of }) {
  const ids = rows.filter((row) => row.select).map((row) => row.id);
  if (ids.length === 0) return null;
  const chosen = ids.filter((id) => selection.ids.has(id)).length;
  const isAll = chosen === ids.length;
  return html`<label class="etl-select-all">
    <input type="checkbox" aria-label=${labels.selectAllOf.replace("{name}", of)} checked=${isAll} indeterminate=${chosen > 0 && !isAll}
      onChange=${() => selection.choose(ids, !isAll)} />${labels.selectAll}
  </label>`;
}

// actions: what can be done with them, as [kind, text].
function Selected({ selection, labels, ask, actions }) {
  const ids = [...selection.ids];
  if (ids.length === 0) return null;
  const text = labels.selected.replace("{n}", ids.length);
  return html`<div class="etl-selection" role="toolbar" aria-label=${text}>
    <strong class="etl-number">${text}</strong>
    ${actions.map(([kind, name]) => html`<button type="button" key=${kind} class="etl-button" onClick=${() => ask(kind, ids.join(","))}>${name}</button>`)}
    <button type="button" class="etl-button" onClick=${(event) => (leave(event), selection.clear())}>${labels.clearSelection}</button>
  </div>`;
}
