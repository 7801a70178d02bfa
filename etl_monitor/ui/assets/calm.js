// Rows keep their place while the pointer or the focus is among them, or a question is open.
const isAsking = () => document.querySelector('[role="dialog"]') !== null;
const EXPECTED_FOR = 5; // seconds in which somebody who removed something waits to see it gone
const idsOf = (rows) => rows.map((row) => row.id);

// lists: {name: rows}; key: what they are filtered by; started: ids of what this person started, which
// is shown at once. Returns the rows to draw, how many wait to be shown, and what watches the pointer
// and the focus.
function useCalm(lists, key, started = []) {
  const held = useRef(null); // {key, ids: {name: [id]}, sizes} while somebody is among the rows
  const root = useRef(null);
  const known = useRef(new Map()); // the newest of every row that was drawn
  const isPointed = useRef(false);
  const [, redraw] = useState(0);
  const focus = useKeptFocus(root);
  const isBusy = () => secondsSince(clock.actedAt ?? "1970-01-01") > EXPECTED_FOR && (isPointed.current || holdsFocus(root.current) || isAsking());

  const names = Object.keys(lists);
  const fresh = new Map(names.flatMap((name) => lists[name].map((row) => [row.id, row])));
  if (held.current && started.some((id) => fresh.has(id) && !holds(held.current.ids, id))) {
    held.current = null;
  }
  if (!isBusy()) held.current = null;
  else if (held.current === null || held.current.key !== key) {
    const ids = Object.fromEntries(names.map((name) => [name, idsOf(lists[name])]));
    held.current = { key, ids, sizes: sizesIn(root.current) };
  }
  const drawn = (name) => held.current
    ? held.current.ids[name].map((id) => fresh.get(id) ?? known.current.get(id)).filter(Boolean)
    : lists[name];
  const rows = Object.fromEntries(names.map((name) => [name, drawn(name)]));
  const shown = new Set(names.flatMap((name) => idsOf(rows[name])));
  known.current = new Map(names.flatMap((name) => rows[name].map((row) => [row.id, row])));

  const look = () => redraw((n) => n + 1);
  const point = (isInside) => () => {
    isPointed.current = isInside;
    look();
  };
  const release = () => {
    held.current = null;
    look();
  };
  return {
    rows,
    waiting: [...fresh.keys()].filter((id) => !shown.has(id)).length,
    release,
    // A row that is held keeps its height too: one that ends loses its bar, one that fails gains labels.
    style: (row) => {
      const size = held.current?.sizes.get(row.id);
      return size && size.open === Boolean(row.open) ? { height: `${size.height}px`, overflowY: "auto" } : undefined;
    },
    watch: {
      ref: root,
      onpointerenter: (event) => event.pointerType === "mouse" && point(true)(),
      onpointerleave: point(false),
      onfocusin: (event) => (focus.entered(event), look()),
      onfocusout: (event) => (focus.left(event), look()),
    },
  };
}

// Always there, without height: that something waits moves nothing.
function Waiting({ calm, labels }) {
  const show = (event) => (leave(event), calm.release());
  return html`<div class="etl-waiting">${calm.waiting > 0 && html`
    <button type="button" class="etl-button" onClick=${show}>${labels.showNew.replace("{n}", calm.waiting)}</button>`}</div>`;
}

const sizesIn = (root) => new Map([...(root?.querySelectorAll(".etl-list > li") ?? [])].map((row) => [
  row.dataset.jobId ?? row.dataset.testId,
  { height: row.offsetHeight, open: row.querySelector("[aria-expanded=true]") !== null },
]));

// What is removed while it has the focus says no word of leaving: who has it is looked up.
const holdsFocus = (root) => root !== null && root.contains(document.activeElement);
const holds = (ids, id) => Object.values(ids).some((list) => list.includes(id));

// What ended since it was last said, in one sentence, at most every few seconds. The same sentence as
// before is none to a screen reader, so that nothing is said in between.
const SAY_EVERY = 5000;
const BREATH = 200;

// active: ids of all jobs that have not ended, whatever is shown; ended: {id: status} of the newest.
function useAnnouncements({ active, ended }, labels) {
  const [said, say] = useState("");
  const before = useRef(new Set());
  const counts = useRef({});
  const timer = useRef(null);
  const later = (what, milliseconds) => {
    timer.current = setTimeout(what, milliseconds);
  };
  const speak = () => {
    timer.current = null;
    say(Object.entries(counts.current).map(([status, n]) => labels[status].replace("{n}", n)).join(", "));
    counts.current = {};
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    for (const id of before.current) {
      if (ended[id]) counts.current[ended[id]] = (counts.current[ended[id]] ?? 0) + 1;
    }
    before.current = new Set(active);
    if (Object.keys(counts.current).length === 0 || timer.current !== null) return;
    later(() => (say(""), later(speak, BREATH)), SAY_EVERY);
  });
  return html`<div class="etl-visually-hidden" role="status" aria-live="polite">${said}</div>`;
}
