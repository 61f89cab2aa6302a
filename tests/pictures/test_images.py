"""Images of every accepted kind become the right tensors; everything else is refused with a sentence."""

import io
import re

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from tilewise.errors import ArgumentError
from tilewise.pictures.images import NotAnImage, as_input, read, to_channels


def encoded(array, kind, **keywords):
    data = io.BytesIO()
    Pillow.fromarray(array).save(data, kind, **keywords)
    return data.getvalue()


def dicom(values, **tags):
    """A small CT file, written by pydicom from scratch."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = CTImageStorage, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = FileDataset("x", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.Rows, dataset.Columns = values.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, tags.pop("PhotometricInterpretation", "MONOCHROME2")
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 1
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.PixelData = values.astype("<i2").tobytes()
    data = io.BytesIO()
    dataset.save_as(data, enforce_file_format=True)
    return data.getvalue()


def test_png_and_jpeg():
    grey = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
    colour = np.stack([grey, grey[::-1], 255 - grey], axis=-1)
    assert torch.equal(read(encoded(grey, "PNG")).pixels[0], torch.from_numpy(grey).float() / 255)
    assert torch.equal(read(encoded(colour, "PNG")).pixels, torch.from_numpy(colour).permute(2, 0, 1).float() / 255)
    jpeg = read(encoded(colour, "JPEG", quality=95)).pixels
    assert jpeg.shape == (3, 6, 8) and (jpeg - torch.from_numpy(colour).permute(2, 0, 1) / 255).abs().mean() < 0.15
    deep = (np.arange(48, dtype=np.uint16) * 1000).reshape(6, 8)
    assert torch.allclose(read(encoded(deep, "PNG")).pixels[0], torch.from_numpy(deep.astype(np.float32)) / 65535)


@pytest.mark.parametrize(
    "tags, expected",
    [
        # DICOM PS3.3 C.11.2.1.2.1: linear, with its half-unit shift
        (dict(WindowCenter=40, WindowWidth=400), lambda hu: np.clip((hu - 39.5) / 399 + 0.5, 0, 1)),
        (
            dict(WindowCenter=[40, 500], WindowWidth=[400, 2000]),
            lambda hu: np.clip((hu - 39.5) / 399 + 0.5, 0, 1),
        ),
        (
            dict(WindowCenter=40, WindowWidth=400, VOILUTFunction="LINEAR_EXACT"),
            lambda hu: np.clip((hu - 40) / 400 + 0.5, 0, 1),
        ),
        (
            dict(WindowCenter=40, WindowWidth=400, VOILUTFunction="SIGMOID"),
            lambda hu: 1 / (1 + np.exp(-4 * (hu - 40) / 400)),
        ),
        (
            dict(WindowCenter=40, WindowWidth=400, PhotometricInterpretation="MONOCHROME1"),
            lambda hu: 1 - np.clip((hu - 39.5) / 399 + 0.5, 0, 1),
        ),
        ({}, lambda hu: (hu - hu.min()) / (hu.max() - hu.min())),
    ],
)
def test_dicom_windows(tags, expected):
    stored = np.arange(0, 2400, 30).reshape(8, 10)
    shown = read(dicom(stored, **tags), "scan").pixels[0].double().numpy()
    np.testing.assert_allclose(shown, expected(stored - 1024.0), atol=1e-6)


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "not an image"),
        (b"GIF89a" + b"\0" * 50, "not an image"),
        (b"<svg onload='alert(1)'/>", "not an image"),
        (b"\x80\x04\x95pickle", "not an image"),
        (b"PK\x03\x04" + b"\0" * 60, "not an image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "cannot be decoded"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "cannot be decoded"),
        (b"\0" * 128 + b"DICM" + b"\xff" * 40, "cannot be decoded"),
    ],
)
def test_what_is_not_an_image_is_refused(data, words):
    with pytest.raises(NotAnImage, match=words):
        read(data, "thing")


def test_a_small_file_that_claims_to_be_huge_is_refused_before_it_is_decoded():
    data = bytearray(encoded(np.zeros((2, 2), np.uint8), "PNG"))
    import struct
    import zlib

    data[16:24] = struct.pack(">II", 100_000, 100_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    with pytest.raises(NotAnImage, match=re.escape("100000") + "|pixels|cannot be decoded"):
        read(bytes(data), "bomb")


def test_arrays_tensors_and_shapes():
    grey = np.full((4, 5), 51, np.uint8)
    tensor, name, picture = as_input(grey, 1, 2, torch.float32)
    assert name == "array" and tensor.shape == (1, 1, 4, 5) and torch.allclose(tensor, torch.tensor(0.2))
    assert picture is not None
    assert as_input(np.zeros((4, 5, 3), np.uint8), 3, 2, torch.float32)[0].shape == (1, 3, 4, 5)
    assert as_input(np.zeros((2, 7)), 2, 1, torch.float64)[0].shape == (1, 2, 7)
    assert as_input(torch.zeros(3, 4, 5), 3, 2, torch.float32)[0].shape == (1, 3, 4, 5)
    assert as_input(torch.zeros(4, 5), 1, 2, torch.float32)[0].shape == (1, 1, 4, 5)
    assert as_input(torch.zeros(2, 3, 4, 5, dtype=torch.uint8), 3, 2, torch.float32)[0].dtype == torch.float32
    a, b = (as_input((1, 3, 8, 8), 3, 2, torch.float32)[0] for _ in range(2))
    assert torch.equal(a, b) and a.std() > 0.5
    assert as_input(Pillow.new("RGB", (6, 4)), 3, 2, torch.float32, (8, 8))[0].shape == (1, 3, 8, 8)


def test_channels_are_changed_only_where_that_has_a_meaning():
    colour = torch.rand(3, 4, 5)
    luma = to_channels(colour, 1)
    assert torch.allclose(luma[0], 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2])
    assert torch.equal(to_channels(luma, 3)[2], luma[0])
    with pytest.raises(ArgumentError, match=r"3 channel\(s\), the layer takes 5"):
        to_channels(colour, 5)


@pytest.mark.parametrize(
    "thing, words", [("nowhere.png", "no image file"), (None, "not an input"), (np.array(["a"]), "numbers are needed")]
)
def test_unusable_inputs_are_explained(thing, words):
    with pytest.raises(ArgumentError, match=words):
        as_input(thing, 1, 2, torch.float32)
