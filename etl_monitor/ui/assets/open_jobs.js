// @ts-check
// Open jobs: their details come apart from the rows, which all who see the list share.

/** @import { DetailsPayload, JobCard } from "./payloads.d.ts" */
/** @import { OpenableJob } from "./types.d.ts" */

/** Each row as it was last shown open. @type {WeakMap<JobCard, OpenableJob>} */
const shown = new WeakMap();

/**
 * Returns the data of a monitor or of one job, its rows with their details. What did not change is the
 * same object as before. `missing`: an open job without details, as its row has only come with the news;
 * the page must run for them.
 * @param {any} payload
 * @param {(id: string) => DetailsPayload | undefined} detailsOf
 * @returns {{ data: any, missing: string | null }}
 */
export function withDetails(payload, detailsOf) {
  /** @type {string | null} */
  let missing = null;
  const open = new Set(payload.openJobs);
  const rowOf = (/** @type {JobCard} */ row) => {
    const details = detailsOf(row.id);
    if (!details && open.has(row.id)) missing = row.id;
    return details || open.has(row.id) ? opened(row, details?.details ?? null) : row;
  };
  const data = "job" in payload ? withRow(payload, rowOf) : withRows(payload, rowOf);
  return { data, missing };
}

/** @param {any} payload @param {(row: JobCard) => JobCard} rowOf */
const withRow = (payload, rowOf) => (payload.job ? { ...payload, job: rowOf(payload.job) } : payload);

/** @param {any} payload @param {(row: JobCard) => JobCard} rowOf */
const withRows = (payload, rowOf) =>
  payload.openJobs?.length ? { ...payload, running: payload.running.map(rowOf), finished: payload.finished.map(rowOf) } : payload;

/** @param {JobCard} row @param {OpenableJob["details"]} details @returns {OpenableJob} */
function opened(row, details) {
  const last = shown.get(row);
  if (last && last.details === details) return last;
  const next = { ...row, open: true, details };
  shown.set(row, next);
  return next;
}
