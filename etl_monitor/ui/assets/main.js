// Mounts and the bus: see component.py. News for a mount that an older run of the page made are late.
const VIEWS = { badge: Badge, monitor: Monitor, results: Results, job: OneJob, keys: Keys, table: TableView, sections: Sections, notice: Note };
const mounts = (globalThis.__etlMonitorMounts ??= new Map());
// The newest news of this run, also for a mount that the page puts in place only now: where the
// browser is slow, both come at once, and its own data are older than what the others show.
const told = (globalThis.__etlMonitorTold ??= new Map());

// Of one session's table. A browser that was away may find another one, which counts anew.
const isOlder = (a, b) => a.session === b.session && (a.run < b.run || (a.run === b.run && a.version < b.version));

function draw(mount, frame, data) {
  if (mount.frame && isOlder(frame, mount.frame)) return;
  mount.frame = { session: frame.session, run: frame.run, version: frame.version };
  const ask = (kind, id = "") => mount.setTriggerValue("action", { kind, id });
  render(html`<${VIEWS[mount.view]} data=${data} ask=${ask} language=${frame.language} />`, mount.root);
}

function deliver(frame) {
  told.forEach((one, key) => one.frame.run !== frame.run && told.delete(key));
  for (const [key, data] of Object.entries(frame.updates)) {
    told.set(key, { frame, data });
    const mount = mounts.get(key);
    if (mount) draw(mount, frame, data);
  }
}

// What stands around a view is old: have the page drawn again, but not while a question is open.
function refresh(keys) {
  const mount = mounts.get(keys[0]);
  if (!mount) return;
  if (isAsking()) setTimeout(() => refresh(keys), 1000);
  else mount.setTriggerValue("action", { kind: "refresh", id: "" });
}

function mountIn({ parentElement, setTriggerValue, data }) {
  let mount = mounts.get(data.mount);
  if (!mount || mount.parent !== parentElement) {
    const root = parentElement.appendChild(document.createElement("div"));
    root.className = "etl-monitor";
    mount = { parent: parentElement, root, view: data.view };
    mounts.set(data.mount, mount);
  }
  mount.setTriggerValue = setTriggerValue;
  const newest = told.get(data.mount);
  if (newest && isOlder(data, newest.frame)) draw(mount, newest.frame, newest.data);
  else draw(mount, data, data.data);
  return () => {
    if (mounts.get(data.mount) !== mount || document.contains(mount.root)) return;
    render(null, mount.root);
    mounts.delete(data.mount);
  };
}

export default function (component) {
  clock.offset = Date.parse(component.data.now) - Date.now();
  clock.actedAt = component.data.actedAt;
  clock.justNow = component.data.justNow;
  if (component.data.updates) {
    deliver(component.data);
    if (component.data.outdated.length > 0) refresh(component.data.outdated);
    return noteDrawn(component.data);
  }
  return mountIn(component);
}
