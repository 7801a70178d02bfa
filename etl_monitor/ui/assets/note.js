// A sentence that comes and goes by itself: how far something is that was asked for, or why it is not.
function Note({ data }) {
  return html`<div role="status">
    ${data.text && html`<p class=${data.isProblem ? "etl-problem" : "etl-facts"}>${data.text}</p>`}
  </div>`;
}
