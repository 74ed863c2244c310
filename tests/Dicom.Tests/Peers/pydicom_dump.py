"""Reads DICOM files with pydicom and prints one JSON line for each file, to compare another reader with.

Input: one path per line on stdin. Output per file:
  {"file", "error", "elements": [[path, vr, length, sha256, texts]], "frames": [[length, sha256]] or null}
A path is tags and 0-based item numbers. The hash is over the value field in little endian, padding included. "texts" are the decoded
values of text whose repertoire Specific Character Set decides. A sequence has the number of its items in place of the length and no hash.
"""
import hashlib
import json
import os
import sys
import warnings

import pydicom
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.encaps import generate_pixel_data_frame

UNITS = {"US": 2, "SS": 2, "OW": 2, "AT": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4, "OL": 4, "FD": 8, "OD": 8, "OV": 8, "SV": 8, "UV": 8}
CHARSET_VRS = {"LO", "SH", "PN", "UC", "LT", "ST", "UT"}
PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)


def swapped(value, vr):
    unit = UNITS.get(vr, 1)
    whole = len(value) // unit * unit
    parts = (value[i:i + unit][::-1] for i in range(0, whole, unit))
    return b"".join(parts) + value[whole:] if unit > 1 else value


def vr_of(raw):
    if raw.VR:
        return raw.VR
    try:
        return dictionary_VR(raw.tag)
    except KeyError:
        return "UN"


def texts_of(dataset, tag, vr):
    if vr not in CHARSET_VRS:
        return None
    value = dataset[tag].value
    if value is None:
        return []
    values = value if vr not in ("LT", "ST", "UT") and isinstance(value, (list, pydicom.multival.MultiValue)) else [value]
    return [str(part) for part in values]


def walk(dataset, prefix, out):
    # The raw values have to be taken before any access converts them.
    for tag, element in list(dataset._dict.items()):
        path = prefix + "%08X" % tag
        is_raw = isinstance(element, RawDataElement)
        vr = vr_of(element) if is_raw else element.VR
        if vr == "SQ":
            items = list(dataset[tag].value)
            out.append([path, vr, len(items), None, None])
            for number, item in enumerate(items):
                walk(item, "%s/%d/" % (path, number), out)
        elif is_raw:
            value = element.value or b""
            if not element.is_little_endian:
                value = swapped(value, vr)
            out.append([path, vr, len(value), hashlib.sha256(value).hexdigest(), texts_of(dataset, tag, vr)])
        else:
            out.append([path, vr, -1, None, None])


def native_frames(dataset, tag, value):
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    samples = 2 if photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") else int(dataset.get("SamplesPerPixel", 1))
    allocated = {0x7FE00008: 32, 0x7FE00009: 64}.get(tag) or int(dataset.BitsAllocated)
    bits = int(dataset.Rows) * int(dataset.Columns) * samples * allocated
    count = int(dataset.get("NumberOfFrames") or 1)
    if bits % 8 or bits == 0 or len(value) * 8 < bits * count:
        return None
    size = bits // 8
    return [value[i * size:(i + 1) * size] for i in range(count)]


def frames_of(dataset):
    for tag in PIXELS:
        element = dataset._dict.get(tag)
        if isinstance(element, RawDataElement):
            value = element.value or b""
            break
    else:
        return None
    if element.length == 0xFFFFFFFF:
        return list(generate_pixel_data_frame(value, int(dataset.get("NumberOfFrames") or 1)))
    return native_frames(dataset, tag, value if element.is_little_endian else swapped(value, vr_of(element)))


def dump(path):
    result = {"file": path, "error": None, "elements": [], "frames": None}
    try:
        dataset = pydicom.dcmread(path, force=True)
    except Exception as error:  # a reader may fail in any way; its message is the answer
        result["error"] = "%s: %s" % (type(error).__name__, error)
        return result
    try:
        frames = frames_of(dataset)
        if frames is not None:
            result["frames"] = [[len(frame), hashlib.sha256(frame).hexdigest()] for frame in frames]
    except Exception as error:
        result["frames_error"] = "%s: %s" % (type(error).__name__, error)
    try:
        walk(dataset, "", result["elements"])
    except Exception as error:
        result["error"] = "%s: %s" % (type(error).__name__, error)
    return result


def main():
    warnings.simplefilter("ignore")
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    for line in sys.stdin:
        path = line.rstrip("\n")
        if path:
            sys.stdout.write(json.dumps(dump(path)) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
