"""An agent with the official Python client of the Model Context Protocol: draws, refines and exports over HTTP and over
standard input and output, against the built program. Usage: agents.py PROGRAM"""

import asyncio
import base64
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

program = os.path.abspath(sys.argv[1])


async def call(session, tool, **arguments):
    result = await session.call_tool(tool, arguments)
    assert not result.is_error, (tool, result.content)
    return result


async def take_home(session):
    tools = {t.name for t in (await session.list_tools()).tools}
    wanted = {"list_placements", "create_session", "estimate", "generate_image", "refine_image", "wait_for_turn", "export_image", "get_usage"}
    assert wanted <= tools, wanted - tools
    made = (await call(session, "create_session", placement="email_header")).structured_content
    drawn = await call(session, "generate_image", session_id=made["id"], prompt="창가의 조명")
    assert [c.type for c in drawn.content] == ["text", "image", "resource_link"], drawn.content
    refined = (await call(session, "refine_image", image_id=drawn.structured_content["images"][0]["id"], prompt="더 밝게")).structured_content
    file = (await call(session, "export_image", image_id=refined["images"][0]["id"], placement="email_header", format="png")).structured_content
    read = await session.read_resource(file["resource"])
    data = base64.b64decode(read.contents[0].blob)
    assert hashlib.sha256(data).hexdigest() == file["sha256"]
    assert data[16:24] == (600).to_bytes(4, "big") + (200).to_bytes(4, "big")
    refused = await session.call_tool("generate_image", {"session_id": "nobody", "prompt": "x"})
    assert refused.is_error and "session_not_found" in refused.content[0].text, refused
    return file


async def over_streams(folder):
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "GENERATOR": "demo"}
    with open(os.devnull, "w") as nothing:
        parameters = StdioServerParameters(command=program, args=["mcp"], cwd=folder, env=environment)
        async with stdio_client(parameters, errlog=nothing) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            file = await take_home(session)
            with open(file["path"], "rb") as saved:
                assert hashlib.sha256(saved.read()).hexdigest() == file["sha256"]


async def over_http(folder):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "GENERATOR": "demo", "PORT": str(port)}
    server = subprocess.Popen([program], cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close()
                break
            except OSError:
                time.sleep(0.05)
        async with streamable_http_client(f"http://127.0.0.1:{port}/mcp") as streams, ClientSession(streams[0], streams[1]) as session:
            await session.initialize()
            await take_home(session)
    finally:
        server.kill()
        server.wait()


failed = 0
for way in (over_streams, over_http):
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(way(folder))
            print(f"ok: {way.__name__}")
        except BaseException as error:  # the client's errors come in groups
            failed += 1
            print(f"FAILED: {way.__name__}: {error!r}", *getattr(error, "exceptions", ()), sep="\n  ")
print(f"{2 - failed} passed, {failed} failed")
sys.exit(failed != 0)
