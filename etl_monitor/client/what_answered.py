"""What answered in the service's place: a sign-in page, another program, another version."""

import re

from requests import Response

from etl_monitor.client.transport import display_url
from etl_monitor.errors import ServiceUnavailable

_MAX_READ = 65_536  # bytes of a page in which a sign-in form is looked for
_SIGN_IN_FORM = re.compile(rb"""type\s*=\s*["']?password|SAMLRequest""", re.IGNORECASE)
_SIGN_IN_ADDRESS = re.compile(
    r"[/.](?:log-?in|sign-?in|sso|saml2?|oauth2?|openid|auth|adfs|authorize)(?:[/.?]|$)",
    re.IGNORECASE,
)
_HTML_START = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)", re.IGNORECASE)
_MESSAGES = {
    "sign_in_page": "At {address} a sign-in page answers, not an ETL service: a proxy or gateway "
    "before the service wants a person to sign in.",
    "web_page": "At {address} a web page answers, not an ETL service.",
    "not_a_service": "What {address} answered is not what an ETL service answers ({problem}).",
    "other_version": "The ETL service at {address} answered otherwise than this version expects "
    "({problem}). It may be of another version.",
    "too_many_records": "The list of {address} has more than {problem} values; it was not read.",
}


def page_code(url: str, content_type: str, body: bytes) -> str | None:
    """Return `sign_in_page` or `web_page`; None if it is no web page."""
    is_html = content_type.partition(";")[0].strip().lower() in (
        "text/html",
        "application/xhtml+xml",
    )
    if not is_html and not _HTML_START.match(body[:_MAX_READ]):
        return None
    is_sign_in = _SIGN_IN_FORM.search(body[:_MAX_READ]) or _SIGN_IN_ADDRESS.search(url)
    return "sign_in_page" if is_sign_in else "web_page"


def code_of(response: Response) -> str | None:
    """Return `sign_in_page` or `web_page`; None if the reply, which was read, is no web page."""
    return page_code(response.url, response.headers.get("Content-Type", ""), response.content)


def not_understood(response: Response, problem: str, *, framed: bool = False) -> ServiceUnavailable:
    """Return the error for a reply that is not as expected. `framed`: it has `success` and `data`,
    as the replies of an ETL service have."""
    page = code_of(response)
    return answered(page or ("other_version" if framed else "not_a_service"), response.url, problem)


def answered(code: str, url: str, problem: str = "") -> ServiceUnavailable:
    details = {"address": display_url(url), "problem": problem}
    return ServiceUnavailable(code, _MESSAGES[code].format(**details), details)
