"""
The sealing service: the vault over HTTP, for publishers that write to the log themselves.

- ``POST /v1/seal``: identities in, sealed fields with attestations out; at most 512 a call.
- ``POST /v1/persons``: the person ids of handlers, approvers and visitors.
- ``GET /v1/vault``: id, suite, public key and last sequence of the vault.
- ``GET /livez``: 200 as long as the process answers.

All but the last need ``Authorization: Bearer TOKEN``. Errors are RFC 9457 problem documents with
codes and places, never with a value that was sent. Bytes are base64. See docs/sealing.md.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import fields
from http import HTTPStatus
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.signing import BATCH_MAX
from vault.errors import IdentityRejected, Problem, VaultError, VaultUnreachable
from vault.identities import Identity
from vault.vault import Sealed, SealRequest, Vault

BODY_BYTES_MAX: Final = 4 * 1024 * 1024
CODE_MAX: Final = 64
"""Longest organisation code or business id, in characters."""
SEALED_FIELDS: Final = ("recipient", "worker")
TOKEN_MIN: Final = 16

_IDENTITY: Final = tuple(field.name for field in fields(Identity))


class Refused(Exception):
    """An answer other than 200: a problem document."""

    def __init__(self, status: HTTPStatus, code: str, **more: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.more = more


type_of: Final = "urn:hengwen:sealing:{}".format
"""Problem type of a code."""


def sealing_app(vault: Vault, *, token: str) -> Starlette:
    """
    The service as an ASGI application.

    Raises:
        ValueError: the token is shorter than 16 characters.
    """
    if len(token) < TOKEN_MIN:
        raise ValueError(f"the token must have at least {TOKEN_MIN} characters")
    expected = f"Bearer {token}".encode()

    def guarded(work: Callable[[Vault, object], dict[str, Any]], method: str, path: str) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                _authorise(request, expected)
                body = await _json(request) if method == "POST" else None
                return JSONResponse(await run_in_threadpool(work, vault, body))
            except Refused as refused:
                return _problem(refused.status, refused.code, **refused.more)
            except Exception as error:  # noqa: BLE001  # a traceback could quote what was sent
                return _problem(*_failure(error), error=type(error).__name__)

        return Route(path, endpoint, methods=[method])

    app = Starlette(
        routes=[
            guarded(_seal, "POST", "/v1/seal"),
            guarded(_persons, "POST", "/v1/persons"),
            guarded(_describe, "GET", "/v1/vault"),
            Route("/livez", _alive, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _no_route},
    )
    # No redirects: they would lead wherever the client's own Host header says.
    app.router.redirect_slashes = False
    return app


def _authorise(request: Request, expected: bytes) -> None:
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, expected):
        raise Refused(HTTPStatus.UNAUTHORIZED, "TOKEN")


async def _json(request: Request) -> object:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BODY_SIZE", limit=BODY_BYTES_MAX)
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "NOT_JSON") from None


def _seal(vault: Vault, body: object) -> dict[str, Any]:
    items = _items(body, "requests")
    requests = [_request(item, f"requests[{i}]") for i, item in enumerate(items)]
    try:
        sealed = vault.seal(requests, fold_old=_flag(body, "fold_old"))
    except IdentityRejected as rejected:
        raise _rejected(rejected) from None
    return {"vault": vault.vault, "sealed": [_answer(one) for one in sealed]}


def _persons(vault: Vault, body: object) -> dict[str, Any]:
    items = _items(body, "identities")
    identities = [_identity(item, f"identities[{i}]") for i, item in enumerate(items)]
    try:
        persons = vault.persons_of(identities, fold_old=_flag(body, "fold_old"))
    except IdentityRejected as rejected:
        raise _rejected(rejected) from None
    return {"vault": vault.vault, "persons": persons}


def _describe(vault: Vault, _body: object) -> dict[str, Any]:
    return {
        "vault": vault.vault,
        "ledger": vault.ledger.hex(),
        "suite": vault.suite,
        "public_key": _text(vault.public_key),
        "sequence": vault.last_sequence,
    }


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


def _items(body: object, name: str) -> list[Any]:
    items = body.get(name) if isinstance(body, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= BATCH_MAX:
        raise Refused(HTTPStatus.BAD_REQUEST, "COUNT", field=name, limit=BATCH_MAX)
    return items


def _flag(body: object, name: str) -> bool:
    value = body.get(name, False) if isinstance(body, dict) else None
    if not isinstance(value, bool):
        raise Refused(HTTPStatus.BAD_REQUEST, "WRONG_TYPE", field=name)
    return value


def _request(item: object, path: str) -> SealRequest:
    if not isinstance(item, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "WRONG_TYPE", field=path)
    field = item.get("field")
    if field not in SEALED_FIELDS:
        raise Refused(HTTPStatus.BAD_REQUEST, "UNKNOWN_FIELD", field=f"{path}.field")
    return SealRequest(
        organisation=_code(item, "organisation", path),
        business_id=_code(item, "business_id", path),
        field=field,
        identity=_identity(item.get("identity"), f"{path}.identity"),
    )


def _code(item: Mapping[str, Any], name: str, path: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= CODE_MAX or not value.isascii():
        raise Refused(HTTPStatus.BAD_REQUEST, "WRONG_TYPE", field=f"{path}.{name}")
    return value


def _identity(item: object, path: str) -> Identity:
    if not isinstance(item, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "WRONG_TYPE", field=path)
    # An unknown name is not repeated in the answer: it may be a value in the wrong place.
    if not set(item) <= set(_IDENTITY):
        raise Refused(HTTPStatus.BAD_REQUEST, "UNKNOWN_FIELD", field=path)
    for name in _IDENTITY:
        if not isinstance(item.get(name), str | None):
            raise Refused(HTTPStatus.BAD_REQUEST, "WRONG_TYPE", field=f"{path}.{name}")
    needed = {name: item.get(name) or "" for name in _IDENTITY[:3]}
    return Identity(**(item | needed))


def _answer(sealed: Sealed) -> dict[str, Any]:
    attestation = sealed.attestation
    return {
        "person": sealed.person,
        "sealed": _text(sealed.sealed),
        "checks": sealed.checks,
        "card": sealed.card,
        "phone": sealed.phone,
        "household": sealed.household,
        "attestation": attestation._asdict()
        | {
            "signature": _text(attestation.signature),
            "path": [_text(step) for step in attestation.path],
        },
        "warnings": _codes(sealed.warnings),
    }


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _codes(problems: tuple[Problem, ...]) -> list[dict[str, str]]:
    return [problem._asdict() for problem in problems]


def _rejected(rejected: IdentityRejected) -> Refused:
    rejections = [
        {"index": one.index, "problems": _codes(one.problems)} for one in rejected.rejections
    ]
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "IDENTITY_REJECTED", rejections=rejections)


def _failure(error: Exception) -> tuple[HTTPStatus, str]:
    if isinstance(error, VaultUnreachable):
        return HTTPStatus.SERVICE_UNAVAILABLE, "DATABASE"
    if isinstance(error, VaultError):
        return HTTPStatus.CONFLICT, "VAULT"
    return HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL"


def _problem(status: HTTPStatus, code: str, **more: object) -> Response:
    document = {
        "type": type_of(code.lower().replace("_", "-")),
        "title": TITLES.get(code, status.phrase),
        "status": int(status),
        "code": code,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(
        document | more, status, headers=headers, media_type="application/problem+json"
    )


async def _no_route(_request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    return _problem(status, "NO_SUCH_ADDRESS" if status == HTTPStatus.NOT_FOUND else "METHOD")


TITLES: Final = {
    "TOKEN": "令牌缺失或不正确 · The token is missing or wrong",
    "BODY_SIZE": "请求过大 · The request is too large",
    "NOT_JSON": "请求不是 JSON · The request is not JSON",
    "COUNT": "条数应为 1 至 512 · 1 to 512 items are needed",
    "WRONG_TYPE": "字段类型不正确 · A field has the wrong type",
    "UNKNOWN_FIELD": "未知字段 · Unknown field",
    "IDENTITY_REJECTED": "身份信息未通过实名核验 · Identities failed the real-name checks",
    "DATABASE": "保管库数据库暂不可用 · The vault's database cannot be reached",
    "VAULT": "保管库拒绝了请求 · The vault refused",
    "INTERNAL": "内部错误 · Internal error",
    "NO_SUCH_ADDRESS": "没有这个地址 · No such address",
    "METHOD": "不支持这个方法 · Method not allowed",
}
