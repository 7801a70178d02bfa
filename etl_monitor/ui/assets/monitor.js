// The full monitor, and one job on its own.
// empty: what is said where there are none; one that is shown elsewhere is one too.
// now: those that are in the list as things are; one that has ended under the pointer is not.
function JobList({ heading, jobs, now, empty, ...rest }) {
  const isStillHere = (job) => now.some((one) => one.id === job.id);
  return html`<section aria-label=${heading}>
    <div class="etl-list-head">
      <h3 class="etl-heading" tabindex="-1" data-place>${heading}</h3>
      <${SelectAll} rows=${jobs.filter(isStillHere)} selection=${rest.selection} labels=${rest.labels} of=${heading} />
    </div>
    ${jobs.length === 0
      ? empty && html`<p class="etl-empty">${empty}</p>`
      : html`<ul class="etl-list">${jobs.map((job) => html`<${JobCard} key=${job.id} job=${job} ...${rest} />`)}</ul>`}
  </section>`;
}

function Chips({ chips, label, ask }) {
  return html`<div class="etl-chips" role="group" aria-label=${label}>${chips.map((chip) => html`
    <button type="button" key=${chip.status} class="etl-chip" data-tone=${chip.status} aria-pressed=${chip.isChosen ? "true" : "false"}
      onClick=${() => ask("status", chip.status)}><span class="etl-icon" aria-hidden="true">${ICONS[chip.status]}</span>
      ${chip.text} <span class="etl-number">${chip.count}</span></button>`)}</div>`;
}

function Freshness({ data, language }) {
  useTick(1000);
  if (data.freshness === "live") return null;
  const { labels } = data;
  const text = data.freshness === "catching_up" ? labels.catchingUp
    : data.receivedAt ? labels.stale.replace("{ago}", ago(data.receivedAt, language)) : labels.neverReceived;
  return html`<p class="etl-freshness">${text}</p>`;
}

// Not disabled in earnest at the first and the last page: it would lose the focus there.
const Turn = ({ may, text, onClick }) =>
  html`<button type="button" class="etl-button" aria-disabled=${may ? undefined : "true"} onClick=${() => may && onClick()}>${text}</button>`;

// Who turned the page reads it from its first row on; the focus stays, for the next turn.
function Pager({ pager, labels, ask }) {
  const root = useRef(null);
  const isTurning = useRef(false);
  const [said, say] = useState("");
  const turn = (way) => {
    isTurning.current = true;
    ask(way);
  };
  useLayoutEffect(() => {
    if (!isTurning.current) return;
    isTurning.current = false;
    comeToView(placeBefore(root.current));
    say(pager.text);
  }, [pager.text]);
  return html`<nav class="etl-pager" aria-label=${pager.text} ref=${root}>
    <${Turn} may=${pager.newer} text=${labels.newer} onClick=${() => turn("newer")} />
    <span class="etl-number">${pager.text}</span>
    <span class="etl-visually-hidden" role="status">${said}</span>
    <${Turn} may=${pager.older} text=${labels.older} onClick=${() => turn("older")} />
  </nav>`;
}

const placeBefore = (element) => {
  const places = [...element.closest(".etl-view").querySelectorAll("[data-place]")];
  return places.findLast((place) => element.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_PRECEDING);
};

function comeToView(place) {
  const covered = parseFloat(getComputedStyle(place).scrollMarginTop); // by what stands above all
  if (place.getBoundingClientRect().top < covered) place.scrollIntoView({ block: "start" });
}

function Monitor({ data: told, ask, language }) {
  const data = useAge(told);
  const { labels } = data;
  const key = JSON.stringify([data.chips?.map((chip) => chip.isChosen), data.filterKey]);
  const calm = useCalm({ running: data.running, finished: data.finished }, key, data.startedJobs);
  const announcements = useAnnouncements(data.outcomes, data.announcements);
  const selection = useSelection(data.bulkActions);
  useKeys(ask);
  if (!data.loaded) return html`<${Skeleton} data=${data} language=${language} />`;
  const common = { ask, labels, language, selection, style: calm.style };
  const noneOf = data.runningCount + data.finishedCount === 0 ? [labels.noneFits, labels.noneFits] : [labels.noneFitsRunning, labels.noneFitsFinished];
  const [noneRunning, noneFinished] = data.isNarrow ? noneOf : [labels.noneRunning, labels.noneFinished];
  return html`<${Standstill.Provider} value=${standstill(data)}><div class="etl-view" aria-label=${labels.monitor} role="region" data-freshness=${data.freshness} ...${calm.watch}>
    ${announcements}
    <div class="etl-tools">
      <div><${Chips} chips=${data.chips} label=${labels.byStatus} ask=${ask} /><${Freshness} data=${data} language=${language} /></div>
      <button type="button" class="etl-button etl-keys" aria-label=${labels.shortcuts} title=${labels.shortcuts} onClick=${() => ask("shortcuts")}>?</button>
    </div>
    <${Waiting} calm=${calm} labels=${labels} />
    <${JobList} heading=${data.runningHeading} jobs=${calm.rows.running} now=${data.running} empty=${data.runningCount === 0 && noneRunning} ...${common} />
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    <${JobList} heading=${data.finishedHeading} jobs=${calm.rows.finished} now=${data.finished} empty=${data.finishedCount === 0 && noneFinished} ...${common} />
    ${data.pager && html`<${Pager} pager=${data.pager} labels=${labels} ask=${ask} />`}
    <${Selected} selection=${selection} labels=${labels} ask=${ask} actions=${[["retry-many", labels.retrySelected], ["cancel-many", labels.cancelSelected]]} />
  </div><//>`;
}

// As high as what comes: nothing jumps when it does.
function Skeleton({ data, language }) {
  const shape = (name) => html`<div class="etl-skeleton" data-shape=${name}></div>`;
  return html`<div class="etl-view" role="status" aria-label=${data.labels.loading}>
    ${shape("chips")}
    <div class="etl-list">${["heading", "card", "card", "card"].map(shape)}</div>
    <${Freshness} data=${data} language=${language} />
  </div>`;
}

function OneJob({ data: told, ask, language }) {
  const data = useAge(told);
  if (!data.job) return html`<span class="etl-facts">${data.emptyText}</span>`;
  return html`<${Standstill.Provider} value=${standstill(data)}><div data-freshness=${data.freshness}>${data.compact
    ? html`<${CompactJob} job=${data.job} ask=${ask} labels=${data.labels} />`
    : html`<ul class="etl-list"><${JobCard} job=${data.job} ask=${ask} labels=${data.labels} language=${language} /></ul>`}
  </div><//>`;
}
