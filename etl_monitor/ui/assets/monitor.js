// The full monitor, and one job on its own.
// empty: what is said where there are none; one that is shown elsewhere is one too.
// now: those that are in the list as things are; one that has ended under the pointer is not.
function JobList({ heading, jobs, now, empty, ...rest }) {
  const isStillHere = (job) => now.some((one) => one.id === job.id);
  return html`<section aria-label=${heading}>
    <div class="etl-list-head">
      <h3 class="etl-heading" tabindex="-1" data-place>${heading}</h3>
      <${SelectAll} rows=${jobs.filter(isStillHere)} selection=${rest.selection} words=${rest.words} of=${heading} />
    </div>
    ${jobs.length === 0
      ? empty && html`<p class="etl-empty">${empty}</p>`
      : html`<ul class="etl-list">${jobs.map((job) => html`<${JobCard} key=${job.id} job=${job} ...${rest} />`)}</ul>`}
  </section>`;
}

function Chips({ chips, label, ask }) {
  return html`<div class="etl-chips" role="group" aria-label=${label}>${chips.map((chip) => html`
    <button type="button" key=${chip.status} class="etl-chip" data-tone=${chip.status} aria-pressed=${chip.on ? "true" : "false"}
      onClick=${() => ask("status", chip.status)}><span class="etl-icon" aria-hidden="true">${ICONS[chip.status]}</span>
      ${chip.text} <span class="etl-number">${chip.count}</span></button>`)}</div>`;
}

function Freshness({ data, language }) {
  useTick(1000);
  if (data.freshness === "live") return null;
  const { words } = data;
  const text = data.freshness === "catching_up" ? words.catching_up
    : data.heardAt ? words.stale.replace("{ago}", ago(data.heardAt, language)) : words.neverHeard;
  return html`<p class="etl-freshness">${text}</p>`;
}

// Not disabled in earnest at the first and the last page: it would lose the focus there.
const Turn = ({ may, text, onClick }) =>
  html`<button type="button" class="etl-button" aria-disabled=${may ? undefined : "true"} onClick=${() => may && onClick()}>${text}</button>`;

// Who turned the page reads it from its first row on; the focus stays, for the next turn.
function Pager({ pager, words, ask }) {
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
    <${Turn} may=${pager.newer} text=${words.newer} onClick=${() => turn("newer")} />
    <span class="etl-number">${pager.text}</span>
    <span class="etl-visually-hidden" role="status">${said}</span>
    <${Turn} may=${pager.older} text=${words.older} onClick=${() => turn("older")} />
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
  const { words } = data;
  const key = JSON.stringify([data.chips?.map((chip) => chip.on), data.filterKey]);
  const calm = useCalm({ running: data.running, finished: data.finished }, key, data.started);
  const announcements = useAnnouncements(data.happening, data.said);
  const selection = useSelection(data.acted);
  useKeys(ask);
  if (!data.loaded) return html`<${Skeleton} data=${data} language=${language} />`;
  const common = { ask, words, language, selection, style: calm.style };
  const noneOf = data.runningCount + data.finishedCount === 0 ? [words.noneFits, words.noneFits] : [words.noneFitsRunning, words.noneFitsFinished];
  const [noneRunning, noneFinished] = data.isNarrow ? noneOf : [words.noneRunning, words.noneFinished];
  return html`<${Standstill.Provider} value=${standstill(data)}><div class="etl-view" aria-label=${words.monitor} role="region" data-freshness=${data.freshness} ...${calm.watch}>
    ${announcements}
    <div class="etl-tools">
      <div><${Chips} chips=${data.chips} label=${words.byStatus} ask=${ask} /><${Freshness} data=${data} language=${language} /></div>
      <button type="button" class="etl-button etl-keys" aria-label=${words.shortcuts} title=${words.shortcuts} onClick=${() => ask("shortcuts")}>?</button>
    </div>
    <${Waiting} calm=${calm} words=${words} />
    <${JobList} heading=${data.runningHeading} jobs=${calm.rows.running} now=${data.running} empty=${data.runningCount === 0 && noneRunning} ...${common} />
    ${data.problem && html`<p class="etl-problem" role="status">${data.problem}</p>`}
    <${JobList} heading=${data.finishedHeading} jobs=${calm.rows.finished} now=${data.finished} empty=${data.finishedCount === 0 && noneFinished} ...${common} />
    ${data.pager && html`<${Pager} pager=${data.pager} words=${words} ask=${ask} />`}
    <${Selected} selection=${selection} words=${words} ask=${ask} actions=${[["retry-many", words.retrySelected], ["cancel-many", words.cancelSelected]]} />
  </div><//>`;
}

// As high as what comes: nothing jumps when it does.
function Skeleton({ data, language }) {
  const shape = (name) => html`<div class="etl-skeleton" data-shape=${name}></div>`;
  return html`<div class="etl-view" role="status" aria-label=${data.words.loading}>
    ${shape("chips")}
    <div class="etl-list">${["heading", "card", "card", "card"].map(shape)}</div>
    <${Freshness} data=${data} language=${language} />
  </div>`;
}

function OneJob({ data: told, ask, language }) {
  const data = useAge(told);
  if (!data.job) return html`<span class="etl-facts">${data.none}</span>`;
  return html`<${Standstill.Provider} value=${standstill(data)}><div data-freshness=${data.freshness}>${data.compact
    ? html`<${CompactJob} job=${data.job} ask=${ask} words=${data.words} />`
    : html`<ul class="etl-list"><${JobCard} job=${data.job} ask=${ask} words=${data.words} language=${language} /></ul>`}
  </div><//>`;
}
