#!/usr/bin/env python3
"""Starts ws_echo and tries it as a raw socket: handshakes, frames, fragments, texts, closes, limits, compression. Each
case is one connection and says what must come back. ws_cases.py PROGRAM [FILTER]; ends with 1 when a case fails."""
import base64
import hashlib
import os
import re
import socket
import struct
import subprocess
import sys
import time
import zlib

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
LIMIT = 1 << 20  # bytes of a message
FRAGMENTS = 100
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CASES = []


def case(*arguments):
    def add(function):
        CASES.append((function.__name__ + (f" {arguments!r}" if arguments else ""), function, arguments))
        return function
    return add


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x12\x34\x56\x78", form=None, length=None):
    """`form` forces a length of 7, 16 or 64 bits; `length` lies about it."""
    length = len(payload) if length is None else length
    form = form or (7 if length < 126 else 16 if length < 65536 else 64)
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    head += {7: bytes([bit | length & 0x7F]), 16: struct.pack("!BH", bit | 126, length & 0xFFFF),
             64: struct.pack("!BQ", bit | 127, length)}[form]
    if mask:
        key = (mask * (len(payload) // 4 + 1))[:len(payload)]
        payload = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")
    return head + (mask or b"") + payload


def close(code=None, reason=b""):
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def deflate(message, final=False):
    maker = zlib.compressobj(9, zlib.DEFLATED, -15)
    if final:
        return maker.compress(message) + maker.flush() + b"\0"
    return (maker.compress(message) + maker.flush(zlib.Z_SYNC_FLUSH))[:-4]


class Peer:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(8)
        self.seen = bytearray()

    def send(self, data, piece=None):
        for at in range(0, len(data), piece or max(len(data), 1)):
            try:
                self.socket.sendall(data[at:at + (piece or len(data))])
            except OSError:
                return  # what came back before is what counts

    def more(self):
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionResetError:
            raise AssertionError("reset") from None
        except socket.timeout:
            raise AssertionError(f"silence after {self.seen[:80]!r}") from None
        self.seen += data
        return bool(data)

    def need(self, count):
        while len(self.seen) < count:
            assert self.more(), f"closed after {self.seen[:80]!r}"
        taken = bytes(self.seen[:count])
        del self.seen[:count]
        return taken

    def head(self):
        while b"\r\n\r\n" not in self.seen:
            assert self.more(), f"closed after {self.seen!r}"
        head = self.need(self.seen.index(b"\r\n\r\n") + 4)[:-4]
        return head.decode().replace("\r", "")

    def frame(self):
        first, second = self.need(2)
        assert not second & 0x80, "a masked frame of a server"
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", self.need(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self.need(8))[0]
        return first, self.need(length)

    def expect(self, opcode, payload=b"", compressed=False):
        first, got = self.frame()
        if compressed:
            assert first == 0xC0 | opcode, f"first byte {first:#x}"
            got = zlib.decompressobj(-15).decompress(got + b"\0\0\xff\xff")
        else:
            assert first == 0x80 | opcode, f"first byte {first:#x}, payload {got[:40]!r}"
        assert got == payload, f"{got[:60]!r} instead of {payload[:60]!r}"

    def end(self):
        """Nothing more, and the end without a reset."""
        while self.more():
            pass
        assert not self.seen, f"still came {self.seen[:60]!r}"

    def closed(self, code=None):
        first, got = self.frame()
        assert first == 0x88, f"first byte {first:#x} instead of a Close, payload {got[:60]!r}"
        if code is None:
            assert got == b"", got
        else:
            assert struct.unpack("!H", got[:2])[0] == code, f"{got!r} instead of {code}"
            assert len(got) <= 125
            got[2:].decode()
        self.end()


def request(path="/", method="GET", version="1.1", without=(), **changes):
    headers = {"Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
               "Sec-WebSocket-Version": "13"}
    lines = [f"{method} {path} HTTP/{version}"]
    for name, value in {**headers, **{name.replace("_", "-"): value for name, value in changes.items()}}.items():
        if name in without:
            continue
        for one in value if isinstance(value, list) else [value]:
            lines.append(f"{name}: {one}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def opened(peer, extensions=None, more=b""):
    peer.send(request(**({"Sec_WebSocket_Extensions": extensions} if extensions else {})) + more)
    head = peer.head()
    assert head.startswith("HTTP/1.1 101 "), head
    return head


def refused(peer, status, *needed):
    head = peer.head()
    assert head.startswith(f"HTTP/1.1 {status} "), head
    for pattern in needed:
        assert re.search(pattern, head, re.I | re.M), f"no {pattern} in {head}"


# ---- the upgrade ----

@case()
def the_example_key_gets_its_accept(peer):
    head = opened(peer)
    assert "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head
    assert not re.search("^sec-websocket-(protocol|extensions)", head, re.I | re.M), head


@case()
def a_random_key_gets_its_accept(peer):
    key = base64.b64encode(os.urandom(16)).decode()
    peer.send(request(Sec_WebSocket_Key=key))
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    refused(peer, 101, f"^Sec-WebSocket-Accept: {re.escape(accept)}$", "^Upgrade: websocket$", "^Connection: Upgrade$")


for versions in (["12"], ["0"], ["14"], ["abc"], [""]):
    @case(versions)
    def another_version_is_426(peer, version):
        peer.send(request(Sec_WebSocket_Version=version))
        refused(peer, 426, "^Sec-WebSocket-Version: 13$", "^Upgrade: websocket$", "^Connection: Upgrade, close$")
        while peer.more():
            pass


@case()
def no_version_is_426(peer):
    peer.send(request(without=("Sec-WebSocket-Version",)))
    refused(peer, 426, "^Sec-WebSocket-Version: 13$", "close")


for key in ("", "x", "dGhlIHNhbXBsZSBub25jZQ", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA=", "!" * 24,
            "AAAAAAAAAAAAAAAAAAAAAA=A"):
    @case(key)
    def a_bad_key_is_400(peer, value):
        peer.send(request(Sec_WebSocket_Key=value))
        refused(peer, 400)


for changed in ({"Sec_WebSocket_Key": [KEY, KEY]}, {"Sec_WebSocket_Version": ["13", "8"]},
                {"Sec_WebSocket_Version": "13, 8"}, {"Sec_WebSocket_Version": ["13", "13"]},
                {"Host": ["a", "a"]}, {"Host": "a b"}, {"Sec_WebSocket_Protocol": "chat"},
                {"Content-Length": "5"}, {"Transfer-Encoding": "chunked"}):
    @case(changed)
    def a_bad_header_is_400(peer, headers):
        peer.send(request(**headers))
        refused(peer, 400)


@case()
def no_host_is_400(peer):
    peer.send(request(without=("Host",)))
    refused(peer, 400)


@case()
def no_key_is_400(peer):
    peer.send(request(without=("Sec-WebSocket-Key",)))
    refused(peer, 400)


for method in ("POST", "PUT", "HEAD", "DELETE"):
    @case(method)
    def another_method_is_405(peer, name):
        peer.send(request(method=name))
        refused(peer, 405, "^Allow: GET")


@case()
def http_1_0_is_426(peer):
    peer.send(request(version="1.0"))
    refused(peer, 426)


for headers in ({"Connection": "keep-alive"}, {"Upgrade": "h2c"}, {"Upgrade": "websockets"}):
    @case(headers)
    def a_request_that_is_no_upgrade_is_426(peer, changes):
        peer.send(request(**changes))
        refused(peer, 426, "^Upgrade: websocket$")


for headers in ({"Connection": "keep-alive, Upgrade"}, {"Connection": ["keep-alive", "UPGRADE"]},
                {"Connection": "upgrade"}, {"Upgrade": "WebSocket"}, {"Upgrade": "h2c, websocket"},
                {"Origin": "http://evil.example"}, {"Host": "anything.example:99"},
                {"Sec_WebSocket_Extensions": "x-unknown; a=1"}):
    @case(headers)
    def is_accepted(peer, changes):
        peer.send(request(**changes))
        refused(peer, 101)
        peer.send(frame(TEXT, b"hi"))
        peer.expect(TEXT, b"hi")


@case()
def any_path_and_an_absolute_target_are_accepted(peer):
    peer.send(request(path="http://localhost/some/path?q=1"))
    refused(peer, 101)


@case()
def expect_100_gets_100_then_101(peer):
    peer.send(request(Expect="100-continue"))
    refused(peer, 100)
    refused(peer, 101)


@case()
def frames_in_the_segment_of_the_request_are_not_lost(peer):
    opened(peer, more=frame(TEXT, b"one") + frame(TEXT, b"two"))
    peer.expect(TEXT, b"one")
    peer.expect(TEXT, b"two")


@case()
def a_request_in_single_bytes_is_the_same(peer):
    peer.send(request() + frame(TEXT, b"slow"), piece=1)
    refused(peer, 101)
    peer.expect(TEXT, b"slow")


for junk in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n",
             b"GET / HTTP/2.0\r\n\r\n", b"A" * 100_000):
    @case(junk[:16])
    def junk_ends_the_connection(peer, start, junk=junk):
        peer.send(junk)
        while peer.more():
            pass
        assert not peer.seen or re.match(rb"HTTP/1\.1 (4\d\d|50\d) ", peer.seen), peer.seen[:60]


# ---- messages ----

for size in (0, 1, 125, 126, 127, 128, 65535, 65536, 65537, LIMIT):
    for kind in (TEXT, BINARY):
        @case(size, kind)
        def a_message_comes_back(peer, count, opcode):
            opened(peer)
            payload = b"*" * count if opcode == TEXT else bytes(i % 251 for i in range(count))
            peer.send(frame(opcode, payload))
            peer.expect(opcode, payload)


for piece in (1, 2, 3, 7, 997):
    @case(piece)
    def a_message_in_pieces_comes_back(peer, count):
        opened(peer)
        payload = "Zwölf Boxkämpfer \U0001f94a ".encode() * 20
        peer.send(frame(TEXT, payload[:200], fin=False) + frame(PING, b"between") + frame(0, payload[200:]), piece=count)
        peer.expect(PONG, b"between")
        peer.expect(TEXT, payload)


@case()
def a_zero_mask_key_is_fine(peer):
    opened(peer)
    peer.send(frame(TEXT, b"plain", mask=b"\0\0\0\0"))
    peer.expect(TEXT, b"plain")


@case()
def many_messages_at_once_come_back_in_order(peer):
    opened(peer)
    peer.send(b"".join(frame(TEXT, str(i).encode()) for i in range(5_000)))
    for i in range(5_000):
        peer.expect(TEXT, str(i).encode())


@case()
def empty_fragments_make_an_empty_message(peer):
    opened(peer)
    peer.send(frame(TEXT, fin=False) + frame(0, fin=False) * 50 + frame(0))
    peer.expect(TEXT, b"")


@case()
def as_many_fragments_as_allowed(peer):
    opened(peer)
    peer.send(frame(TEXT, b"a", fin=False) + frame(0, b"b", fin=False) * (FRAGMENTS - 2) + frame(0, b"c"))
    peer.expect(TEXT, b"a" + b"b" * (FRAGMENTS - 2) + b"c")


@case()
def a_code_point_over_fragments_is_valid(peer):
    opened(peer)
    euro = "€".encode()
    peer.send(frame(TEXT, euro[:1], fin=False) + frame(0, euro[1:2], fin=False) + frame(0, euro[2:]))
    peer.expect(TEXT, euro)


@case()
def a_ping_is_answered_with_its_payload(peer):
    opened(peer)
    for payload in (b"", b"\0\xff" * 10, b"x" * 125):
        peer.send(frame(PING, payload))
        peer.expect(PONG, payload)


@case()
def an_unsolicited_pong_is_ignored(peer):
    opened(peer)
    peer.send(frame(PONG, b"what") + frame(TEXT, b"on"))
    peer.expect(TEXT, b"on")


@case()
def ten_thousand_pings_while_it_cannot_write(peer):
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    opened(peer)
    peer.send(frame(BINARY, b"z" * LIMIT))
    time.sleep(0.2)
    for i in range(100):
        peer.send(b"".join(frame(PING, str(i * 100 + k).encode()) for k in range(100)))
    peer.expect(BINARY, b"z" * LIMIT)
    last = b""
    while last != b"9999":
        first, last = peer.frame()
        assert first == 0x8A
    peer.send(frame(TEXT, b"alive"))
    peer.expect(TEXT, b"alive")


@case()
def who_sends_and_reads_late_gets_everything(peer):
    opened(peer)
    peer.socket.settimeout(0.5)
    part = frame(BINARY, b"q" * 60_000)
    sent = 0
    try:
        for _ in range(4_000):  # 240 MB would be unbounded memory
            peer.socket.sendall(part)
            sent += 1
    except socket.timeout:
        pass
    assert sent < 2_000, f"{sent} messages were taken and none was read"
    peer.socket.settimeout(8)
    for _ in range(sent):
        peer.expect(BINARY, b"q" * 60_000)


# ---- what is wrong ----

WRONG = [
    ("unmasked", frame(TEXT, b"hi", mask=None), 1002),
    ("unmasked ping", frame(PING, b"", mask=None), 1002),
    *[(f"rsv {rsv}", frame(TEXT, b"hi", rsv=rsv), 1002) for rsv in range(1, 8)],
    *[(f"opcode {opcode}", frame(opcode, b""), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)],
    *[(f"rsv1 on {opcode}", frame(opcode, b"", rsv=4), 1002) for opcode in (PING, PONG, CLOSE)],
    ("fragmented ping", frame(PING, b"", fin=False), 1002),
    ("fragmented close", frame(CLOSE, b"", fin=False), 1002),
    ("ping of 126", frame(PING, b"x" * 126), 1002),
    ("pong of 126", frame(PONG, b"x" * 126), 1002),
    ("close of 126", frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002),
    ("ping in 64 bits", frame(PING, b"x", form=64), 1002),
    ("continuation first", frame(0, b"x"), 1002),
    ("continuation without fin first", frame(0, b"x", fin=False), 1002),
    ("text inside text", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
    ("binary inside text", frame(TEXT, b"a", fin=False) + frame(BINARY, b"b"), 1002),
    ("5 in 16 bits", frame(TEXT, b"hello", form=16), 1002),
    ("125 in 64 bits", frame(TEXT, b"x" * 125, form=64), 1002),
    ("65535 in 64 bits", frame(BINARY, b"", form=64, length=65535), 1002),
    ("top bit", frame(BINARY, b"", form=64, length=1 << 63), 1002),
    ("2^40", frame(BINARY, b"", form=64, length=1 << 40), 1009),
    ("one too many", frame(BINARY, b"", length=LIMIT + 1), 1009),
    ("sum of fragments", frame(BINARY, b"x" * (LIMIT // 2), fin=False) + frame(0, b"", fin=False, length=LIMIT // 2 + 1),
     1009),
    ("too many fragments", frame(TEXT, b"", fin=False) + frame(0, b"", fin=False) * FRAGMENTS, 1009),
    ("utf-8 in the first fragment", frame(TEXT, b"ok\xff", fin=False), 1007),
    ("utf-8 before the frame is whole", frame(TEXT, b"\xc0", length=100), 1007),
    ("F4 90", frame(TEXT, b"\xf4\x90", fin=False), 1007),
    ("C0 AF", frame(TEXT, b"\xc0\xaf"), 1007),
    ("E0 80 80", frame(TEXT, b"\xe0\x80\x80"), 1007),
    ("surrogate", frame(TEXT, b"\xed\xa0\x80"), 1007),
    ("above U+10FFFF", frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    ("FE", frame(TEXT, b"\xfe"), 1007),
    ("cut off", frame(TEXT, b"\xe2\x82"), 1007),
    ("lone continuation", frame(TEXT, b"\x80"), 1007),
    ("cut off in the last fragment", frame(TEXT, b"\xe2", fin=False) + frame(0, b"\x82"), 1007),
    ("close of one byte", frame(CLOSE, b"\x03"), 1002),
    ("close reason not utf-8", close(1000, b"\xff"), 1007),
    *[(f"close {code}", close(code), 1002)
      for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)],
]
for name, data, code in WRONG:
    @case(name)
    def is_closed(peer, _name, data=data, code=code):
        opened(peer)
        peer.send(data)
        peer.closed(code)

    @case(name)
    def is_closed_in_single_bytes(peer, _name, data=data, code=code):
        if len(data) > 3_000:
            return
        opened(peer)
        peer.send(data, piece=1)
        peer.closed(code)


@case()
def what_came_before_the_fault_is_answered(peer):
    opened(peer)
    peer.send(frame(TEXT, b"good") + frame(3, b""))
    peer.expect(TEXT, b"good")
    peer.closed(1002)


@case()
def the_first_message_is_not_delivered_when_another_begins(peer):
    opened(peer)
    peer.send(frame(TEXT, b"first", fin=False) + frame(TEXT, b"second"))
    peer.closed(1002)


@case()
def who_goes_on_after_a_fault_is_drained_a_second_at_most(peer):
    opened(peer)
    peer.send(frame(3, b""))
    begun = time.monotonic()
    try:
        while time.monotonic() < begun + 8:
            peer.socket.sendall(frame(TEXT, b"x" * 1000))
            time.sleep(0.01)
    except OSError:
        pass
    assert time.monotonic() - begun < 3, time.monotonic() - begun


# ---- the close ----

for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
    @case(code)
    def a_close_is_echoed(peer, value):
        opened(peer)
        peer.send(close(value, "Grüße".encode()))
        peer.closed(value)


@case()
def an_empty_close_is_echoed_empty(peer):
    opened(peer)
    peer.send(close())
    peer.closed()


@case()
def a_long_reason_is_fine(peer):
    opened(peer)
    peer.send(close(1000, b"r" * 123))
    peer.closed(1000)


@case()
def a_message_before_the_close_comes_back_first(peer):
    opened(peer)
    peer.send(frame(TEXT, b"last words") + close(1000))
    peer.expect(TEXT, b"last words")
    peer.closed(1000)


@case()
def what_comes_after_the_close_is_ignored(peer):
    opened(peer)
    peer.send(close(1000) + frame(TEXT, b"late") + frame(PING, b"late") + close(1001))
    peer.closed(1000)


@case()
def a_close_between_fragments_is_echoed(peer):
    opened(peer)
    peer.send(frame(TEXT, b"half", fin=False) + close(1000))
    peer.closed(1000)


@case()
def the_end_within_a_frame_gets_nothing(peer):
    opened(peer)
    peer.send(frame(TEXT, b"hello")[:5])
    peer.socket.shutdown(socket.SHUT_WR)
    peer.end()


# ---- permessage-deflate ----

AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
for offer, answer in (
        ("permessage-deflate", AGREED),
        ("permessage-deflate; client_max_window_bits", None),
        ("permessage-deflate; server_no_context_takeover", AGREED),
        ("permessage-deflate; server_max_window_bits=10", "server_max_window_bits=10"),
        ('permessage-deflate; server_max_window_bits="10"', "server_max_window_bits=10"),
        ("x-other, permessage-deflate", AGREED),
        (["x-other", "permessage-deflate"], AGREED),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", AGREED),
        ("permessage-deflate; what=1, permessage-deflate", AGREED)):
    @case(offer)
    def an_offer_is_taken(peer, value, answer=answer):
        head = opened(peer, value)
        line = re.search("^sec-websocket-extensions: (.*)$", head, re.I | re.M)
        assert line, head
        said = line.group(1).strip()
        assert "server_no_context_takeover" in said and "client_no_context_takeover" in said, said
        if answer:
            assert answer in said and "client_max_window_bits" not in said, said
        message = b'{"t":"u"}' * 100
        peer.send(frame(TEXT, deflate(message), rsv=4))
        peer.expect(TEXT, message, compressed=True)


for offer in ("permessage-deflate; what=1", "permessage-deflate; server_no_context_takeover=1",
              "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=7",
              "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=08",
              "permessage-deflate; server_max_window_bits=8", "permessage-deflate; client_max_window_bits=7",
              "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "x-webkit-deflate-frame"):
    @case(offer)
    def an_offer_is_declined(peer, value):
        head = opened(peer, value)
        assert not re.search("^sec-websocket-extensions", head, re.I | re.M), head
        peer.send(frame(TEXT, b"plain"))
        peer.expect(TEXT, b"plain")


for size in (0, 1, 5, 300, 70_000, LIMIT):
    @case(size)
    def a_compressed_message_comes_back_compressed(peer, count):
        opened(peer, "permessage-deflate")
        message = (b"abcdefghij" * (count // 10 + 1))[:count]
        for opcode in (TEXT, BINARY):
            peer.send(frame(opcode, deflate(message), rsv=4))
            peer.expect(opcode, message, compressed=True)


@case()
def compressed_fragments_in_any_pieces(peer):
    opened(peer, "permessage-deflate")
    message = "Größe ".encode() * 500
    data = deflate(message)
    for piece in (1, 3, 50):
        frames = [data[i:i + 9] for i in range(0, len(data), 9)]
        peer.send(frame(TEXT, frames[0], fin=False, rsv=4) + b"".join(frame(0, f, fin=False) for f in frames[1:]) +
                  frame(PING, b"!") + frame(0, b""), piece=piece)
        peer.expect(PONG, b"!")
        peer.expect(TEXT, message, compressed=True)


@case()
def plain_messages_on_a_compressed_connection(peer):
    opened(peer, "permessage-deflate")
    peer.send(frame(TEXT, b"plain") + frame(TEXT, deflate(b"pressed"), rsv=4) + frame(TEXT, b"plain again"))
    peer.expect(TEXT, b"plain")
    peer.expect(TEXT, b"pressed", compressed=True)
    peer.expect(TEXT, b"plain again")


@case()
def the_examples_of_rfc_7692(peer):
    opened(peer, "permessage-deflate")
    hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00"
    for data in (hello, b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
                 b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"):
        peer.send(frame(TEXT, data, rsv=4))
        peer.expect(TEXT, b"Hello", compressed=True)
    peer.send(frame(TEXT, hello[:3], fin=False, rsv=4) + frame(0, hello[3:]))
    peer.expect(TEXT, b"Hello", compressed=True)


@case()
def a_final_block_and_empty_payloads(peer):
    opened(peer, "permessage-deflate")
    peer.send(frame(TEXT, deflate(b"final", final=True), rsv=4))
    peer.expect(TEXT, b"final", compressed=True)
    for data in (b"\x00", b""):
        peer.send(frame(TEXT, data, rsv=4))
        peer.expect(TEXT, b"", compressed=True)


PRESSED_WRONG = [
    ("garbage", frame(TEXT, b"\xff\xff\xff\xff", rsv=4), 1007),
    ("not utf-8 inside", frame(TEXT, deflate(b"\xff"), rsv=4), 1007),
    ("bomb", frame(BINARY, deflate(b"\0" * (10 << 20)), rsv=4), 1009),
    ("one too many", frame(BINARY, deflate(b"a" * (LIMIT + 1)), rsv=4), 1009),
    ("rsv1 on a continuation", frame(TEXT, b"a", fin=False) + frame(0, b"b", rsv=4), 1002),
    ("rsv1 on a ping", frame(PING, b"a", rsv=4), 1002),
    ("rsv2", frame(TEXT, b"a", rsv=2), 1002),
    ("rsv1 and rsv3", frame(TEXT, b"a", rsv=5), 1002),
]
for name, data, code in PRESSED_WRONG:
    @case(name)
    def compressed_is_closed(peer, _name, data=data, code=code):
        opened(peer, "permessage-deflate")
        peer.send(data)
        peer.closed(code)


@case()
def a_kept_context_is_never_wrong_data(peer):
    opened(peer, "permessage-deflate")
    maker = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = (maker.compress(b"the same words again") + maker.flush(zlib.Z_SYNC_FLUSH))[:-4]
    second = (maker.compress(b"the same words again") + maker.flush(zlib.Z_SYNC_FLUSH))[:-4]
    peer.send(frame(TEXT, first, rsv=4))
    peer.expect(TEXT, b"the same words again", compressed=True)
    peer.send(frame(TEXT, second, rsv=4))
    peer.closed(1007)


@case()
def a_small_server_window_is_kept(peer):
    opened(peer, "permessage-deflate; server_max_window_bits=9")
    message = os.urandom(600).hex().encode() * 2  # repeats at a distance of 1200
    peer.send(frame(TEXT, deflate(message), rsv=4))
    first, got = peer.frame()
    if first & 0x40:
        got = zlib.decompressobj(-9).decompress(got + b"\0\0\xff\xff")
    assert got == message


def main():
    program, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    server = subprocess.Popen([program, "--port", "0", "--max-message", str(LIMIT), "--max-fragments", str(FRAGMENTS)],
                              stdout=subprocess.PIPE, text=True)
    failed = count = 0
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        for name, function, arguments in CASES:
            if wanted not in name:
                continue
            count += 1
            peer = Peer(port)
            try:
                function(peer, *arguments)
            except AssertionError as fault:
                failed += 1
                print(f"FAILED {name}: {fault}")
            finally:
                peer.socket.close()
            if server.poll() is not None:
                print(f"ws_echo ended with {server.returncode} in {name}")
                return 1
        server.terminate()
        status = server.wait(10)
        if status != 0:
            failed += 1
            print(f"FAILED ws_echo ended with {status} after SIGTERM")
    finally:
        server.kill()
    print(f"{count} cases, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
