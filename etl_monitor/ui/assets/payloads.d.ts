// Made from the pages' Python types by `python -m tests.js.payload_types`.

/**
 * The pages around the shown one. `newer`, `older`: whether there is a page that way.
 */
export interface Pager {
  text: string;
  newer: boolean;
  older: boolean;
}

/**
 * Fixed texts of a list with pages and a selection. `{n}` and `{name}` are filled in by the
 * browser.
 */
export interface ListLabels {
  selected: string;
  selectAll: string;
  selectAllOf: string;
  clearSelection: string;
  showNew: string;
  newer: string;
  older: string;
}

/**
 * A value of a field, and its text for people.
 */
export interface FieldValue {
  value: string;
  text: string;
}

/**
 * A field by which a search narrows: `field` is typed, `name` is its name for people.
 */
export interface SearchField {
  field: string;
  name: string;
  values: Array<FieldValue>;
}

/**
 * What the search box with the key `searchKey` offers. `label` names the list.
 */
export interface Completion {
  searchKey: string;
  label: string;
  fields: Array<SearchField>;
}

/**
 * Where the live socket is, relative to the page, and by which id it names the session.
 */
export interface Live {
  path: string;
  session: string;
}

/**
 * What comes with every rendering. `session`, `run` and `version` order two renderings of one
 * view: a page takes the one of the later full run, then that of the higher store version. A
 * `session` that the page does not know begins anew, as after a restart.
 */
export interface Frame {
  session: string;
  run: number;
  version: number;
  language: string;
  now: string;
  justNow: string;
  actedAt: string | null;
}

/**
 * A view within a mounted one, with its data from the same run. `mount`: its key.
 */
export interface InnerFrame {
  mount: string;
  data: Record<string, any>;
  mounting: number;
  drawing: number | null;
}

/**
 * A view and its data, from a full run. `view` names the script that draws it. `live`: missing
 * without a live socket. `mounting` counts the mounts of a session. `drawing`: the number of the
 * channel's drawing that `data` is; None if the channel is ahead. `inner`: the views within this
 * one, by the ids of their rows.
 */
export interface MountFrame {
  session: string;
  run: number;
  version: number;
  language: string;
  now: string;
  justNow: string;
  actedAt: string | null;
  mount: string;
  view: string;
  data: Record<string, any>;
  live?: Live;
  mounting: number;
  drawing: number | null;
  inner?: Record<string, InnerFrame>;
}

/**
 * What the bus sends of a view: its `whole` data, or the `changes` since the drawing `base`,
 * each with the number of the drawing to which it leads. A page that has a later drawing applies
 * those that it lacks; one that lacks `base` asks for the whole. `mounting`: of which mount this
 * is; None: of any before this run. `drawing`: the newest one's number; None if a full run drew
 * it. `personal`: the part of the data that no channel has.
 */
export interface BusNews {
  mounting: number | null;
  drawing: number | null;
  personal: Record<string, any>;
  base?: number;
  changes?: Array<[number, Record<string, any>]>;
  whole?: Record<string, any>;
}

/**
 * What is new of mounted views, by their keys. `outdated`: for what the page around a view must
 * run again, by the views' keys. `rendering`: its number for the paint report, None if nothing is
 * measured.
 */
export interface BusFrame {
  session: string;
  run: number;
  version: number;
  language: string;
  now: string;
  justNow: string;
  actedAt: string | null;
  updates: Record<string, BusNews>;
  outdated: Record<string, string>;
  rendering: number | null;
  paintReportUrl: string | null;
}

/**
 * What a person's command has led to, for the part of another app's page in which they gave it.
 * `number` grows with each: a page shows each once.
 */
export interface NoticesFrame {
  session: string;
  run: number;
  version: number;
  language: string;
  now: string;
  justNow: string;
  actedAt: string | null;
  notices: Array<string>;
  number: number;
}

/**
 * What the portal sends over the live socket. `version`: the newest drawing that is in it.
 * `requests`: how many of the page it has read. `storeVersion` orders it among frames.
 * `views`: for each view with news `{"whole": …}` or `{"patch": …}`. `personal`: of views whose
 * part for this person has changed.
 */
export interface LiveMessage {
  version: number;
  requests: number;
  storeVersion: number;
  now: string;
  rendering: number | null;
  outdated: Record<string, string>;
  views: Record<string, Record<string, any>>;
  personal: Record<string, Record<string, any>>;
}

/**
 * How current a view is: `live`, `catching_up` or `stale`. `receivedAt`: when the service was
 * last heard from, ISO 8601; None if never.
 */
export interface Freshness {
  freshness: string;
  receivedAt: string | null;
}

export interface BadgeLabels {
  connect: string;
  nextTry: string;
  lastEvent: string;
  reconnecting: string;
}

/**
 * The connection badge. `state`: connecting, live, reconnecting or disconnected.
 */
export interface BadgePayload {
  state: string;
  stateText: string;
  attempt: string;
  nextTryAt: string | null;
  lastEventAt: string | null;
  reason: string;
  titleCounts: string | null;
  mayConnect: boolean;
  labels: BadgeLabels;
}

export interface DownloadLink {
  text: string;
  href: string;
}

/**
 * `what`: what the files hold, if the page around does not say it; else empty. `note`: how far
 * a file is or why there is none; empty: nothing to say.
 */
export interface DownloadsPayload {
  what: string;
  files: Array<DownloadLink>;
  note: string;
  isProblem: boolean;
}

export interface Link {
  text: string;
  href: string;
}

/**
 * Why a job failed, the first bad rows of its file, and what to do.
 */
export interface JobProblem {
  reason: string;
  rowsHeading: string;
  rows: Array<string>;
  advice: string;
  technical: string;
}

/**
 * A step of a job. `id`: its name. `left` and `width`: its bar in per cent of the job's
 * duration.
 */
export interface JobStep {
  id: string;
  text: string;
  status: string;
  statusText: string;
  rows: string;
  duration: string;
  left: number;
  width: number;
}

/**
 * A job of the same test. `current`: whether it is the one whose details are shown.
 */
export interface JobAttempt {
  id: string;
  text: string;
  href: string;
  current: boolean;
}

/**
 * What opens under a job. `facts`: name, value and address (or ""). Steps, attempts and log are
 * missing if the service has no details of the job.
 */
export interface JobDetails {
  facts: Array<[string, string, string]>;
  problem: string;
  copy: string;
  href: string;
  steps?: Array<JobStep>;
  attempts?: Array<JobAttempt>;
  log?: Array<string>;
}

/**
 * One job. An empty text is not shown. `select`, `cancel`, `retry` and `promote` are the
 * accessible names of its controls; None if there is no such control. `endless`: it is not known
 * how many rows there are, so its bar moves without an end.
 */
export interface JobRow {
  id: string;
  shortId: string;
  status: string;
  cancelling: boolean;
  statusText: string;
  progress: number;
  endless: boolean;
  percent: string;
  title: string;
  person: string;
  requestedBy: string;
  attempt: string;
  retryOf: Link | null;
  step: string;
  rows: string;
  eta: string;
  startedAt: string | null;
  finishedAt: string | null;
  finishedText: string;
  duration: string;
  deadline: string | null;
  problem: JobProblem | null;
  select: string | null;
  cancel: string | null;
  retry: string | null;
  promote: string | null;
}

/**
 * What a page gets of an open job beside its row. `details`: None while the first ones are on
 * their way.
 */
export interface DetailsPayload {
  details: JobDetails | null;
}

/**
 * A job that can be opened. `repair` leads to where a corrected file is uploaded; None if the
 * file is not at fault.
 */
export interface JobCard {
  id: string;
  shortId: string;
  status: string;
  cancelling: boolean;
  statusText: string;
  progress: number;
  endless: boolean;
  percent: string;
  title: string;
  person: string;
  requestedBy: string;
  attempt: string;
  retryOf: Link | null;
  step: string;
  rows: string;
  eta: string;
  startedAt: string | null;
  finishedAt: string | null;
  finishedText: string;
  duration: string;
  deadline: string | null;
  problem: JobProblem | null;
  select: string | null;
  cancel: string | null;
  retry: string | null;
  promote: string | null;
  repair: Link | null;
}

export interface JobLabels {
  cancel: string;
  promote: string;
  retry: string;
  details: string;
  close: string;
  technical: string;
  elapsed: string;
  waiting: string;
  deadline: string;
  attempts: string;
  log: string;
  loading: string;
  copy: string;
  copyLink: string;
  copied: string;
  notCopied: string;
  cancelQuestion: string;
  cancelConsequence: string;
  cancelReason: string;
  cancelYes: string;
  cancelNo: string;
}

/**
 * `{n}`, `{name}` and `{ago}` are filled in by the browser.
 */
export interface MonitorLabels {
  cancel: string;
  promote: string;
  retry: string;
  details: string;
  close: string;
  technical: string;
  elapsed: string;
  waiting: string;
  deadline: string;
  attempts: string;
  log: string;
  loading: string;
  copy: string;
  copyLink: string;
  copied: string;
  notCopied: string;
  cancelQuestion: string;
  cancelConsequence: string;
  cancelReason: string;
  cancelYes: string;
  cancelNo: string;
  selected: string;
  selectAll: string;
  selectAllOf: string;
  clearSelection: string;
  showNew: string;
  newer: string;
  older: string;
  monitor: string;
  noneRunning: string;
  noneFinished: string;
  noneFits: string;
  noneFitsRunning: string;
  noneFitsFinished: string;
  byStatus: string;
  cancelSelected: string;
  retrySelected: string;
  catchingUp: string;
  stale: string;
  neverReceived: string;
  shortcuts: string;
}

export interface StatusChip {
  status: string;
  text: string;
  count: string;
  isChosen: boolean;
}

/**
 * Which jobs have not ended, and how the newest ended ones did: id → status. Whatever is
 * filtered or on another page, so that screen readers hear of every end.
 */
export interface JobOutcomes {
  active: Array<string>;
  ended: Record<string, string>;
}

/**
 * A job that needs attention from `at` on. `mayMark`: whether this person may mark it as
 * seen.
 */
export interface AttentionItem {
  id: string;
  jobId: string;
  status: string;
  title: string;
  href: string;
  reason: string;
  at: string | null;
  atText: string;
  mayMark: boolean;
}

/**
 * `{n}` is filled in by the browser, which knows how many items are due.
 */
export interface Attention {
  items: Array<AttentionItem>;
  heading: string;
  more: string;
  seen: string;
  allSeen: string;
}

/**
 * `startedJobs`: ids of what this person started, shown at once. `bulkActions`: how often this
 * session acted on a selection; each time clears it. `openJobs`: ids of the jobs that they have
 * opened.
 */
export interface PersonalPart {
  openJobs: Array<string>;
  startedJobs: Array<string>;
  bulkActions: number;
}

/**
 * The full monitor. `runningCount` and `finishedCount` count jobs on all pages. `filterKey`
 * changes with the filter.
 */
export interface MonitorPayload {
  freshness: string;
  receivedAt: string | null;
  openJobs: Array<string>;
  startedJobs: Array<string>;
  bulkActions: number;
  loaded: boolean;
  attention: Attention;
  running: Array<JobCard>;
  finished: Array<JobCard>;
  runningCount: number;
  finishedCount: number;
  runningHeading: string;
  finishedHeading: string;
  chips: Array<StatusChip>;
  activePager: Pager | null;
  pager: Pager | null;
  outcomes: JobOutcomes;
  announcements: Record<string, string>;
  filterKey: string;
  isNarrow: boolean;
  searchKey: string | null;
  completion: Completion;
  problem: string;
  labels: MonitorLabels;
}

/**
 * One job on its own: a line (`compact`) or a card. Without a job, `emptyText` says why.
 * `untitled`: the page around it has the title.
 */
export interface JobPayload {
  job: JobRow | JobCard | null;
  untitled?: boolean;
  emptyText?: string;
  compact?: boolean;
  freshness?: string;
  receivedAt?: string | null;
  labels?: JobLabels;
}

/**
 * The switch that turns keyboard shortcuts on and off. `off`: its text while off.
 */
export interface KeysPayload {
  label: string;
  off: string;
}

/**
 * A test result. `at`: when it was scored, else uploaded. `select` and `reprocess` are
 * accessible names; None if the reader may not do it. `busyText`: why it cannot be reprocessed
 * now. `repair`: the way to the upload of a corrected file, where the same one would fail again.
 * `lastRun`: how the newest run ended if the scores of an earlier one stand; else empty.
 */
export interface ResultRow {
  id: string;
  title: string;
  href: string;
  facts: Array<string>;
  counts: Array<string>;
  at: string | null;
  atText: string;
  isScored: boolean;
  statusText: string;
  lastRun: string;
  job: JobRow | null;
  select: string | null;
  mayReprocess: boolean;
  busyText: string;
  reprocess: string | null;
  repair: Link | null;
}

/**
 * `{ago}` is filled in by the browser.
 */
export interface ResultsLabels {
  cancel: string;
  promote: string;
  retry: string;
  details: string;
  close: string;
  technical: string;
  elapsed: string;
  waiting: string;
  deadline: string;
  attempts: string;
  log: string;
  loading: string;
  copy: string;
  copyLink: string;
  copied: string;
  notCopied: string;
  cancelQuestion: string;
  cancelConsequence: string;
  cancelReason: string;
  cancelYes: string;
  cancelNo: string;
  selected: string;
  selectAll: string;
  selectAllOf: string;
  clearSelection: string;
  showNew: string;
  newer: string;
  older: string;
  reprocess: string;
  repair: string;
  results: string;
  uploaded: string;
}

/**
 * See the monitor's part.
 */
export interface ResultsPersonalPart {
  bulkActions: number;
}

/**
 * One page of the list of test results. `bulkActions`, `filterKey`: as in the monitor.
 */
export interface ResultsPayload {
  freshness: string;
  receivedAt: string | null;
  bulkActions: number;
  rows: Array<ResultRow>;
  filterKey: string;
  problem: string;
  total: number;
  totalText: string;
  reprocessAll: string | null;
  pager: Pager | null;
  emptyText: string;
  completion: Completion;
  labels: ResultsLabels;
}

/**
 * A label of an axis. `at`: its position in per cent of the axis.
 */
export interface Tick {
  at: number;
  text: string;
}

/**
 * A mean (`at`) with its spread (`low` to `high`) and everybody's mean (`all`), in per cent of
 * the column's width.
 */
export interface Plot {
  at: number;
  all: number | null;
  low: number | null;
  high: number | null;
}

/**
 * A piece of text: plain, with an address, or with a `tone` (a job status, or good, fair, poor,
 * none). A moment is shown as it stands (`at`, ISO 8601) or as the time since then (`since`).
 *
 * The first part of a cell has the cell's `value` to sort by, and its `heat`: how strong the cell
 * is coloured, in per cent.
 */
export interface Part {
  text: string;
  href?: string | null;
  tone?: string | null;
  at?: string;
  since?: string;
  faint?: boolean;
  block?: boolean;
  value?: number | string | null;
  plot?: Plot;
  heat?: number;
}

/**
 * `width` in CSS; if missing, the content decides. `tight`: texts stay on one line.
 */
export interface Column {
  text: string;
  width?: string;
  sortable?: boolean;
  numeric?: boolean;
  tight?: boolean;
  ticks?: Array<Tick>;
}

/**
 * `id` identifies the row over updates.
 */
export interface Row {
  id: string;
  cells: Array<Array<Part>>;
  faint?: boolean;
}

/**
 * A table.
 *
 * `stacked`: on a narrow page its rows become blocks; else it scrolls sideways, and each row's
 * first cell is its heading. `captioned`: the label is seen, too. `compact`: no wider than its
 * texts, and its columns' headings are on several lines. A button with the text `more`
 * shows the rows beyond `limit`. `height`: CSS; a higher table scrolls. `waiting`: the text of a
 * button that stands for `{n}` new rows while the pointer is among the old ones; without it, new
 * rows never wait. `filterKey` changes with the filter: then no row is held in place.
 */
export interface Table {
  label: string;
  columns: Array<Column>;
  rows: Array<Row>;
  stacked?: boolean;
  captioned?: boolean;
  compact?: boolean;
  limit?: number;
  more?: string;
  height?: string;
  notes?: Array<string>;
  waiting?: string;
  filterKey?: string;
}

export interface Fact {
  name: string;
  parts: Array<Part>;
  note?: string;
  wide?: boolean;
}

export interface Section {
  heading: string;
  facts?: Array<Fact>;
  table?: Table;
  note?: string;
}

/**
 * A live page that is one table.
 */
export interface TablePayload {
  problem: string;
  emptyText: string;
  table: Table;
}

/**
 * A live page of facts and tables.
 */
export interface SectionsPayload {
  problem: string;
  sections: Array<Section>;
}

export interface TitleBlock {
  type: "title";
  text: string;
  note: string;
}

export interface Count {
  name: string;
  text: string;
}

/**
 * A few numbers that come before everything else.
 */
export interface CountsBlock {
  type: "counts";
  counts: Array<Count>;
  note: string;
}

export interface TableBlock {
  type: "table";
  table: Table;
}

/**
 * A bar of a histogram, in per cent of its plot.
 */
export interface Bar {
  left: number;
  width: number;
  height: number;
  title: string;
}

/**
 * A percentile. `at` in per cent; `above`: how far its label stands above the plot, in rem;
 * `side`: left, middle or right of the line.
 */
export interface Mark {
  at: number;
  above: number;
  text: string;
  side: string;
}

/**
 * `height` and `band` (the room for labels above the plot) in rem.
 */
export interface Histogram {
  title: string;
  facts: string;
  summary: string;
  xTitle: string;
  yTitle: string;
  x: Array<Tick>;
  y: Array<Tick>;
  height: number;
  band: number;
  marks: Array<Mark>;
  bars: Array<Bar>;
}

export interface HistogramsBlock {
  type: "histograms";
  charts: Array<Histogram>;
}

/**
 * A line across a plot at a value of one axis, `x` or `y`; `at` in per cent.
 */
export interface Limit {
  axis: string;
  at: number;
}

/**
 * `x` and `y` in per cent. `text`: a label on its `side`, left or right; may be empty.
 */
export interface Dot {
  x: number;
  y: number;
  weak: boolean;
  title: string;
  text: string;
  side: string;
}

export interface ScatterBlock {
  type: "scatter";
  title: string;
  summary: string;
  note: string;
  xTitle: string;
  yTitle: string;
  x: Array<Tick>;
  y: Array<Tick>;
  height: number;
  limits: Array<Limit>;
  dots: Array<Dot>;
}

export interface NamedTable {
  name: string;
  table: Table;
}

/**
 * Tables of which one is shown, chosen in the page.
 */
export interface GroupsBlock {
  type: "groups";
  label: string;
  scales: Array<NamedTable>;
}

export interface ReportPayload {
  language: string;
  blocks: Array<TitleBlock | CountsBlock | TableBlock | HistogramsBlock | ScatterBlock | GroupsBlock>;
}
