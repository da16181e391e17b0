"""A trunk's transport in the site file: how it is reached, and which certificate is believed."""

import pytest
from tls_front import certificate

from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.settings import Site


def read(text):
    site, _ = read_site(text, "site.toml", before=Site(), random_bytes=bytes)
    return site


def trunk(*lines):
    return "\n".join(['[[trunk]]\nid = "carrier"\nhost = "sip.carrier.example"', *lines])


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("pem"), "sip.carrier.example")[0].read_text()


def test_without_a_word_it_is_udp_at_the_port_that_dns_says():
    (found,) = read(trunk()).trunk
    assert (found.transport, found.port, found.certificate) == ("udp", 0, "")


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls", "auto"])
def test_each_transport_is_written_and_read_again(transport):
    site = read(trunk(f'transport = "{transport}"'))
    assert site.trunk[0].transport == transport
    assert read(write_site(site)).trunk == site.trunk


def test_a_pinned_certificate_is_kept_whole(pem):
    site = read(trunk('transport = "tls"', f"certificate = '''\n{pem}{pem}'''"))
    assert site.trunk[0].certificate == pem + pem
    assert read(write_site(site)).trunk == site.trunk


@pytest.mark.parametrize("broken", ["nothing", "", "-----BEGIN CERTIFICATE-----\n!\n"])
def test_what_is_no_certificate_is_refused_by_name(broken):
    with pytest.raises(SiteError, match="certificate"):
        read(trunk('transport = "tls"', f"certificate = '''{broken}'''"))


def test_a_certificate_without_tls_is_a_mistake(pem):
    with pytest.raises(SiteError, match="needs transport"):
        read(trunk('transport = "udp"', f"certificate = '''\n{pem}'''"))
