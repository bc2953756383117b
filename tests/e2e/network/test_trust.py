"""Whose certificates are trusted, and what is said where nobody's can be."""

from tests.e2e.network.line import ACCOUNT


def test_an_authority_of_ones_own_is_trusted(secure):
    assert secure.run("--account", ACCOUNT, "accounts", "check").code == 0


def test_an_authority_nobody_named_is_not(secure, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    ran = secure.run("--account", ACCOUNT, "accounts", "check")
    assert ran.code == 1
    assert "its TLS certificate is not trusted" in ran.err
    assert "SSL_CERT_FILE names them" in ran.err


def test_authorities_that_cannot_be_read_are_a_matter_of_configuration(secure, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/authorities.pem")
    ran = secure.run("list", "--account", "uk-sms")
    assert ran.code == 2
    assert "certificate authorities cannot be read (/nowhere/authorities.pem)" in ran.err
    assert "Traceback" not in ran.said
    assert secure.proxy.passed == []
