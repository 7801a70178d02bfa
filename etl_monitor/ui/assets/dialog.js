// @ts-check
import { createContext } from "./vendor/htm-preact.js";

/** Whether a dialog of the page is open: then nothing behind it may move or take the focus. */
export const isDialogOpen = () => document.querySelector('[role="dialog"]') !== null;

/** Whether a view stands in a dialog of the page around it: none of ours can open there. */
export const Enclosed = createContext(false);

/** @param {Element} root */
export const isEnclosed = (root) => root.closest('[role="dialog"]') !== null;

/** Whether it stands in a form, which sends nothing before it is submitted. @param {Element} root */
export const isInForm = (root) => root.closest('[data-testid="stForm"]') !== null;
