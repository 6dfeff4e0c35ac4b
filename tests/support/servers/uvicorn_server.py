"""The product under uvicorn, on a prepared `var`.

python -m tests.support.servers.uvicorn_server --port P
"""

from __future__ import annotations

import argparse

import uvicorn

from tests.support.servers.server import Server


class UvicornServer(Server):
    module = "tests.support.servers.uvicorn_server"


class AnnouncedServer(uvicorn.Server):
    async def startup(self, *arguments: object, **named: object) -> None:
        await super().startup(*arguments, **named)  # type: ignore[arg-type]
        # A failed lifespan ends the server, although `startup` returns.
        if not self.should_exit:
            print("Ready: uvicorn", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    # As described in `docs/integration.md`.
    config = uvicorn.Config(
        "asgi:application",
        port=parser.parse_args().port,
        log_level="warning",
        proxy_headers=False,
        ws_max_size=524_288,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=15,
    )
    AnnouncedServer(config).run()


if __name__ == "__main__":
    main()
