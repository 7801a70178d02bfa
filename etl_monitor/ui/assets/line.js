// This page's own line to the portal, as Streamlit marks it. While it is cut nothing here is live,
// whatever was told last.
const LINE = "data-test-connection-state";
const line = { app: null, cutAt: null, watchers: new Set() };

function lookAtLine() {
  const isCut = line.app.getAttribute(LINE) !== "CONNECTED";
  if (isCut === (line.cutAt !== null)) return;
  line.cutAt = isCut ? Date.now() + clock.offset : null;
  line.watchers.forEach((redraw) => redraw((n) => n + 1));
}

function watchLine() {
  const app = document.querySelector(`[${LINE}]`);
  if (app === null || app === line.app) return;
  line.app = app;
  new MutationObserver(lookAtLine).observe(app, { attributeFilter: [LINE] });
}

// When the line was cut, in ms of the portal's clock; null: it holds.
function useLine() {
  const [, redraw] = useState(0);
  useEffect(() => {
    watchLine();
    line.watchers.add(redraw);
    return () => line.watchers.delete(redraw);
  }, []);
  return line.cutAt;
}

// A view's data with their true age.
function useAge(data) {
  const cutAt = useLine();
  if (cutAt === null) return data;
  const receivedAt = data.freshness === "live" ? new Date(cutAt).toISOString() : data.receivedAt;
  return { ...data, freshness: "stale", receivedAt };
}

// The clocks of what is not live stand still at its last news. Null: they go on.
const Standstill = createContext(null);
const standstill = ({ freshness, receivedAt }) => (freshness !== "live" && receivedAt ? Date.parse(receivedAt) : null);
