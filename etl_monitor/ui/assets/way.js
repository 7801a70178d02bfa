// To another page of this portal within the session, as one step of the browser's history: Streamlit
// looks at the address when a browser goes back or forward, and that is all it is told here.
function go(address) {
  history.pushState({}, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
}
