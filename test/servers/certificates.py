#!/usr/bin/env python3
"""Certificates for the tests' servers.

usage: certificates.py FOLDER

Makes an authority (ca.pem) and certificates of its own, each with its key:
good.pem (for localhost), expired.pem (until yesterday), other.pem (for
another name); and self.pem, which no authority signed.
"""
import datetime
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make(subject, host, until, authority=None, is_authority=False):
    """A key and its certificate, signed by authority or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key, issuer = authority if authority else (key, None)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject))
        .issuer_name(issuer.subject if issuer else name_of(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 10 * DAY)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return key, builder.sign(issuer_key, hashes.SHA256())


def save(folder, name, pair):
    key, certificate = pair
    with open(os.path.join(folder, name + ".pem"), "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open(os.path.join(folder, name + ".key"), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def main(folder):
    authority = make("test authority", None, NOW + DAY, is_authority=True)
    save(folder, "ca", authority)
    save(folder, "good", make("localhost", "localhost", NOW + DAY, authority))
    save(folder, "expired", make("localhost", "localhost", NOW - DAY, authority))
    save(folder, "other", make("elsewhere.test", "elsewhere.test", NOW + DAY, authority))
    save(folder, "self", make("localhost", "localhost", NOW + DAY))


if __name__ == "__main__":
    main(sys.argv[1])
