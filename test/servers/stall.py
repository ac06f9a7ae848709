#!/usr/bin/env python3
"""A server that stalls where it is told to, for tests of cancellation.

usage: stall.py WHERE

WHERE is one of: syn (a listener whose queue is full), tls (accepts and never
speaks), header (reads the request and never answers), body (answers with a
length and the first bytes only), upload (reads the first bytes of a request
and no more), busy (answers every request with 503, so that the client backs
off).  Prints the port, and serves until its standard input is closed.
"""
import socket
import sys
import threading
import time

HEADERS = (
    b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1000000\r\n"
    b"Content-Range: bytes 0-999999/1000000\r\nETag: \"e\"\r\nx-amz-version-id: v\r\n\r\n"
)
BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def read_head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    return data


def serve(connection, where):
    try:
        if where == "upload":
            connection.recv(1000)
        elif where != "tls":
            read_head(connection)
        if where == "body":
            connection.sendall(HEADERS + b"x" * 1000)
        if where == "busy":
            connection.sendall(BUSY)
            connection.close()
            return
        while where != "upload" and connection.recv(65536):
            pass
        time.sleep(3600)
    except OSError:
        pass


def main(where):
    listener = socket.socket()
    # So that an upload stalls soon: a small window.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    listener.listen(0 if where == "syn" else 64)
    print(listener.getsockname()[1], flush=True)
    fillers = []
    if where == "syn":
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
    else:
        threading.Thread(target=accept, args=(listener, where), daemon=True).start()
    sys.stdin.read()


def accept(listener, where):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, where), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
