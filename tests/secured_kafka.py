"""
A broker that lets nobody in without a login, encrypts, and gives each login its own rights.

SASL_SSL with SCRAM-SHA-512, a certificate authority made for this run, KRaft's StandardAuthorizer.
"""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from app.local_kafka import Broker, find_java

PASSWORDS: Final[Mapping[str, str]] = {
    "admin": "sample-admin-password",
    "upstream": "sample-upstream-password",
    "centre": "sample-centre-password",
    "admission": "sample-admission-password",
    "checkpointer": "sample-checkpointer-password",
    "auditor": "sample-auditor-password",
}
"""Login → password."""
ACLS: Final = "org.apache.kafka.tools.AclCommand"
"""The class that kafka-acls.sh starts."""
KEY_BITS: Final = 2048
DAY: Final = timedelta(days=1)


class Authority:
    """A certificate authority, with one certificate for a broker on this machine."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.ca_file = folder / "ca.pem"
        self.broker_file = folder / "broker.pem"
        ca_key, broker_key = (
            rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS) for _ in range(2)
        )
        issuer = _name("Sample CA")
        ca = (
            _certificate(issuer, issuer, ca_key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(ca_key, hashes.SHA256())
        )
        here = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        broker = (
            _certificate(_name("Sample broker"), issuer, broker_key)
            .add_extension(x509.SubjectAlternativeName(here), critical=False)
            .sign(ca_key, hashes.SHA256())
        )
        private = broker_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.ca_file.write_bytes(ca.public_bytes(Encoding.PEM))
        self.broker_file.write_bytes(private + broker.public_bytes(Encoding.PEM))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    # Of the subject's key; who signs it is said later.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 30 * DAY)
    )


class SecuredKafka:
    """The broker, its authority, and what each login puts into its settings."""

    def __init__(self, libs: Path, folder: Path) -> None:
        self.libs = libs
        self.folder = folder
        self.authority = Authority(folder / "tls")
        self._administrator = self._settings_of_administrator()
        scram = [
            f"SCRAM-SHA-512=[name={name},password={password}]"
            for name, password in {**PASSWORDS, "broker": "sample-broker-password"}.items()
        ]
        self.broker = Broker(
            libs=libs,
            folder=folder / "broker",
            protocol="SASL_SSL",
            settings={
                "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": _jaas(
                    "broker", "sample-broker-password"
                ),
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(self.authority.broker_file),
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": str(self.authority.ca_file),
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                # The controller's own listener has no login in this cluster of one process.
                "super.users": "User:broker;User:admin;User:ANONYMOUS",
            },
            formatting=["--standalone", *(part for one in scram for part in ("--add-scram", one))],
        )

    def _settings_of_administrator(self) -> Path:
        """File of settings for Kafka's tools."""
        given = self.folder / "admin.properties"
        given.write_text(
            "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
            f"sasl.jaas.config={_jaas('admin', PASSWORDS['admin'])}\n"
            f"ssl.truststore.type=PEM\nssl.truststore.location={self.authority.ca_file}\n",
            encoding="ascii",
        )
        return given

    def settings(self, login: str, **more: str) -> dict[str, str]:
        """Environment of a program with this login."""
        return {
            "HENGWEN_LOG": "kafka",
            "HENGWEN_KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "HENGWEN_KAFKA_REPLICATION": "1",
            "HENGWEN_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "HENGWEN_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "HENGWEN_KAFKA_SASL_USERNAME": login,
            "HENGWEN_KAFKA_SASL_PASSWORD": PASSWORDS[login],
            "HENGWEN_KAFKA_SSL_CAFILE": str(self.authority.ca_file),
        } | more

    def client(self, login: str) -> dict[str, str]:
        """Settings of kafka-python with this login."""
        return {
            "bootstrap_servers": self.broker.bootstrap,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": login,
            "sasl_plain_password": PASSWORDS[login],
            "ssl_cafile": str(self.authority.ca_file),
        }

    def acls(self, *words: str) -> str:
        """Run kafka-acls.sh as the administrator; what it prints."""
        java = [find_java(), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", f"{self.libs}/*"]
        java += [ACLS, "--bootstrap-server", self.broker.bootstrap]
        place = ["--command-config", str(self._administrator)]
        done = subprocess.run([*java, *place, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _jaas(login: str, password: str) -> str:
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    return f'{module} required username="{login}" password="{password}";'
