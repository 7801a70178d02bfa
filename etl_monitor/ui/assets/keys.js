// Single keys for those who like them. They can be turned off, and on again, in the list that `?` and a
// button show, and are never taken from somebody who types.
const isTyping = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable=true]");

// While Hangul or Cyrillic is typed, `j` is another letter, or none yet: then the key's place counts.
const PLACES = { KeyJ: "j", KeyK: "k", KeyC: "c", KeyR: "r", KeyX: "x", Slash: "/" };
const isLatin = (key) => /^[!-~]$/.test(key) || key === "Enter";

function keyOf({ key, code, shiftKey }) {
  if (isLatin(key)) return key;
  const plain = PLACES[code];
  return shiftKey ? (plain === "/" ? "?" : undefined) : plain;
}

const cards = () => [...document.querySelectorAll(".etl-card")];

function move(step) {
  const all = cards();
  const at = all.findIndex((card) => card.contains(document.activeElement));
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

function press(what) {
  const card = document.activeElement?.closest?.(".etl-card");
  const control = card?.querySelector(`[data-do="${what}"]`);
  control?.click();
  return Boolean(control);
}

// What the person of this browser chose. One that keeps nothing (a private window) forgets it with the page.
const KEPT = "etl-monitor-keys";
let areOff = false;

function areKeysOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return !areOff;
  }
}

function turnKeys(isOn) {
  areOff = !isOn;
  try {
    if (isOn) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, "off");
  } catch {
    // areOff holds it
  }
}

function Keys({ data }) {
  const [isOn, show] = useState(areKeysOn());
  const turn = () => (turnKeys(!isOn), show(!isOn));
  return html`<label class="etl-switch"><input type="checkbox" role="switch" checked=${isOn} onChange=${turn} />${data.label}</label>
    ${!isOn && html`<p class="etl-facts">${data.off}</p>`}`;
}

function useKeys(ask) {
  const asking = useRef(ask);
  asking.current = ask;
  // Whoever sees a job can press its key: not only once the browser has painted.
  useLayoutEffect(() => {
    const does = {
      "/": () => (document.querySelector(".st-key-job-q input")?.focus(), true),
      "?": () => (asking.current("shortcuts"), true),
      j: () => (move(1), true),
      k: () => (move(-1), true),
      c: () => press("cancel"),
      r: () => press("retry"),
      x: () => press("select"),
      Enter: () => document.activeElement?.matches?.(".etl-card") && press("toggle"),
    };
    const onKey = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (!areKeysOn() || isAsking()) return;
      if (does[keyOf(event)]?.()) {
        event.preventDefault();
        event.stopImmediatePropagation(); // Streamlit has an R and a C of its own
      }
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, []);
}
