// @ts-check
// Open jobs: their details come apart from the rows, which all who see the list share.

/** @import { JobCard, JobDetails } from "./payloads.d.ts" */
/** @import { OpenableJob } from "./types.d.ts" */
/** The details of the open jobs by their ids; null while they are on their way. @typedef {Map<string, JobDetails | null>} OpenJobs */

/** Each row as it was last shown open. @type {WeakMap<JobCard, OpenableJob>} */
const shown = new WeakMap();

/**
 * Returns the data of a monitor or of one job, its rows with their details. What did not change is the
 * same object as before.
 * @param {any} data
 * @param {OpenJobs} openJobs
 */
export function withDetails(data, openJobs) {
  if (openJobs.size === 0) return data;
  const rowOf = (/** @type {JobCard} */ row) => (openJobs.has(row.id) ? opened(row, openJobs.get(row.id) ?? null) : row);
  if (data.job) return { ...data, job: rowOf(data.job) };
  return data.running ? { ...data, running: data.running.map(rowOf), finished: data.finished.map(rowOf) } : data;
}

/** @param {JobCard} row @param {JobDetails | null} details */
function opened(row, details) {
  const last = shown.get(row);
  if (last?.details === details) return last;
  const next = { ...row, open: true, details };
  shown.set(row, next);
  return next;
}
