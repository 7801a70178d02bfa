// @ts-check

/** Whether a dialog of the page is open: then nothing behind it may move or take the focus. */
export const isDialogOpen = () => document.querySelector('[role="dialog"]') !== null;
