"""Bytes and values of MCP, the Model Control Protocol (not the Model Context Protocol).

Fields, the two protobuf messages, tensors: all that ``mcp_client.py`` puts into frames and takes
out of them. The names and numbers are those of the specification.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

MAGIC = 0x4D435000
MAJOR = 1
VERSION_1_0 = 0x0100
HEADER = struct.Struct(">IBBHI")
MAX_PAYLOAD = 65535
DATA, ACK, RESET, PING, GOAWAY = 0x01, 0x02, 0x03, 0x04, 0x05
END_MESSAGE, END_STREAM, COMPRESSED, OFFSET, REPLY = 0x1, 0x2, 0x4, 0x8, 0x1
NEGOTIATE_REQ, NEGOTIATE_RESP, AUTH_REQ, AUTH_RESP = 0x01, 0x02, 0x03, 0x04
MODEL_LOAD_REQ, MODEL_UNLOAD_REQ, STATE_SYNC = 0x05, 0x06, 0x08
INFERENCE_REQ, INFERENCE_RESULT, STATUS = 0x09, 0x0B, 0x0C
OK, CONTINUE, PROTOCOL_ERROR, REQUEST_CANCELED = 0x0000, 0x0001, 0x010B, 0x030A
T_TIMEOUT, T_STATUS, T_TEXT, T_LEVEL, T_NEGOTIATION, T_METHOD = 0x04, 0x05, 0x06, 0x07, 0x08, 0x09
T_IDENTITY = 0x0B
T_NAME, T_VERSION, T_SHA256, T_DESCRIPTOR, T_PARAMETER = 0x10, 0x11, 0x12, 0x13, 0x14
T_CONTENT, T_OFFSET, T_SIZE, T_TENSOR, T_OUTPUT = 0x15, 0x16, 0x17, 0x20, 0x21
FIRST_CRITICAL_TAG = 0x80
REPEATABLE = {0x0C, T_DESCRIPTOR, T_PARAMETER, T_TENSOR, T_OUTPUT}
KNOWN = set(range(0x01, 0x0F)) | set(range(0x10, 0x18)) | set(range(0x20, 0x24))
FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64 = 1, 2, 3, 4, 5, 6, 7
STRING, BOOL, FLOAT16, DOUBLE, UINT32, UINT64 = 8, 9, 10, 11, 12, 13
FORMATS = {FLOAT: "f", UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", INT32: "i", INT64: "q",
           BOOL: "?", FLOAT16: "e", DOUBLE: "d", UINT32: "I", UINT64: "Q"}
NAMES = {"FLOAT": FLOAT, "UINT8": UINT8, "INT8": INT8, "UINT16": UINT16, "INT16": INT16,
         "INT32": INT32, "INT64": INT64, "STRING": STRING, "BOOL": BOOL, "FLOAT16": FLOAT16,
         "DOUBLE": DOUBLE, "UINT32": UINT32, "UINT64": UINT64}
LEVELS = {1: "CRITICAL", 2: "RECOVERABLE", 3: "TRANSIENT"}
Fields = List[Tuple[int, bytes]]


class McpError(Exception):
    """What a peer answered, or what this end found wrong: a code, a level, a text."""

    def __init__(self, code: int, text: str, level: int = 1) -> None:
        super().__init__(f"0x{code:04X} ({LEVELS.get(level, level)}): {text}")
        self.code, self.text, self.level = code, text, level


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes, at: int) -> Tuple[int, int]:
    """The value at an offset, and the offset behind it."""
    value = 0
    for i in range(10):
        if at + i >= len(data):
            raise McpError(PROTOCOL_ERROR, "a varint is cut off")
        value |= (data[at + i] & 0x7F) << (7 * i)
        if data[at + i] < 0x80:
            return value, at + i + 1
    raise McpError(PROTOCOL_ERROR, "a varint exceeds ten bytes")


def read_bytes(data: bytes, at: int) -> Tuple[bytes, int]:
    """A varint length and so many bytes, and the offset behind them."""
    length, at = read_varint(data, at)
    if length > len(data) - at:
        raise McpError(PROTOCOL_ERROR, f"a length of {length} exceeds its message")
    return data[at:at + length], at + length


def sized(data: bytes) -> bytes:
    return varint(len(data)) + data


def message(kind: int, fields: Fields) -> bytes:
    return bytes([kind]) + b"".join(bytes([tag]) + sized(value) for tag, value in fields)


def parse_fields(data: bytes) -> Fields:
    fields: Fields = []
    seen, at = set(), 0
    while at < len(data):
        tag = data[at]
        value, at = read_bytes(data, at + 1)
        if tag not in KNOWN:
            if tag >= FIRST_CRITICAL_TAG:
                raise McpError(0x0105, f"unknown critical field 0x{tag:02X}")
            continue
        if tag in seen and tag not in REPEATABLE:
            raise McpError(0x010A, f"field 0x{tag:02X} came twice")
        seen.add(tag)
        fields.append((tag, value))
    return fields


def first(fields: Fields, tag: int) -> Optional[bytes]:
    return next((value for known, value in fields if known == tag), None)


def number(fields: Fields, tag: int, absent: int) -> int:
    value = first(fields, tag)
    return absent if value is None else read_varint(value, 0)[0]


def error_of(fields: Fields) -> Optional[McpError]:
    code = number(fields, T_STATUS, OK)
    if code in (OK, CONTINUE):
        return None
    level = first(fields, T_LEVEL) or b"\x01"
    return McpError(code, (first(fields, T_TEXT) or b"").decode("utf-8"), level[0])


# Protobuf, as much as the negotiation and the model descriptor need.

def pb_uint(number_: int, value: int) -> bytes:
    return varint(number_ << 3) + varint(value)


def pb_bytes(number_: int, value: bytes) -> bytes:
    return varint(number_ << 3 | 2) + sized(value)


def pb_read(data: bytes) -> Iterator[Tuple[int, object]]:
    """Field numbers with their values: int for varints and fixed widths, bytes for the rest."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = read_varint(data, at)
            yield key >> 3, value
        elif wire == 2:
            chunk, at = read_bytes(data, at)
            yield key >> 3, chunk
        elif wire in (1, 5):
            width = 8 if wire == 1 else 4
            yield key >> 3, int.from_bytes(data[at:at + width], "little")
            at += width
        else:
            raise McpError(0x0113, f"protobuf wire type {wire}")


def pb_map(entry: bytes) -> Tuple[str, str]:
    both = dict(pb_read(entry))
    return both.get(1, b"").decode(), both.get(2, b"").decode()  # type: ignore[attr-defined]


@dataclass
class Tensor:
    """Dense, row-major; ``values`` is flat, of Python numbers, bools or strings."""

    name: str
    dtype: int
    shape: Sequence[int]
    values: Sequence[object]

    def encode(self) -> bytes:
        head = bytes([self.dtype, len(self.shape)]) + b"".join(varint(d) for d in self.shape)
        head += sized(self.name.encode("utf-8"))
        if self.dtype == STRING:
            return head + b"".join(sized(str(v).encode("utf-8")) for v in self.values)
        return head + struct.pack(f"<{len(self.values)}{FORMATS[self.dtype]}", *self.values)

    @staticmethod
    def decode(data: bytes) -> "Tensor":
        dtype, rank, at = data[0], data[1], 2
        shape, elements = [], 1
        for _ in range(rank):
            dimension, at = read_varint(data, at)
            shape.append(dimension)
            elements *= dimension
        name, at = read_bytes(data, at)
        values: Sequence[object]
        if dtype == STRING:
            values = []
            while at < len(data):
                text, at = read_bytes(data, at)
                values.append(text.decode("utf-8"))
        elif dtype in FORMATS:
            values = struct.unpack(f"<{elements}{FORMATS[dtype]}", data[at:])
        else:
            values = list(data[at:])
        return Tensor(name.decode("utf-8"), dtype, shape, values)


@dataclass
class Descriptor:
    """What a server tells of a model version."""

    name: str = ""
    version: str = ""
    sha256: str = ""
    inputs: List[str] = field(default_factory=list)
    outputs: List[str] = field(default_factory=list)
    runtime: str = ""
    parameters: Dict[str, str] = field(default_factory=dict)
    state: str = ""

    @staticmethod
    def decode(data: bytes) -> "Descriptor":
        model = Descriptor()
        for key, value in pb_read(data):
            if not isinstance(value, bytes):
                continue
            if key in (1, 2, 7, 9):
                setattr(model, {1: "name", 2: "version", 7: "runtime", 9: "state"}[key],
                        value.decode("utf-8"))
            elif key == 3:
                model.sha256 = value.hex()
            elif key in (4, 5):
                spec = dict((k, v) for k, v in pb_read(value) if k in (1, 2))
                (model.inputs if key == 4 else model.outputs).append(spec.get(1, b"").decode())
            elif key == 8:
                name, text = pb_map(value)
                model.parameters[name] = text
        return model
