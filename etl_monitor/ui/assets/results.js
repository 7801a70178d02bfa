// The list of test results, each with its job's compact status.
function When({ row, labels, language }) {
  const [before, after] = row.isScored ? ["", ""] : labels.uploaded.split("{ago}");
  return html`<span>${before}<${Ago} at=${row.at} language=${language} title=${row.atText} />${after}</span>`;
}

function ResultRow({ row, ask, labels, language, selection, style }) {
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.button) return; // a new tab, as with any link
    event.preventDefault();
    if (line.cutAt === null) go(row.href); // else the address would be the result's, and the page not
  };
  return html`<li class="etl-result" tabindex="-1" style=${style(row)} data-test-id=${row.id}>
    ${row.select && html`<input type="checkbox" data-do="select" aria-label=${row.select} checked=${selection.ids.has(row.id)}
      onChange=${() => selection.toggle(row.id)} />`}
    <div class="etl-result-what">
      <a class="etl-title" href=${row.href} onClick=${open} title=${row.title}>${row.title}</a>
      <div class="etl-facts">${row.facts.map((fact) => html`<span key=${fact}>${fact}</span>`)}</div>
      <div class="etl-facts">${row.counts.map((fact) => html`<span key=${fact}>${fact}</span>`)}
        ${row.at && html`<${When} row=${row} labels=${labels} language=${language} />`}</div>
    </div>
    <div class="etl-result-status">${row.job
      ? html`<${CompactJob} job=${row.job} ask=${ask} labels=${labels} />`
      : html`<span class="etl-facts">${row.statusText}</span>`}</div>
    ${row.reprocess && html`<button type="button" class="etl-button" data-do="reprocess" disabled=${!row.mayReprocess} aria-label=${row.reprocess}
        title=${row.mayReprocess ? row.reprocess : row.busyText}
        onClick=${() => ask("reprocess", row.id)}>${labels.reprocess}</button>`}
  </li>`;
}

function Results({ data: told, ask, language }) {
  const data = useAge(told);
  const { labels } = data;
  const calm = useCalm({ rows: data.rows }, data.filterKey);
  const selection = useSelection(data.bulkActions);
  const common = { ask, labels, language, selection, style: calm.style };
  return html`<div class="etl-view" data-freshness=${data.freshness} ...${calm.watch}>
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    ${data.rows.length === 0 && !data.problem && html`<p class="etl-empty">${data.emptyText}</p>`}
    <${Waiting} calm=${calm} labels=${labels} />
    <${SelectAll} rows=${calm.rows.rows} selection=${selection} labels=${labels} of=${labels.results} />
    <ul class="etl-list" tabindex="-1" aria-label=${labels.results} data-place>${calm.rows.rows.map((row) => html`<${ResultRow} key=${row.id} row=${row} ...${common} />`)}</ul>
    ${data.total > 0 && html`<div class="etl-footer">
      <span class="etl-facts">${data.totalText}</span>
      ${data.pager && html`<${Pager} pager=${data.pager} labels=${labels} ask=${ask} />`}
      ${data.reprocessAll && html`<button type="button" class="etl-button" onClick=${() => ask("reprocess-all")}>${data.reprocessAll}</button>`}
    </div>`}
    <${Selected} selection=${selection} labels=${labels} ask=${ask} actions=${[["reprocess-many", labels.reprocess]]} />
  </div>`;
}
