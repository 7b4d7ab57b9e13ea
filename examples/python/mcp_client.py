#!/usr/bin/env python3
"""A client of MCP, the Model Control Protocol (not the Model Context Protocol).

Written from the specification alone, with Python's standard library. As a module::

    from mcp_wire import FLOAT, Tensor

    with Session("127.0.0.1", 9001) as session:
        session.load("mnist", "1", content)
        outputs = session.infer("mnist", [Tensor("Input3", FLOAT, [1, 1, 28, 28], pixels)])

and as a command: ``mcp_client.py HOST PORT list | ping | load NAME FILE VERSION [KEY=VALUE...] |
infer NAME INPUT.json [VERSION] | unload NAME [VERSION]``. One thread, one session: the server's
PINGs are answered whenever a call waits, so a caller that idles for long calls ``poll()``.
"""

from __future__ import annotations

import hashlib
import json
import select
import socket
import struct
import sys
import time
import zlib
from collections import deque
from typing import Callable, Deque, Dict, List, Optional, Sequence, Tuple

from mcp_wire import (
    ACK, AUTH_REQ, AUTH_RESP, COMPRESSED, DATA, END_MESSAGE, END_STREAM, GOAWAY, HEADER,
    INFERENCE_REQ, MAGIC, MAJOR, MAX_PAYLOAD, MODEL_LOAD_REQ, MODEL_UNLOAD_REQ, NAMES,
    NEGOTIATE_REQ, NEGOTIATE_RESP, OFFSET, OK, PING, PROTOCOL_ERROR, REPLY, REQUEST_CANCELED,
    RESET, STATE_SYNC, STATUS, T_CONTENT, T_DESCRIPTOR, T_IDENTITY, T_METHOD, T_NAME,
    T_NEGOTIATION, T_OFFSET, T_OUTPUT, T_PARAMETER, T_SHA256, T_SIZE, T_STATUS, T_TENSOR,
    T_TIMEOUT, T_VERSION, VERSION_1_0, Descriptor, Fields, McpError, Tensor, error_of, first,
    message, number, parse_fields, pb_bytes, pb_read, pb_uint, read_varint, sized, varint)

STREAM_WINDOW, SESSION_WINDOW, MAX_MESSAGE = 1 << 20, 4 << 20, 64 << 20
FIRST_FLIGHT_SESSION = 256 * 1024
PIECE = 256 * 1024


class Stream:
    """One exchange: its credit in both directions, and the messages that have arrived."""

    def __init__(self, stream_id: int, window: int) -> None:
        self.id = stream_id
        self.may_send = window
        self.received, self.owed = 0, 0
        self.partial = bytearray()
        self.messages: Deque[Tuple[int, Fields]] = deque()
        self.local_ended = self.remote_ended = self.in_message = False
        self.error: Optional[McpError] = None


class Session:
    """A session over TCP, from its opening to its end."""

    def __init__(self, host: str, port: int, timeout: float = 30.0) -> None:
        self.timeout = timeout
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.streams: Dict[int, Stream] = {}
        self.opening = Stream(0, 0)
        self.next_id = 1
        self.may_send = FIRST_FLIGHT_SESSION
        self.received, self.owed = 0, 0
        self.pongs: List[bytes] = []
        self.draining = False
        self.limits: Dict[int, int] = {}
        self.identity = ""
        try:
            self._open()
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What a user calls.

    def models(self, name: str = "") -> List[Descriptor]:
        stream = self._request(STATE_SYNC, [(T_NAME, name.encode())] if name else [])
        return [Descriptor.decode(value) for _, fields in self._answers(stream)
                for tag, value in fields if tag == T_DESCRIPTOR]

    def load(self, name: str, version: str, content: bytes,
             parameters: Optional[Dict[str, str]] = None,
             progress: Callable[[int, int], None] = lambda done, size: None) -> Descriptor:
        """Loads a model by content; nothing but its digest is sent if the server has it."""
        fields: Fields = [(T_NAME, name.encode()), (T_VERSION, version.encode()),
                          (T_SHA256, hashlib.sha256(content).digest()),
                          (T_SIZE, varint(len(content)))]
        fields += [(T_PARAMETER, sized(key.encode()) + value.encode())
                   for key, value in (parameters or {}).items()]
        stream = self._new_stream()
        self._send(stream, message(MODEL_LOAD_REQ, fields), False)
        sent = -1
        while True:
            kind, answer = self._receive(stream)
            if kind != STATUS:
                raise McpError(PROTOCOL_ERROR, f"STATUS was expected, message {kind} came")
            if number(answer, T_STATUS, OK) == OK:
                self._finish(stream)
                return Descriptor.decode(first(answer, T_DESCRIPTOR) or b"")
            offset = number(answer, T_OFFSET, 0)
            progress(offset, len(content))
            if sent < 0:
                sent = self._send_content(stream, content, offset)

    def infer(self, name: str, inputs: Sequence[Tensor], version: str = "",
              outputs: Sequence[str] = (), timeout_ms: int = 30_000) -> List[Tensor]:
        fields: Fields = [(T_NAME, name.encode())]
        fields += [(T_VERSION, version.encode())] if version else []
        fields += [(T_TENSOR, tensor.encode()) for tensor in inputs]
        fields += [(T_OUTPUT, output.encode()) for output in outputs]
        fields.append((T_TIMEOUT, varint(timeout_ms)))
        stream = self._request(INFERENCE_REQ, fields)
        return [Tensor.decode(value) for _, answer in self._answers(stream)
                for tag, value in answer if tag == T_TENSOR]

    def unload(self, name: str, version: str = "") -> None:
        fields: Fields = [(T_NAME, name.encode())]
        fields += [(T_VERSION, version.encode())] if version else []
        self._answers(self._request(MODEL_UNLOAD_REQ, fields))

    def ping(self) -> float:
        """The round trip, in seconds."""
        start = time.monotonic()
        payload = struct.pack(">d", start)
        self._frame(PING, 0, 0, payload)
        while payload not in self.pongs:
            self._read_frame()
        self.pongs.remove(payload)
        return time.monotonic() - start

    def poll(self) -> None:
        """Takes what has arrived, without waiting: answers PINGs, gives credit."""
        while select.select([self.socket], [], [], 0)[0]:
            self._read_frame()

    def close(self) -> None:
        try:
            self._frame(GOAWAY, 0, 0, varint(0))
        except OSError:
            return
        finally:
            self.socket.close()

    # The opening.

    def _open(self) -> None:
        limits = (pb_uint(1, 1) + pb_uint(2, STREAM_WINDOW) + pb_uint(3, SESSION_WINDOW)
                  + pb_uint(4, MAX_MESSAGE))
        offer = (pb_uint(1, VERSION_1_0) + pb_uint(4, VERSION_1_0) + pb_bytes(5, limits)
                 + pb_bytes(6, b"mcp_client.py"))
        for first_flight in (message(NEGOTIATE_REQ, [(T_NEGOTIATION, offer)]),
                             message(AUTH_REQ, [(T_METHOD, b"none")])):
            self._frame(DATA, END_MESSAGE, 0, first_flight)
        selected = dict(pb_read(self._opening(NEGOTIATE_RESP, T_NEGOTIATION)))
        if selected.get(1) != VERSION_1_0:
            raise McpError(0x0103, f"version {selected.get(1)} was selected, but not offered")
        announced = dict(pb_read(selected.get(5, b"")))  # type: ignore[arg-type]
        defaults = {1: 128, 2: 64 * 1024, 3: 256 * 1024, 4: MAX_MESSAGE}
        self.limits = {key: int(announced.get(key) or least) for key, least in defaults.items()}
        self.may_send += self.limits[3] - FIRST_FLIGHT_SESSION
        self.identity = self._opening(AUTH_RESP, T_IDENTITY).decode("utf-8")

    def _opening(self, expected: int, tag: int) -> bytes:
        kind, fields = self._receive(self.opening)
        if kind != expected:
            raise McpError(PROTOCOL_ERROR, f"message {expected} was expected, {kind} came")
        return first(fields, tag) or b""

    # Streams.

    def _new_stream(self) -> Stream:
        if self.draining:
            raise McpError(0x010C, "the server drains this session", 3)
        stream = Stream(self.next_id, self.limits[2])
        self.next_id += 2
        self.streams[stream.id] = stream
        return stream

    def _request(self, kind: int, fields: Fields) -> Stream:
        stream = self._new_stream()
        self._send(stream, message(kind, fields), True)
        return stream

    def _answers(self, stream: Stream) -> List[Tuple[int, Fields]]:
        """All messages of an answer, to the end of the stream."""
        answers = []
        while not (stream.remote_ended and not stream.messages):
            answers.append(self._receive(stream))
        self._finish(stream)
        return answers

    def _receive(self, stream: Stream) -> Tuple[int, Fields]:
        """The next message; raises the error that it carries, or that ended the stream."""
        while not stream.messages:
            if stream.error or stream.remote_ended:
                self._finish(stream)
                raise stream.error or McpError(PROTOCOL_ERROR, "the stream ended without an answer")
            self._read_frame()
        kind, fields = stream.messages.popleft()
        error = error_of(fields)
        if error:
            self._finish(stream)
            raise error
        return kind, fields

    def _finish(self, stream: Stream) -> None:
        """The exchange is over for this end: half-closes the stream, or resets what is left of it."""
        known = self.streams.pop(stream.id, None)
        if known is None or stream.error or (stream.local_ended and stream.remote_ended):
            return
        if stream.remote_ended and not stream.in_message:
            self._frame(DATA, END_STREAM, stream.id, b"")
        else:
            self._frame(RESET, 0, stream.id, bytes([T_STATUS]) + sized(varint(REQUEST_CANCELED)))

    def _send_content(self, stream: Stream, content: bytes, offset: int) -> int:
        size = min(PIECE, self.limits[4] - 64)
        while offset < len(content):
            piece = content[offset:offset + size]
            fields = [(T_OFFSET, varint(offset)), (T_CONTENT, piece)]
            offset += len(piece)
            if not self._send(stream, message(MODEL_LOAD_REQ, fields), offset == len(content)):
                break
        return offset

    def _send(self, stream: Stream, data: bytes, end: bool) -> bool:
        """Sends a message as credit allows; false if the server ended the stream meanwhile."""
        if len(data) > self.limits[4]:
            raise McpError(0x0106, f"{len(data)} bytes, the server accepts {self.limits[4]}")
        at = 0
        while at < len(data):
            self.poll()
            if stream.error or stream.remote_ended:
                return False
            most = min(MAX_PAYLOAD, len(data) - at, stream.may_send, self.may_send)
            if most == 0:
                self._read_frame()
                continue
            last = at + most == len(data)
            flags = (END_MESSAGE | (END_STREAM if end else 0)) if last else 0
            self._frame(DATA, flags, stream.id, data[at:at + most])
            stream.may_send -= most
            self.may_send -= most
            stream.in_message = not last
            stream.local_ended = last and end
            at += most
        return True

    # Frames.

    def _frame(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        head = HEADER.pack(MAGIC, MAJOR << 4 | flags, kind, len(payload), stream_id)
        crc = zlib.crc32(payload, zlib.crc32(head))
        self.socket.sendall(head + struct.pack(">I", crc) + payload)

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise McpError(0x030E, "the server closed the connection", 3)
            data += more
        return bytes(data)

    def _read_frame(self) -> None:
        header = self._exactly(16)
        magic, version, kind, length, stream_id = HEADER.unpack(header[:12])
        if magic != MAGIC or version >> 4 != MAJOR:
            raise McpError(0x0101, "the peer does not speak MCP 1")
        payload = self._exactly(length)
        if zlib.crc32(payload, zlib.crc32(header[:12])) != int.from_bytes(header[12:], "big"):
            raise McpError(0x0102, "a frame's CRC does not match its bytes")
        flags = version & 0x0F
        if kind == DATA:
            self._on_data(stream_id, flags, payload)
        elif kind == ACK:
            self._on_ack(stream_id, read_varint(payload, 0)[0])
        elif kind == RESET:
            if stream_id in self.streams:
                self.streams[stream_id].error = error_of(parse_fields(payload)) or McpError(
                    REQUEST_CANCELED, "the server reset the stream")
        elif kind == PING and flags & REPLY:
            self.pongs.append(payload)
        elif kind == PING:
            self._frame(PING, REPLY, stream_id, payload)
        elif kind == GOAWAY:
            self._on_goaway(payload)
        elif kind < 0x80:
            raise McpError(PROTOCOL_ERROR, f"unknown frame type {kind}")

    def _on_ack(self, stream_id: int, credit: int) -> None:
        if stream_id == 0:
            self.may_send += credit
        elif stream_id in self.streams:
            self.streams[stream_id].may_send += credit

    def _on_goaway(self, payload: bytes) -> None:
        last_id, at = read_varint(payload, 0)
        error = error_of(parse_fields(payload[at:]))
        if error:
            raise error
        self.draining = True
        for stream in self.streams.values():
            if stream.id > last_id:
                stream.error = McpError(0x010C, "the server drains and has not seen it", 3)

    def _on_data(self, stream_id: int, flags: int, payload: bytes) -> None:
        if flags & COMPRESSED:
            raise McpError(PROTOCOL_ERROR, "a compressed message, but none was negotiated")
        stream = self.streams.get(stream_id) if stream_id else self.opening
        if stream_id:
            self._take_credit(stream, len(payload))
        if stream is None:
            return
        if flags & OFFSET:
            payload = payload[read_varint(payload, 0)[1]:]
        stream.partial += payload
        if len(stream.partial) > MAX_MESSAGE:
            raise McpError(0x0106, f"a message of more than {MAX_MESSAGE} bytes")
        if flags & END_MESSAGE:
            whole = bytes(stream.partial)
            stream.partial.clear()
            stream.messages.append((whole[0], parse_fields(whole[1:])))
        if flags & END_STREAM:
            stream.remote_ended = True

    def _take_credit(self, stream: Optional[Stream], count: int) -> None:
        """Charges both windows; gives credit back once half of a window is owed."""
        self.received += count
        self.owed += count
        if self.received > SESSION_WINDOW:
            raise McpError(0x0104, "more bytes than the session window grants")
        if self.owed >= SESSION_WINDOW // 2:
            self._frame(ACK, 0, 0, varint(self.owed))
            self.received -= self.owed
            self.owed = 0
        if stream is None:
            return
        stream.received += count
        stream.owed += count
        if stream.received > STREAM_WINDOW:
            raise McpError(0x0104, f"more bytes than the window of stream {stream.id} grants")
        if stream.owed >= STREAM_WINDOW // 2:
            self._frame(ACK, 0, stream.id, varint(stream.owed))
            stream.received -= stream.owed
            stream.owed = 0


# The command.

def shape_of(data: object) -> List[int]:
    return [len(data)] + shape_of(data[0]) if isinstance(data, list) and data else []


def flatten(data: object) -> List[object]:
    return [leaf for item in data for leaf in flatten(item)] if isinstance(data, list) else [data]


def tensor_of(name: str, given: object) -> Tensor:
    """Nested lists, or ``{"dtype": "FLOAT", "shape": [...], "data": [...]}``."""
    spec = given if isinstance(given, dict) else {"data": given}
    values = flatten(spec["data"])
    guess = ("STRING" if isinstance(values[0], str) else "BOOL" if isinstance(values[0], bool)
             else "FLOAT" if any(isinstance(v, float) for v in values) else "INT64")
    shape = spec.get("shape", shape_of(spec["data"]))
    return Tensor(name, NAMES[spec.get("dtype", guess)], shape, values)


def run(session: Session, verb: str, rest: List[str]) -> None:
    if verb == "list":
        for model in session.models():
            print(model.name, model.version, model.state, model.runtime, model.sha256[:12],
                  ",".join(model.inputs), "->", ",".join(model.outputs))
    elif verb == "ping":
        print(f"{session.ping() * 1000:.3f} ms")
    elif verb == "load":
        with open(rest[1], "rb") as file:
            content = file.read()
        parameters = dict(part.split("=", 1) for part in rest[3:])
        model = session.load(rest[0], rest[2], content, parameters,
                             lambda done, size: print(f"{done}/{size}", file=sys.stderr))
        print(model.name, model.version, model.state)
    elif verb == "infer":
        with open(rest[1], encoding="utf-8") as file:
            given = json.load(file)
        inputs = [tensor_of(name, value) for name, value in given.items()]
        results = session.infer(rest[0], inputs, rest[2] if len(rest) > 2 else "")
        print(json.dumps({t.name: {"dtype": t.dtype, "shape": list(t.shape),
                                   "data": list(t.values)} for t in results}))
    elif verb == "unload":
        session.unload(*rest)
    else:
        raise ValueError(f"unknown verb {verb}")


def main(arguments: List[str]) -> int:
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        host, port, verb, rest = arguments[0], int(arguments[1]), arguments[2], arguments[3:]
        with Session(host, port) as session:
            run(session, verb, rest)
        return 0
    except (McpError, OSError) as failure:
        print(failure, file=sys.stderr)
        return 1
    except (IndexError, KeyError, TypeError, ValueError) as misuse:
        print(f"cannot do that: {misuse}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
