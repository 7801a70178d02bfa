// @ts-check
// What a search offers for the word that is being typed: first the fields `status:`, `person:` and
// `kind:`, then their values. Searched texts are those of wire/search.py.

/** @import { SearchField } from "./payloads.d.ts" */
/** `text` takes the word's place; a field is followed by its values. @typedef {{ text: string, label: string, note: string }} Offer */

const MOST = 8; // offers, so that the page below stays in sight
const SHORTEST = 2; // letters of a word that may be the beginning of a field's name

/** @param {string} text */
const fold = (text) => text.normalize("NFC").toLowerCase();

/** The word at the caret: where it begins and ends, and its part before the caret. @param {string} text @param {number} caret */
export function wordAt(text, caret) {
  const start = text.slice(0, caret).search(/\S*$/u);
  const end = caret + text.slice(caret).search(/\s|$/u);
  return { start, end, typed: text.slice(start, caret) };
}

/** A value of several words is searched by each of them. @param {string} field @param {string} value */
const narrowed = (field, value) => value.split(/\s+/u).filter(Boolean).map((word) => `${field}:${word}`).join(" ");

/** @param {SearchField} field @returns {Offer} */
const ofField = ({ field, name }) => ({ text: `${field}:`, label: `${field}:`, note: name });

/** @param {SearchField} field @param {string} part @returns {Offer[]} */
function ofValues({ field, values }, part) {
  if (values.some(({ value }) => fold(value) === part)) return []; // it is complete
  const named = values.map(({ value, text }) => ({ value, text, all: [fold(value), fold(text)] }));
  const begin = named.filter(({ all }) => all.some((name) => name.startsWith(part)));
  const contain = named.filter((each) => !begin.includes(each) && each.all.some((name) => name.includes(part)));
  return [...begin, ...contain].slice(0, MOST).map(({ value, text }) =>
    ({ text: `${narrowed(field, value)} `, label: text, note: text === value ? "" : value }));
}

/**
 * The fields have English names, and can be found by those in the reader's language.
 * `isRequested`: whether a person opened the list, also without a word.
 * @param {string} typed @param {SearchField[]} fields @returns {Offer[]}
 */
export function offersFor(typed, fields, isRequested = false) {
  const [name = "", ...rest] = fold(typed).split(":");
  if (rest.length > 0) {
    const field = fields.find((each) => each.field === name || fold(each.name) === name);
    return field ? ofValues(field, rest.join(":")) : [];
  }
  if (name.length < SHORTEST && !(isRequested && name === "")) return [];
  return fields.filter((each) => each.field.startsWith(name) || fold(each.name).startsWith(name)).map(ofField);
}

/** The text with an offer in the place of its word, and where the caret then is. @param {string} text @param {number} caret @param {Offer} offer */
export function taken(text, caret, offer) {
  const { start, end } = wordAt(text, caret);
  const after = text.slice(end);
  const inserted = /^\s/u.test(after) ? offer.text.trimEnd() : offer.text;
  return { text: text.slice(0, start) + inserted + after, caret: start + inserted.length };
}
