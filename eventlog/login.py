"""
One login ahead of all others, where Kafka asks for one: a refusal then says why, and at once.

The clients try a refused login again and again, and say in the end that no broker was reached.
"""

import ssl
from collections.abc import Mapping
from typing import Final

from kafka.errors import (
    AuthorizationError,
    KafkaError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from eventlog.contract import LoginRefused
from eventlog.port import ClientSettings

TRIES: Final = 5
_REFUSALS: Final = (
    AuthorizationError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
_TLS: Final = "SSL"
"""In the text of every error of TLS; the client has no class for them."""
_OVERTAKEN: Final = "disconnected"
"""
In the text of the error when the broker ends the connection.

It does so after refusing a login, and the client often sees the end before the refusal.
"""


def check_login(bootstrap: str, settings: ClientSettings) -> None:
    """
    Log in once and leave, if these settings are for a Kafka that asks for it.

    A broker that is not there is left to the client, which waits for it.

    Raises:
        LoginRefused: with the reason; the password is never in it.
    """
    if settings.get("security_protocol", "PLAINTEXT") == "PLAINTEXT":
        return
    refusals = []
    for address in bootstrap.split(","):
        try:
            if _lets_us_in({**settings, "bootstrap_servers": address}):
                return
        except LoginRefused as refused:
            refusals.append(refused)
    if refusals:
        raise refusals[0]


def _lets_us_in(connection: Mapping[str, str]) -> bool:
    """Whether the broker lets us in; False if it is not there."""
    reason = ""
    for _ in range(TRIES):
        try:
            _log_in(connection)
        except (KafkaError, ssl.SSLError) as error:
            reason = f"{type(error).__name__}: {error}"
            if isinstance(error, _REFUSALS) or _TLS in reason:
                raise LoginRefused(reason) from error
        else:
            return True
    if _OVERTAKEN in reason:
        raise LoginRefused("the connection was ended at every login")
    return False


def _log_in(connection: Mapping[str, str]) -> None:
    """Open one connection, to the end of TLS and SASL, and close it."""
    network = NetworkSelector(**connection)
    manager = KafkaConnectionManager(network, **connection)
    try:
        (broker, *_) = manager.cluster.bootstrap_brokers()
        opened = manager.get_connection(broker.node_id)

        async def logged_in() -> None:
            await opened

        network.run(logged_in)
    finally:
        manager.close()
        network.close()
