"""Pages that the gateway itself shows where the portal cannot or shall not: Korean and English, a few hundred bytes.

They load nothing, need no script, and speak to the citizen of what can be done now.
"""

from http import HTTPStatus

from wifi_manager.gateway.face.http_door import Reply

OFFER_PATH = "/pass"
_PAGE = """\
<!doctype html>
<html lang="ko">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 30rem; padding: 0 1rem }}
button {{ font: inherit; font-weight: bold; min-height: 3rem; padding: .5rem 1rem; width: 100% }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #eee }} }}
</style>
<main>
<h1>{title}</h1>
{content}
</main>
</html>
"""
_TITLE = "공공 와이파이 · Public Wi-Fi"
_A_MINUTE = 60


def offer(seconds: int) -> Reply:
    """The one button: a short pass, because the sign-in cannot be reached."""
    minutes = max(seconds // _A_MINUTE, 1)
    return _reply(
        HTTPStatus.OK,
        "<p>지금은 로그인 서비스에 연결되지 않습니다. "
        f"아래 버튼을 누르면 {minutes}분 동안 인터넷을 쓸 수 있습니다.</p>\n"
        f'<p lang="en">The sign-in cannot be reached just now. '
        f"With the button below you are online for {minutes} minutes.</p>\n"
        f'<form method="post" action="{OFFER_PATH}">'
        f'<button>{minutes}분 이용하기 · <span lang="en">{minutes} minutes online</span></button></form>',
    )


def given(seconds: int) -> Reply:
    """The pass is in the kernel: what the citizen has now."""
    minutes = max(-(-seconds // _A_MINUTE), 1)
    return _reply(
        HTTPStatus.OK,
        f"<p>이제 인터넷을 쓸 수 있습니다. {minutes}분 남았습니다.</p>\n"
        f'<p lang="en">You are online. {minutes} minutes are left.</p>',
    )


def no_more() -> Reply:
    """The device has had its passes of this hour."""
    return _reply(
        HTTPStatus.TOO_MANY_REQUESTS,
        "<p>이 기기는 짧은 이용을 이미 사용했습니다. 한 시간 뒤에 다시 시도해 주세요. "
        "로그인 서비스가 돌아오면 바로 로그인할 수 있습니다.</p>\n"
        '<p lang="en">This device has had its short passes. Try again in an hour; '
        "as soon as the sign-in is back you can sign in.</p>",
        {"Retry-After": "3600"},
    )


def not_now() -> Reply:
    """The pass could not be given: nothing that the citizen did."""
    return _reply(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "<p>지금은 인터넷에 연결할 수 없습니다. 잠시 뒤 다시 시도해 주세요.</p>\n"
        '<p lang="en">The internet cannot be reached just now. Please try again in a moment.</p>',
        {"Retry-After": "30"},
    )


def no_newcomers() -> Reply:
    """The gateway is being drained. 503, which no phone takes for a portal that it should open."""
    return _reply(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "<p>점검 중이라 지금은 새로 접속할 수 없습니다. 가까운 다른 와이파이를 이용해 주세요.</p>\n"
        '<p lang="en">This Wi-Fi takes nobody new just now: it is being worked on. '
        "Please use another one near by.</p>",
        {"Retry-After": "600"},
    )


def _reply(status: HTTPStatus, content: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, _PAGE.format(title=_TITLE, content=content).encode(), headers=headers or {})
