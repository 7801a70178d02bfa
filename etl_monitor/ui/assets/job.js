// One job: as a line (compact) or as a card.
const ICONS = { pending: "◷", running: "▶", completed: "✓", failed: "!", cancelled: "⊘", cancelling: "…" };
const toneOf = (job) => (job.cancelling ? "cancelling" : job.status);

function StatusMark({ job }) {
  return html`<span class="etl-status" data-tone=${toneOf(job)}>
    <span class="etl-icon" aria-hidden="true">${ICONS[toneOf(job)]}</span>${job.statusText}
  </span>`;
}

function Bar({ job }) {
  return html`<div class="etl-bar" role="progressbar" aria-label=${job.title} aria-valuemin="0"
      aria-valuemax="100" aria-valuenow=${job.progress} aria-valuetext=${job.percent}>
    <div class="etl-bar-fill" data-tone=${toneOf(job)} style=${{ width: `${job.progress}%` }}></div>
  </div>`;
}

function JobButtons({ job, ask, labels, small }) {
  const button = (kind, name, face) => name && html`<button type="button" key=${kind}
      data-do=${kind} class=${small ? "etl-button etl-small" : "etl-button"} aria-label=${name} title=${name}
      onClick=${() => ask(kind, job.id)}>${face}</button>`;
  return html`<span class="etl-buttons">
    ${button("retry", job.retry, labels.retry)}${button("cancel", job.cancel, labels.cancel)}
  </span>`;
}

function CompactJob({ job, ask, labels }) {
  const facts = [job.step, job.eta].filter(Boolean).join(" · ");
  return html`<div class="etl-compact" data-job-id=${job.id} data-status=${job.status}
      data-progress=${job.progress}>
    <${StatusMark} job=${job} />
    ${job.status === "running" && html`<${Bar} job=${job} /><span class="etl-number">${job.percent}</span>`}
    ${facts && html`<span class="etl-facts" title=${facts}>${facts}</span>`}
    ${job.problem && html`<span class="etl-facts etl-why" title=${job.problem.reason}>${job.problem.reason}</span>`}
    <${JobButtons} job=${job} ask=${ask} labels=${labels} small=${true} />
  </div>`;
}

function Problem({ problem, labels }) {
  return html`<div class="etl-problem" role="note">
    <p>${problem.reason}</p>
    ${problem.rows.length > 0 && html`<p>${problem.rowsHeading}</p><ul>${problem.rows.map((row) => html`<li key=${row}>${row}</li>`)}</ul>`}
    <p class="etl-advice">${problem.advice}</p>
    ${problem.technical && html`<details><summary>${labels.technical}</summary><pre>${problem.technical}</pre></details>`}
  </div>`;
}

function Steps({ steps }) {
  return html`<ol class="etl-steps">${steps.map((step) => html`<li key=${step.name} data-tone=${step.status}>
    <span class="etl-icon" aria-hidden="true">${ICONS[step.status]}</span>
    <span>${step.text}</span><span class="etl-visually-hidden">${step.statusText}</span>
    <span class="etl-step-time" aria-hidden="true"><span style=${{ left: `${step.left}%`, width: `${step.width}%` }}></span></span>
    <span class="etl-number">${step.rows}</span><span class="etl-number">${step.duration}</span>
  </li>`)}</ol>`;
}

function JobFact({ name, value, href }) {
  return html`<div><dt>${name}</dt><dd>${href ? html`<a href=${href}>${value}</a>` : value}</dd></div>`;
}

// A tail: what came last is seen, unless somebody has scrolled up to read.
function Log({ text, label }) {
  const box = useRef(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  const note = ({ target: { scrollHeight, scrollTop, clientHeight } }) => {
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 4;
  };
  return html`<div><h4>${label}</h4><pre class="etl-log" tabindex="0" aria-label=${label} ref=${box} onScroll=${note}>${text}</pre></div>`;
}

function Copy({ text, labels }) {
  const [outcome, set] = useState("copy");
  const copy = () => copied(text).then((done) => set(done ? "copied" : "notCopied"));
  return html`<div><button type="button" class="etl-button etl-small" onClick=${copy}>${labels[outcome]}</button></div>`;
}

// Whether it was copied. A page that came without https has no clipboard but the old way.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedAsSelection(text);
  }
}

function copiedAsSelection(text) {
  const back = document.activeElement;
  const held = Object.assign(document.createElement("textarea"), { value: text, className: "etl-visually-hidden" });
  back.after(held); // beside the button: within a dialog nothing else may have the focus
  held.select();
  const done = document.execCommand("copy");
  held.remove();
  back.focus();
  return done;
}

function JobDetails({ details, labels }) {
  if (!details) return html`<p class="etl-facts">${labels.loading}</p>`;
  return html`<div class="etl-details">
    ${details.problem && html`<p class="etl-facts">${details.problem}</p>`}
    <dl>${details.facts.map(([name, value, href]) => html`<${JobFact} key=${name} ...${{ name, value, href }} />`)}</dl>
    ${details.steps?.length > 0 && html`<${Steps} steps=${details.steps} />`}
    ${details.attempts?.length > 1 && html`<div><h4>${labels.attempts}</h4><ul class="etl-family">${details.attempts.map(
      (one) => html`<li key=${one.id}><a href=${one.href} aria-current=${one.current ? "true" : undefined}>${one.text}</a></li>`)}</ul></div>`}
    ${details.log && html`<${Log} text=${details.log} label=${labels.log} />`}
    ${details.copy && html`<${Copy} text=${details.copy} labels=${labels} />`}
  </div>`;
}

// Both labels take the room of the longer one, so that nothing beside it moves.
function Toggle({ job, ask, labels }) {
  return html`<button type="button" class="etl-link" data-do="toggle" aria-expanded=${job.open ? "true" : "false"}
      aria-label=${`${job.open ? labels.close : labels.details} ${job.shortId}`} onClick=${() => ask("toggle", job.id)}>
    <span class="etl-either"><span data-on=${job.open ? "no" : "yes"}>${labels.details}</span><span data-on=${job.open ? "yes" : "no"}>${labels.close}</span></span>
    <span class="etl-chevron" aria-hidden="true"></span>
  </button>`;
}

function Progress({ job, labels }) {
  const running = job.status === "running";
  return html`<div class="etl-card-progress">
    ${running && html`<div class="etl-progress"><${Bar} job=${job} /><span class="etl-number">${job.percent}</span></div>`}
    <div class="etl-facts etl-card-counted">
      ${job.rows && html`<span class="etl-number">${job.rows}</span>`}
      ${running && job.startedAt && html`<${Elapsed} since=${job.startedAt} label=${labels.elapsed} />`}
    </div>
    <div class="etl-facts etl-card-left">
      ${job.eta && html`<span class="etl-number">${job.eta}</span>`}
      ${job.deadline && html`<${Remaining} until=${job.deadline} label=${labels.deadline} />`}
    </div>
  </div>`;
}

// On a narrow place: what it is, then how it is, then how far. On a wide one all in a line.
function JobCard({ job, ask, labels, language, selection, style }) {
  const who = [job.person, job.requestedBy, job.attempt].filter(Boolean);
  return html`<li class="etl-card" tabindex="-1" style=${style?.(job)} data-job-id=${job.id} data-status=${job.status} data-progress=${job.progress}>
    <div class="etl-card-head">
      ${selection && job.select && html`<input type="checkbox" data-do="select" aria-label=${job.select}
        checked=${selection.ids.has(job.id)} onChange=${() => selection.toggle(job.id)} />`}
      <span class="etl-title" title=${job.title}>${job.title}</span>
      <span class="etl-card-buttons"><${JobButtons} job=${job} ask=${ask} labels=${labels} /><${Toggle} job=${job} ask=${ask} labels=${labels} /></span>
      <div class="etl-card-facts etl-facts">
        <span class="etl-card-state"><${StatusMark} job=${job} />
          ${job.step && html`<span>${job.step}</span>`}
          ${job.finishedAt && html`<${Ago} at=${job.finishedAt} language=${language} title=${job.finishedText} />`}</span>
        ${job.duration && html`<span class="etl-card-took">${job.duration}</span>`}
        <span class="etl-card-who">${who.map((fact) => html`<span key=${fact}>${fact}</span>`)}
          ${job.retryOf && html`<a href=${job.retryOf.href}>${job.retryOf.text}</a>`}</span>
      </div>
      ${(job.status === "running" || job.deadline) && html`<${Progress} job=${job} labels=${labels} />`}
    </div>
    ${job.problem && html`<${Problem} problem=${job.problem} labels=${labels} />`}
    ${job.open && html`<${JobDetails} details=${job.details} labels=${labels} />`}
  </li>`;
}
