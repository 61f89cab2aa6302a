"""Published architectures, where torchvision and timm are installed: no error in any, and the parameters they publish.

Neither is a dependency. torchvision's compiled operators need not load: their signatures are declared first.
"""

import contextlib
import importlib
import warnings

import pytest
import torch

import tilewise

TORCHVISION = (
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "mnasnet1_0",
    "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "resnet50", "shufflenet_v2_x1_0", "squeezenet1_1", "swin_t",
    "vgg11_bn", "vit_b_16", "fcn_resnet50", "deeplabv3_mobilenet_v3_large", "r3d_18",
)  # fmt: skip
TIMM = (
    "beit_base_patch16_224", "cait_xxs24_224", "coatnet_0_rw_224", "convnext_tiny", "cspresnet50", "dla34",
    "efficientnet_b0", "ghostnet_100", "hrnet_w18_small", "levit_128", "mixer_s32_224", "mobilevit_s", "nfnet_f0",
    "poolformer_s12", "regnety_004", "repvgg_a0", "res2net50_26w_4s", "swin_tiny_patch4_window7_224", "xception41",
)  # fmt: skip
_OPERATORS = ("nms", "qnms", "roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool", "deform_conv2d")


def imported(name: str):
    """A package, or a skip that says why."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in _OPERATORS:
        with contextlib.suppress(RuntimeError):
            library.define(f"{operator}(Tensor a) -> Tensor")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except Exception as error:
        pytest.skip(f"{name} does not import here ({type(error).__name__}): its models are checked where it does")


def checked(make, shape):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = tilewise.check(make, shape, sizes=False, fixes=False)
    assert report.ok, report.text()
    return report


@pytest.mark.slow
@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision(name):
    models = imported("torchvision").models
    shape = (1, 3, 299, 299) if "inception" in name else (1, 3, 8, 112, 112) if "3d" in name else (1, 3, 224, 224)
    options = {"weights_backbone": None} if name.startswith(("fcn", "deeplab")) else {}
    report = checked(lambda: models.get_model(name, weights=None, **options), shape)
    published = models.get_model_weights(name).DEFAULT.meta["num_params"]
    if not options:
        assert report.parameters >= published
    assert report.multiply_adds > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", TIMM)
def test_timm(name):
    timm = imported("timm")
    config = timm.models.get_pretrained_cfg(name)
    report = checked(lambda: timm.create_model(name), (1, *config.input_size))
    assert report.multiply_adds > 0
