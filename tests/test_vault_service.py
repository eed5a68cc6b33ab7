"""The sealing service: what another language sends, and what it gets."""

import asyncio
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from people import LEDGER, MASTER_KEY, worker
from starlette.applications import Starlette
from test_vault_calls import clock, proves, request

from domain.parts import Attestation
from publishers.codes import identity_regions
from publishers.sealing_service import BODY_BYTES_MAX, TITLES, sealing_app
from vault.documents import check_digit
from vault.vault import Sealed, Vault

TOKEN = "a-token-for-tests-only"  # noqa: S105  # of this test


class Caller:
    """Calls the service without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return asyncio.run(self._call("GET", path, **more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST."""
        return asyncio.run(self._call("POST", path, **more))

    async def _call(
        self,
        method: str,
        path: str,
        headers: dict[str, Any] | None = None,
        **more: Any,
    ) -> httpx.Response:
        known = {"Authorization": f"Bearer {TOKEN}"} if headers is None else headers
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://vault") as client:
            return await client.request(method, path, headers=known, **more)


@pytest.fixture
def vault(postgres_dsn: str) -> Iterator[Vault]:
    """A new vault in a database of its own."""
    with Vault.create(
        postgres_dsn, MASTER_KEY, ledger=LEDGER, clock=clock, regions=identity_regions()
    ) as made:
        yield made


@pytest.fixture
def client(vault: Vault) -> Caller:
    """A caller that knows the token."""
    return Caller(sealing_app(vault, token=TOKEN))


def asked(n: int, **more: str | None) -> dict[str, Any]:
    """A request as another language sends it."""
    return {
        "organisation": "632221",
        "business_id": f"payment-{n}",
        "field": "recipient",
        "identity": asdict(worker(n, **more)),
    }


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    """Whether the answer is a problem document of RFC 9457 with a text for people."""
    body = answer.json()
    return bool(
        answer.status_code == body["status"] == status
        and body["code"] == code
        and body["title"] == TITLES[code]
        and body["type"].startswith("urn:hengwen:sealing:")
        and answer.headers["content-type"] == "application/problem+json"
    )


def test_sealed_fields_come_back_attested(client: Caller, vault: Vault) -> None:
    """The answer holds all that a submission and its proof need, in base64."""
    answer = client.post("/v1/seal", json={"requests": [asked(0), asked(1)]})
    assert answer.status_code == 200
    assert answer.json()["vault"] == vault.vault
    for n, one in enumerate(answer.json()["sealed"]):
        said = one["attestation"]
        attestation = Attestation(
            **(
                said
                | {
                    "signature": b64decode(said["signature"]),
                    "path": [b64decode(step) for step in said["path"]],
                }
            )
        )
        sealed = Sealed(**(one | {"sealed": b64decode(one["sealed"]), "attestation": attestation}))
        assert proves(vault, request(n), sealed)
        assert vault.seal([request(n)])[0][:6] == sealed[:6]


def test_a_region_that_never_was_is_a_warning_and_a_historic_one_is_none(client: Caller) -> None:
    """A number may begin with a code of any time; 110100 and 110103 were codes once."""
    requests = [
        asked(n, document_number=region_number(region))
        for n, region in enumerate(("129999", "110100", "110103"))
    ]
    sealed = client.post("/v1/seal", json={"requests": requests}).json()["sealed"]

    odd = [{"field": "document_number", "code": "ID_REGION"}]
    assert [one["warnings"] for one in sealed] == [odd, [], []]


def region_number(region: str) -> str:
    """A citizen number of nobody that begins with a region."""
    first_17 = f"{region}19700101001"
    return first_17 + check_digit(first_17)


def test_visitors_and_the_vault_itself_are_told(client: Caller, vault: Vault) -> None:
    """Person ids of visitors, and the vault's public key for whoever registers it."""
    identity = asdict(worker(5, employer=None))
    persons = client.post("/v1/persons", json={"identities": [identity]}).json()["persons"]
    assert persons == [vault.person_of(worker(5))]
    about = client.get("/v1/vault").json()
    assert about == {
        "vault": vault.vault,
        "ledger": LEDGER.hex(),
        "suite": "INTL-1",
        "public_key": about["public_key"],
        "sequence": 0,
    }
    assert b64decode(about["public_key"]) == vault.public_key


def test_rejections_are_codes_and_places(client: Caller, vault: Vault) -> None:
    """Nothing was sealed, and the answer repeats no value."""
    bad = asked(1, name="保密7", document_number="110105491231002", employer=None)
    answer = client.post("/v1/seal", json={"requests": [asked(0), bad]})
    assert is_problem(answer, 422, "IDENTITY_REJECTED")
    assert answer.json()["rejections"] == [
        {
            "index": 1,
            "problems": [
                {"field": "name", "code": "NAME_DIGITS"},
                {"field": "document_number", "code": "ID_LENGTH_15"},
                {"field": "employer", "code": "EMPLOYER_MISSING"},
            ],
        }
    ]
    assert "保密" not in answer.text
    assert "110105" not in answer.text
    assert vault.last_sequence == 0


def test_old_feeds_may_fold_15_digits(client: Caller) -> None:
    """Only when the caller says so."""
    old = asked(1, document_number="110105491231002")
    answer = client.post("/v1/seal", json={"requests": [old], "fold_old": True})
    assert answer.status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic x", "Bearer 密"])
def test_without_the_token_nothing_is_said(client: Caller, header: str) -> None:
    """Neither seals nor describes itself."""
    headers = {"Authorization": header.encode()}
    for answer in (
        client.get("/v1/vault", headers=headers),
        client.post("/v1/seal", json={"requests": [asked(0)]}, headers=headers),
    ):
        assert is_problem(answer, 401, "TOKEN")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_token_has_a_length(vault: Vault) -> None:
    """A service with a guessable token does not start."""
    with pytest.raises(ValueError, match="16"):
        sealing_app(vault, token="short")  # noqa: S106  # the wrong one


def test_it_says_that_it_lives(client: Caller) -> None:
    """Without a token."""
    answer = client.get("/livez", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "NOT_JSON"),
        (b"[" * 100_000, "NOT_JSON"),
        (b"[]", "COUNT"),
        (b'{"requests": []}', "COUNT"),
        (b'{"requests": [1]}', "WRONG_TYPE"),
        (b'{"requests": [{"field": "recipient"}]}', "WRONG_TYPE"),
        (b'{"requests": [{"field": "\xe7\x94\xb2"}]}', "UNKNOWN_FIELD"),
    ],
)
def test_what_is_no_request_is_a_problem(client: Caller, body: bytes, code: str) -> None:
    """Each defect has its code; the answer is JSON whatever came."""
    assert is_problem(client.post("/v1/seal", content=body), 400, code)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"organisation": ""}, "WRONG_TYPE", "requests[0].organisation"),
        ({"business_id": "甲"}, "WRONG_TYPE", "requests[0].business_id"),
        ({"identity": None}, "WRONG_TYPE", "requests[0].identity"),
        ({"identity": {"name": 1}}, "WRONG_TYPE", "requests[0].identity.name"),
        ({"identity": {"保密": "1"}}, "UNKNOWN_FIELD", "requests[0].identity"),
    ],
)
def test_wrong_fields_are_named_by_place(
    client: Caller, change: dict[str, Any], code: str, field: str
) -> None:
    """The path says where; a name that was sent is not repeated."""
    answer = client.post("/v1/seal", json={"requests": [asked(0) | change]})
    assert is_problem(answer, 400, code)
    assert answer.json()["field"] == field


def test_a_flag_is_true_or_false(client: Caller) -> None:
    """No guessing."""
    answer = client.post("/v1/seal", json={"requests": [asked(0)], "fold_old": "yes"})
    assert is_problem(answer, 400, "WRONG_TYPE")


def test_a_request_has_a_size(client: Caller) -> None:
    """Too many identities, and too many bytes."""
    many = client.post("/v1/seal", json={"requests": [asked(0)] * 513})
    assert is_problem(many, 400, "COUNT")
    large = client.post("/v1/seal", content=b" " * (BODY_BYTES_MAX + 1))
    assert is_problem(large, 413, "BODY_SIZE")


def test_other_addresses_and_methods_are_problems_too(client: Caller) -> None:
    """The answer has one form everywhere."""
    assert is_problem(client.get("/v2"), 404, "NO_SUCH_ADDRESS")
    assert is_problem(client.get("/v1/vault/"), 404, "NO_SUCH_ADDRESS")
    assert is_problem(client.get("/v1/seal"), 405, "METHOD")


def test_half_of_a_surrogate_pair_is_a_rejection(client: Caller) -> None:
    """JSON can spell what UTF-8 cannot; it is no fault of ours."""
    body = b'{"requests": [{"organisation": "o", "business_id": "b", "field": "recipient",'
    body += b' "identity": {"name": "\\ud800", "document_type": "RESIDENT_ID"}}]}'
    assert is_problem(client.post("/v1/seal", content=body), 422, "IDENTITY_REJECTED")


def test_a_lost_database_is_said_to_be_lost(client: Caller, vault: Vault) -> None:
    """503, and no word of what was sent."""
    vault.close()
    answer = client.post("/v1/seal", json={"requests": [asked(0)]})
    assert is_problem(answer, 503, "DATABASE")
    assert "测试" not in answer.text
