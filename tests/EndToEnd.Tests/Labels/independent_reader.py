"""Reads files as strictly as the standard: pydicom without its leniences, and dcmdump if pydicom refuses.

Lines in: path, tab, transfer syntax UID. Lines out: path, tab, "native", "encapsulated" or "none" (the pixel data), tab, the fault or nothing."""
import subprocess
import sys
import warnings

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.datadict import dictionary_VR

pydicom.config.assume_implicit_vr_switch = False
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
KNOWN = set('AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV'.split())
UNDEFINED = 0xFFFFFFFF


class Fault(Exception):
    pass


def is_sequence(raw):
    if raw.VR is not None:
        return raw.VR == 'SQ'
    try:
        return dictionary_VR(raw.tag) == 'SQ'
    except KeyError:
        return False


def walk(dataset):
    """Checks the place and the length of each element, but not its value."""
    for tag in list(dataset._dict):
        element = dataset._dict[tag]
        if tag.group in (0x0000, 0x0002, 0xFFFE):
            raise Fault('%s stands in the data set' % tag)
        if isinstance(element, RawDataElement):
            if element.VR is not None and element.VR not in KNOWN:
                raise Fault('%s has the VR %r' % (tag, element.VR))
            if element.length != UNDEFINED and len(element.value or b'') != element.length:
                raise Fault('%s ends before its %d bytes' % (tag, element.length))
            if is_sequence(element):
                element = dataset[tag]
        if not isinstance(element, RawDataElement) and element.VR == 'SQ':
            for item in element.value:
                walk(item)


def pixels(dataset):
    element = dataset._dict.get(0x7FE00010)
    if element is None:
        return 'none'
    is_undefined = element.length == UNDEFINED if isinstance(element, RawDataElement) else element.is_undefined_length
    return 'encapsulated' if is_undefined else 'native'


def read(path, label):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        dataset = pydicom.dcmread(path)
        kind = pixels(dataset)
        walk(dataset)
    if dataset.file_meta.TransferSyntaxUID != label:
        raise Fault('the file names %s' % dataset.file_meta.TransferSyntaxUID)
    for warning in said:
        if str(warning.message).startswith('Expected '):
            raise Fault(str(warning.message))
    return kind


def dcmdump(path):
    return subprocess.run(['dcmdump', '-q', path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


sys.setrecursionlimit(10000)
for line in sys.stdin:
    path, label = line.rstrip('\n').split('\t')
    kind, fault = 'none', ''
    try:
        kind = read(path, label)
    except Exception as error:
        fault = '' if dcmdump(path) else '%s: %s' % (type(error).__name__, error)
    print(path, kind, fault.replace('\n', ' ').replace('\t', ' '), sep='\t')
