// @ts-check

/** Copies a text. Returns whether it was copied. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text); // a page without https has no clipboard but this one
  }
}

/** @param {string} text */
function copySelection(text) {
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  const field = document.createElement("textarea");
  Object.assign(field, { value: text, className: "etl-visually-hidden" });
  focused.after(field); // beside the button: within a dialog nothing else may have the focus
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused.focus();
  return isCopied;
}
