"""Is the web server alive? Says nothing else to anybody."""

from flask import Blueprint, Response, jsonify

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def show() -> Response:
    """Answer {"ok": true}."""
    return jsonify(ok=True)
