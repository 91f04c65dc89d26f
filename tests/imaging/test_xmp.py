from xml.etree import ElementTree

import pytest

from hdr_lightning.imaging.xmp import cleaned, without_panorama

PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
 xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"
 tiff:Orientation="6" tiff:Make="Camera" crs:Exposure2012="+1.0" GPano:ProjectionType="equirectangular">
<dc:title>Garden</dc:title><crs:ToneCurve>1</crs:ToneCurve></rdf:Description></rdf:RDF></x:xmpmeta>"""


def names(packet: bytes) -> set[str]:
    (described,) = ElementTree.fromstring(packet).iter(
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
    )
    return {name.rpartition("}")[2] for name in (*described.attrib, *(child.tag for child in described))}


def test_what_describes_the_photograph_stays() -> None:
    assert names(cleaned(PACKET)) == {"about", "Make", "ProjectionType", "title"}
    assert names(without_panorama(cleaned(PACKET))) == {"about", "Make", "title"}


@pytest.mark.parametrize("packet", ["", "no XML", "<!DOCTYPE x><x/>", PACKET[:-20]])
def test_what_is_no_xmp_is_left_out(packet: str) -> None:
    assert cleaned(packet) == b""
