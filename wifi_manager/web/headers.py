"""The headers that keep a page from being framed, scripted, remembered or read by another site."""

from dataclasses import dataclass

from flask import Flask, Response

# CSP level 3. Nothing is allowed but what a page of ours needs: its own style sheet, its own images, its own forms.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Headers:
    """What differs between the two faces.

    `referrer_policy`: "no-referrer" where addresses carry tickets; "same-origin" where forms check where they come
    from. `https`: True where people reach the application over TLS, so that browsers insist on it (RFC 6797).
    """

    referrer_policy: str = "no-referrer"
    https: bool = False

    def install(self, app: Flask) -> None:
        """Put the headers on every response of the application, error pages included; what a view has set stays."""
        always = self.always()

        @app.after_request
        def _add(response: Response) -> Response:
            given = {name.lower() for name, _value in response.headers.to_wsgi_list()}
            for name, value in always.items():
                if name.lower() not in given:
                    response.headers.add(name, value)
            return response

    def always(self) -> dict[str, str]:
        """The headers of every response that has not set them itself, by name."""
        headers = {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": self.referrer_policy,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",  # the style sheet says otherwise for itself
        }
        if self.https:
            headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
        return headers
