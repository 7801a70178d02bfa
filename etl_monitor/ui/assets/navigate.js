// @ts-check

/**
 * Goes to another page of this portal within the session, as one step of the browser's history.
 * Streamlit reads the address when a browser goes back or forward; this makes it do so now.
 * @param {string} address
 */
export function navigate(address) {
  history.pushState({}, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** @param {{ data: { address: string, isPage: boolean } }} component */
export default ({ data }) => (data.isPage ? navigate(data.address) : location.assign(data.address));
