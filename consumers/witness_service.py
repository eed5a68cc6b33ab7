"""The witness over HTTP: ``POST /add-checkpoint``, as C2SP ``tlog-witness`` has it."""

from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from consumers.http_connections import answer
from evidence.witness import BODY_BYTES_MAX, Answer, Witness

PATH: Final = "/add-checkpoint"
ALIVE: Final = "/livez"
GONE: Final = Answer(HTTPStatus.BAD_REQUEST, "the request did not end\n")
"""Nobody reads it: the connection is closed."""
TOO_LARGE: Final = Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too long\n")


def witness_app(witness: Witness) -> Starlette:
    """The service as an ASGI application."""

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    return _response(TOO_LARGE)
        except ClientDisconnect:
            return _response(GONE)
        # On a thread: it waits for the disk.
        return _response(await run_in_threadpool(witness.add_checkpoint, bytes(body)))

    async def alive(_request: Request) -> Response:
        return Response("alive\n", media_type="text/plain")

    app = Starlette(
        routes=[
            Route(PATH, add_checkpoint, methods=["POST"]),
            Route(ALIVE, alive, methods=["GET"]),
        ]
    )
    # No redirects: they would lead wherever the client's own Host header says.
    app.router.redirect_slashes = False
    return app


def serve(witness: Witness, *, host: str, port: int) -> None:
    """Answer until the process is told to stop."""
    answer(witness_app(witness), host=host, port=port)


def _response(answer: Answer) -> Response:
    return Response(
        answer.body, status_code=answer.status, headers={"content-type": answer.content_type}
    )
