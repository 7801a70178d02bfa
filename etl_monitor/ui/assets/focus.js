// Who works by keyboard stays where they were: a job that is cancelled moves to another list, its
// button goes, a button is disabled while a job runs. The browser would begin at the page's top.
const LOOK_AGAIN = 100; // ms; a question that is open has the focus, and gives it back when it closes
const rowsIn = (root) => [...root.querySelectorAll(".etl-list > li")];
const idOf = (row) => row.dataset.jobId ?? row.dataset.testId;
const isUsable = (element) => element.isConnected && !element.disabled;
const isNowhere = () => document.activeElement === null || document.activeElement === document.body;

// root: ref of what holds the rows. Returns what watches its focus.
function useKeptFocus(root) {
  const last = useRef(null); // {element, id, place, control, byKey}: where the focus was
  const timer = useRef(null);
  const look = () => {
    clearTimeout(timer.current);
    if (!last.current) return;
    if (isAsking()) timer.current = setTimeout(look, LOOK_AGAIN);
    else if (isNowhere()) focusAgain(root.current, last.current);
    else if (!root.current?.contains(document.activeElement)) last.current = null;
  };
  // Somebody clicked beside everything. What is gone or disabled was not left: it left.
  const forget = () => {
    const isLeft = last.current && isUsable(last.current.element) && isNowhere() && document.hasFocus();
    if (isLeft && !isAsking()) last.current = null;
  };
  useEffect(look);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    entered: ({ target }) => {
      const row = target.closest(".etl-list > li");
      last.current = {
        element: target,
        id: row && idOf(row),
        place: rowsIn(root.current).indexOf(row), // -1: none, such as what acts on the chosen ones
        control: target.dataset.do,
        byKey: target.matches(":focus-visible"),
      };
    },
    left: ({ relatedTarget: to }) => {
      if (to && !to.closest('[role="dialog"]')) last.current = null;
      else setTimeout(forget);
    },
  };
}

// A control that goes when it is pressed, such as "show 3 new": whoever pressed it by keyboard goes on
// at the list that follows it, or at the last one. A mouse has no focus to lose.
function leave({ currentTarget: control, detail }) {
  if (detail > 0) return;
  const places = [...control.closest(".etl-view").querySelectorAll("[data-place]")];
  const follows = (place) => control.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING;
  (places.find(follows) ?? places.at(-1))?.focus();
}

// The same control of the same row, else the row itself, else the one that took its place. The list
// where it was in no row.
function focusAgain(root, { id, place, control, byKey }) {
  const rows = root ? rowsIn(root) : [];
  const row = rows.find((one) => idOf(one) === id) ?? rows[Math.min(place, rows.length - 1)];
  const same = control && row && idOf(row) === id ? row.querySelector(`[data-do="${control}"]:not(:disabled)`) : null;
  const list = place < 0 ? [...(root?.querySelectorAll("[data-place]") ?? [])].at(-1) : null;
  (same ?? row ?? list)?.focus({ preventScroll: !byKey });
}
