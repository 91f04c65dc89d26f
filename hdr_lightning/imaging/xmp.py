"""XMP packets: kept is what describes the photograph, dropped what says how its file was made."""

import io
from xml.etree import ElementTree

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PANORAMA = "http://ns.google.com/photos/1.0/panorama/"
_DROPPED = (
    "http://ns.adobe.com/camera-raw-settings/1.0/",  # would be applied a second time
    "http://ns.adobe.com/camera-raw-saved-settings/1.0/",
    "http://ns.adobe.com/hdr-gain-map/1.0/",
    "http://ns.apple.com/HDRGainMap/1.0/",
    "http://ns.google.com/photos/1.0/container/",
    "http://ns.google.com/photos/1.0/camera/",
    "http://ns.google.com/photos/1.0/depthmap/",
    "http://ns.google.com/photos/1.0/image/",
    "http://ns.adobe.com/xmp/note/",
)
"""Namespaces of settings of a raw converter, and of other pictures in the same file."""
_OF_THE_FILE = frozenset(
    {
        *(
            f"{{http://ns.adobe.com/tiff/1.0/}}{name}"
            for name in ("Orientation", "ImageWidth", "ImageLength")
        ),
        *(f"{{http://ns.adobe.com/exif/1.0/}}{name}" for name in ("PixelXDimension", "PixelYDimension")),
        "{http://ns.adobe.com/exif/1.0/}ColorSpace",
        "{http://ns.adobe.com/photoshop/1.0/}ICCProfile",
    }
)


def cleaned(packet: bytes | str) -> bytes:
    """A packet without what does not hold for another file of the photograph; empty if it is no XMP."""
    return _without(packet, _DROPPED)


def without_panorama(packet: bytes) -> bytes:
    """A packet without what places the picture on a sphere."""
    return _without(packet, (_PANORAMA,))


def _without(packet: bytes | str, namespaces: tuple[str, ...]) -> bytes:
    content = (packet.encode() if isinstance(packet, str) else packet).strip(b"\0 \r\n\t")
    if not content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return b""
    try:
        for _, (prefix, address) in ElementTree.iterparse(io.BytesIO(content), ["start-ns"]):
            if prefix and not prefix.startswith("ns"):
                ElementTree.register_namespace(prefix, address)
        tree = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError):
        return b""
    dropped = tuple(f"{{{address}" for address in namespaces)
    for described in tree.iter(f"{_RDF}Description"):
        for name in [*described.attrib]:
            if name.startswith(dropped) or name in _OF_THE_FILE:
                del described.attrib[name]
        for child in list(described):
            if child.tag.startswith(dropped) or child.tag in _OF_THE_FILE:
                described.remove(child)
    begin = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
    return begin + ElementTree.tostring(tree) + b'\n<?xpacket end="w"?>'
