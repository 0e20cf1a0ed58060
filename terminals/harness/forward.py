"""A harness that runs elsewhere: the adapter as a proxy in front of it."""

import aiohttp

from terminals.harness import asgi


class Forward:
    """An ASGI application that puts each request to an HTTP/1.1 server, as it comes.

    Redirects, cookies, proxies of the environment and compression are left out: the answer is what
    that one server said. Limits of size and time are the adapter's.
    """

    def __init__(self, *, host: str = "localhost", port: int = 80, socket: str = "") -> None:
        """The harness's address: a unix socket, or host and port."""
        self._socket = socket
        self._base = "http://harness" if socket else f"http://{host}:{port}"
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve a request of the adapter, or its beginning and end."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        # A request of the adapter is one message.
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        async with self._open().post(
            self._base + scope["path"], data=body, headers=headers, allow_redirects=False
        ) as response:
            await asgi.send_start(send, response.status, asgi.JSON)
            async for part in response.content.iter_any():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector: aiohttp.BaseConnector = (
                aiohttp.UnixConnector(self._socket, limit=0)
                if self._socket
                else aiohttp.TCPConnector(limit=0)
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers={"accept-encoding": "identity"},
            )
        return self._session

    async def _lifespan(self, receive: asgi.Receive, send: asgi.Send) -> None:
        while True:
            ending = (await receive())["type"] == "lifespan.shutdown"
            if ending and self._session is not None:
                await self._session.close()
            word = "shutdown" if ending else "startup"
            await send({"type": f"lifespan.{word}.complete"})
            if ending:
                return
