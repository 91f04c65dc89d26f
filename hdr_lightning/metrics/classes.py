"""The scores as torchmetrics classes; see the functions for ranges and sources."""

from hdr_lightning.metrics.registry import SceneScore


class MEFSSIMc(SceneScore):
    """MEF-SSIMc of MEF-Net, in colour and with luminance, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("mef_ssim_c")


class QABF(SceneScore):
    """Q^AB/F, edges kept, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("q_abf")


class VIF(SceneScore):
    """VIF, information kept, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("vif")


class Entropy(SceneScore):
    """Entropy of the gray levels in bits, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("entropy")


class SpatialFrequency(SceneScore):
    """Spatial frequency of the gray levels, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("spatial_frequency")


class DynamicRange(SceneScore):
    """Dynamic range, eq. 1 of the paper, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("dynamic_range")


class Clipped(SceneScore):
    """Fraction of pixels that are black or white, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("clipped")


class Brightness(SceneScore):
    """Mean gray, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("brightness")


class Colourfulness(SceneScore):
    """Colourfulness of Hasler and Suesstrunk, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("colourfulness")


class ChromaKept(SceneScore):
    """Chroma over that of well-exposed exposures, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("chroma_kept")


class PSNR(SceneScore):
    """PSNR to a reference in decibels, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("psnr")


class SSIM(SceneScore):
    """SSIM to a reference, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("ssim")


class CIEDE2000(SceneScore):
    """Mean colour difference from a reference, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("ciede2000")


class ColourfulnessRatio(SceneScore):
    """Colourfulness over that of a reference, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("colourfulness_ratio")


class BrightnessDifference(SceneScore):
    """Mean gray minus that of a reference, mean over distinct scenes."""

    def __init__(self) -> None:
        super().__init__("brightness_difference")
