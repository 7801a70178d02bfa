// Times that go on between two pieces of news. All other labels come ready from Python.
const { createContext, html, render, useContext, useEffect, useLayoutEffect, useRef, useState } = library.htmPreact;

// offset: the portal's clock minus the browser's, in ms. actedAt: when this person last removed something.
// justNow: how a moment ago is said.
const clock = { offset: 0, actedAt: null, justNow: "" };

function useTick(milliseconds) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}

const secondsSince = (iso) => Math.max(0, (Date.now() + clock.offset - Date.parse(iso)) / 1000);

function stopwatch(seconds) {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

function ago(iso, language) {
  const seconds = secondsSince(iso);
  if (seconds < 2 && clock.justNow) return clock.justNow;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (seconds < 60) return format.format(-Math.floor(seconds), "second");
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86400) return format.format(-Math.floor(seconds / 3600), "hour");
  return format.format(-Math.floor(seconds / 86400), "day");
}

// The portal's time; of what is not live, the time of its last news.
function useNow() {
  useTick(1000);
  return useContext(Standstill) ?? Date.now() + clock.offset;
}

const inSeconds = (n, language) => new Intl.NumberFormat(language, { style: "unit", unit: "second" }).format(n);

function Elapsed({ since, label }) {
  const now = useNow();
  return html`<span class="etl-number">${label} ${stopwatch(Math.max(0, now - Date.parse(since)) / 1000)}</span>`;
}

function Remaining({ until, label }) {
  const now = useNow();
  return html`<span class="etl-number">${label} ${stopwatch(Math.max(0, Date.parse(until) - now) / 1000)}</span>`;
}

function Ago({ at, language, title }) {
  useTick(10000);
  return html`<time datetime=${at} title=${title}>${ago(at, language)}</time>`;
}
