// How fresh what is shown is.
function Badge({ data: told, ask, language }) {
  useTick(1000);
  const { labels } = told;
  // Without a line to the portal nobody knows how the portal's own connection is.
  const data = useLine() === null ? told : { ...told, state: "reconnecting", stateText: labels.reconnecting, attempt: "", nextTryAt: null, reason: "", mayConnect: false };
  useTitle(data.titleCounts);
  const badge = useRef(null);
  const connect = ({ detail }) => {
    ask("connect");
    if (detail === 0) badge.current.focus(); // by keyboard: the button goes
  };
  const next = data.nextTryAt ? Math.max(0, Math.ceil(-secondsSinceSigned(data.nextTryAt))) : null;
  return html`<div class="etl-badge" ref=${badge} tabindex="-1" data-connection=${data.state} role="status" aria-live="polite">
    <span class="etl-dot" aria-hidden="true"></span>
    <strong>${data.stateText}</strong>
    ${data.attempt && html`<span aria-hidden="true">${data.attempt}</span>`}
    ${next !== null && html`<span class="etl-number" aria-hidden="true">${labels.nextTry} ${inSeconds(next, language)}</span>`}
    ${data.lastEventAt && html`<span class="etl-facts" aria-hidden="true">${labels.lastEvent} ${ago(data.lastEventAt, language)}</span>`}
    ${data.reason && html`<span class="etl-facts">${data.reason}</span>`}
    ${data.mayConnect && html`<button type="button" class="etl-button etl-small" onClick=${connect}>${labels.connect}</button>`}
  </div>`;
}

const secondsSinceSigned = (iso) => (Date.now() + clock.offset - Date.parse(iso)) / 1000;

// The counts stand before the page's own title, which Streamlit sets anew in each full run.
function useTitle(counts) {
  useEffect(() => {
    const own = document.title.replace(/^\(.*?\) /, "");
    document.title = counts ? `(${counts}) ${own}` : own;
  });
}
