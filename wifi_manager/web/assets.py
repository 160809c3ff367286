"""One style sheet a face, in one request: the shared design tokens, then the face's own rules."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from flask import Blueprint, Flask, Response

_HERE = Path(__file__).parent
TOKENS = _HERE / "static" / "tokens.css"
COMPONENTS = _HERE / "static" / "components.css"
_KEEP = "public, max-age=31536000, immutable"  # its address changes with its content


def install(app: Flask, sheets: Sequence[Path]) -> None:
    """Serve the sheets, one after the other, as `{{ style_url }}`; make the templates under `web/` known.

    Raises OSError when a sheet cannot be read.
    """
    content = joined(sheets)
    address = f"/style-{hashlib.sha256(content.encode()).hexdigest()[:12]}.css"
    blueprint = Blueprint("web", __name__, template_folder="templates")

    @blueprint.get(address)
    def style() -> Response:
        return Response(content, mimetype="text/css", headers={"Cache-Control": _KEEP})

    @app.context_processor
    def _known_to_templates() -> dict[str, str]:
        return {"style_url": address}

    app.register_blueprint(blueprint)


def joined(sheets: Sequence[Path]) -> str:
    """The sheets one after the other, without comments and indentation: a phone on a bus pays for every packet.

    Raises OSError when one cannot be read.
    """
    css = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", bare).strip()
