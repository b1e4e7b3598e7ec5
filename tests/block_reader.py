#!/usr/bin/env python3
"""block_reader.py FOLDER: reads the block files of FOLDER as docs/store.md describes them, without Telltale's code, and compares every
reading with expected.csv there. Needs libzstd.so.1 for what is compressed."""
import ctypes
import csv
import pathlib
import struct
import sys

zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
zstd.ZSTD_decompress.restype = ctypes.c_size_t
M64 = (1 << 64) - 1


def table():
    rows = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        rows.append(n)
    return rows


CRC_TABLE = table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def signed64(n):
    return n - (1 << 64) if n >> 63 else n


def unzigzag(n):
    return n >> 1 ^ -(n & 1)


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, n):
        assert n <= len(self.data) - self.at, "beyond the end"
        self.at += n
        return self.data[self.at - n : self.at]

    def byte(self):
        return self.raw(1)[0]

    def word(self):
        return int.from_bytes(self.raw(8), "little")

    def varint(self):
        n = shift = 0
        while True:
            byte = self.byte()
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n & M64

    def signed(self):
        return unzigzag(self.varint())

    def text(self):
        return self.raw(self.varint()).decode()

    def planes(self, count):
        width = self.byte()
        planes = [self.raw(count) for _ in range(width)]
        return [sum(planes[p][i] << 8 * p for p in range(width)) for i in range(count)]

    def steps(self, count):
        numbers = [self.word()] if count else []
        divisor = self.varint() if count else 0
        if divisor == 0:
            return [signed64(n) for n in numbers * count]
        step = self.varint()
        numbers.append(numbers[0] + step * divisor)
        for change in self.planes(count - 2):
            step += unzigzag(change)
            numbers.append(numbers[-1] + step * divisor)
        return [signed64(n & M64) for n in numbers]

    def exact(self, count):
        bits, before = [], 0
        for n in self.planes(count):
            before ^= n
            bits.append(before)
        return bits

    def reals(self, count):  # as bits
        if count == 0:
            return []
        decimals = self.byte()
        if decimals == 255:
            return self.exact(count)
        kind, last = self.byte(), self.signed()
        level, step, bits = last << 6, 0, []
        for off in self.planes(count):
            number = (last + step if kind == 0 else (level + 32) >> 6) + unzigzag(off)
            step, last = number - last, number
            level += ((number << 6) - level) * kind >> 4
            bits.append(real_bits(number / 10**decimals))
        place, places = 0, []
        for _ in range(self.varint()):
            places.append(place + self.varint())
            place = places[-1] + 1
        for place, exact in zip(places, self.exact(len(places))):
            bits[place] = exact
        return bits


def real_bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def uncompressed(data):
    if data[0] == 0:
        return data[1:]
    size = zstd.ZSTD_getFrameContentSize(data[1:], len(data) - 1)
    plain = ctypes.create_string_buffer(size)
    assert zstd.ZSTD_decompress(plain, size, data[1:], len(data) - 1) == size
    return plain.raw


def quality(word):  # grade in the highest bits, as src/core/quality.h has it
    word >>= 1
    return (word & 3) << 30 | word >> 2


def hot(b, count):
    rows = []
    time = step = scaled = word = decimals = 0
    for i in range(count):
        n = b.varint()
        tag = b.byte() if n & 1 else 0
        if tag & 7:
            step += b.signed() * (0, 1, 10**3, 10**6, 10**9)[tag & 7]
        if tag & 8:
            word = b.varint()
        if tag & 16:
            decimals, scaled = b.byte(), 0
        scaled += unzigzag(n >> 1)
        time += step
        if i == 0:
            step = 0
        bits = b.word() if tag & 32 else real_bits(scaled / 10**decimals)
        rows.append((signed64(time & M64), bits, quality(word), word & 1))
    return rows


def cold(b, count):
    b = Bytes(uncompressed(b.raw(len(b.data) - b.at)))
    times, values, words = b.steps(count), b.reals(count), []
    while len(words) < count:
        word = b.varint()
        words += [word] * b.varint()
    return [(t, v, quality(w), w & 1) for t, v, w in zip(times, values, words)]


def chunk(data):
    b = Bytes(data)
    form, count = b.byte(), b.varint()
    rows = (hot if form == 1 else cold)(b, count)
    assert form == 1 and b.at == len(data) or form == 2
    return rows


def frame(data, at, kind):
    magic, checksum, length, _, _, _, found, version, zero = struct.unpack_from("<4sIIIQQHHI", data, at)
    assert (magic, found, version, zero) == (b"TLJ1", kind, 1, 0), (magic, found, version)
    assert crc32c(data[at + 8 : at + 40 + length]) == checksum
    return data[at + 40 : at + 40 + length]


def header(b):
    number, level, first, last = b.varint(), b.byte(), b.varint(), b.varint()
    return number, level, first, last, [b.varint() for _ in range(b.varint())]


def page(payload):
    b = Bytes(uncompressed(payload))
    names, end = [], 0
    for _ in range(b.varint()):
        name, n = (b.text(), b.text()), b.varint()
        names += [name] * n
        end = end or (b.varint() if n else 0)
    gaps, sizes, checksums = (b.planes(len(names)) for _ in range(3))
    counts = b.planes(len(names))  # of the summaries only this one is looked at
    for name, gap, size, checksum, count in zip(names, gaps, sizes, checksums, counts):
        end = end + gap & M64
        yield name, end, size, checksum, count
        end += size


def read(path):
    data = path.read_bytes()
    ending = Bytes(frame(data, len(data) - 56, 114))
    at, size = ending.word(), ending.word()
    payload = frame(data, at, 113)
    assert size == 40 + len(payload)
    b = Bytes(uncompressed(payload))
    head = header(b)
    begin = frame(data, 0, 110)
    assert begin.startswith(b"telltale block file") and header(Bytes(begin[19:])) == head
    readings, first, last = b.varint(), b.word(), b.word()
    rows = []
    for _ in range(b.varint()):
        asset, signal, at, size = b.text(), b.text(), b.varint(), b.varint()
        for name, begin, length, checksum, count in page(frame(data, at, 112)):
            assert crc32c(data[begin : begin + length]) == checksum
            samples = chunk(data[begin : begin + length])
            assert len(samples) == count
            rows += [name + sample for sample in samples]
    assert len(rows) == readings and min(r[2] for r in rows) == first and max(r[2] for r in rows) == last
    return rows


folder = pathlib.Path(sys.argv[1])
with open(folder / "expected.csv") as file:
    expected = [(r[0], r[1], int(r[2]), int(r[3], 16), int(r[4], 16), int(r[5])) for r in list(csv.reader(file))[1:]]
for path in sorted(folder.glob("*.block")):
    found = read(path)
    wrong = [(is_, should) for is_, should in zip(found, expected) if is_ != should]
    print(f"{path.name}: {len(found)} readings, {len(wrong)} differ" + (f", the first: {wrong[0]}" if wrong else ""))
    if wrong or len(found) != len(expected):
        sys.exit(1)
