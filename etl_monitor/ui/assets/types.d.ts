// What the components share, beside the payloads.
import type { JobCard, JobDetails, ResultRow } from "./payloads.d.ts";

/** Sends what a person did: `kind` (cancel, retry, …) of the thing with this `id`, and what they wrote. */
export type OnAction = (kind: string, id?: string, text?: string) => void;

/** What a row says of a test whose newest run left the scores of an earlier one. */
export interface Standing {
  status: string;
  lastRun: string;
}

export interface ViewProps<P> {
  data: P;
  onAction: OnAction;
  language: string;
}

export interface Selection {
  ids: Set<string>;
  choose: (ids: string[], isChosen: boolean) => void;
  clear: () => void;
  toggle: (id: string) => void;
}

/** A job's row; `open` and `details` are this person's. */
export interface OpenableJob extends JobCard {
  open?: boolean;
  details?: JobDetails | null;
}

/** A row of a list that may be held in place. */
export interface ListRow {
  id: string;
  open?: boolean;
}

export type RowStyle = (row: ListRow) => Record<string, string> | undefined;
export type SelectableRow = Pick<JobCard | ResultRow, "id" | "select">;
