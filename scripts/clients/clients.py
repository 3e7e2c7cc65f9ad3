"""Generates a Python client from the OpenAPI document with a generator of others, and works with it against the built
program, ids and models passed on as they come. Usage: clients.py PROGRAM DOCUMENT"""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

program, document = map(os.path.abspath, sys.argv[1:3])
folder = tempfile.TemporaryDirectory()
made = os.path.join(folder.name, "made")
generator = os.path.join(os.path.dirname(sys.executable), "openapi-python-client")
told = subprocess.run([generator, "generate", "--path", document, "--output-path", made, "--meta", "none"], capture_output=True, text=True)
assert told.returncode == 0, told.stdout + told.stderr
sys.path.insert(0, folder.name)

from made import Client, models as m
from made.api.exports import create_export, export_image
from made.api.images import get_image, get_image_content, list_images, upload_image
from made.api.sessions import create_session, delete_session, get_message, get_session, list_sessions, update_session
from made.api.turns import create_turn, generate_image, get_turn
from made.types import File


def work(url):
    client = Client(base_url=url, timeout=60)
    session = create_session.sync(client=client, body=m.CreateSessionRequest(image_purpose="email_header"))
    assert isinstance(session, m.Session), session
    turn = create_turn.sync(session.id, client=client, body=m.TurnRequest(kind=m.TurnKind.GENERATE, content="단풍 배너"), prefer="wait=60")
    assert turn.status == m.TurnStatus.SUCCEEDED, turn
    assert get_turn.sync(turn.id, client=client).assistant_message_id == turn.assistant_message_id
    message = get_message.sync(turn.assistant_message_id, client=client)
    image = message.images[0]
    assert get_image.sync(image.id, client=client).sha256 == image.sha256
    assert [i.id for i in list_images.sync(client=client, session_id=session.id).images] == [image.id]
    assert session.id in [s.id for s in list_sessions.sync(client=client).sessions]
    content = get_image_content.sync_detailed(image.id, client=client).content
    assert len(content) == image.bytes_, (len(content), image)
    file = export_image.sync_detailed(image.id, client=client, purpose="email_header", format_=m.ExportFormat.PNG)
    assert file.content[16:24] == (600).to_bytes(4, "big") + (200).to_bytes(4, "big")
    pack = create_export.sync_detailed(session.id, client=client, body=m.CreateExportRequest(image_id=image.id, purposes=["email_header"]))
    assert pack.content[:2] == b"PK", pack
    upload = upload_image.sync(client=client, body=m.UploadImageBody(file=File(payload=io.BytesIO(content), file_name="a.jpg", mime_type="image/jpeg")))
    assert upload.role == m.ImageRole.REFERENCE, upload
    again = create_turn.sync(session.id, client=client, prefer="wait=60", body=m.TurnRequest(
        kind=m.TurnKind.REFINE, content="더 밝게", image_id=image.id, reference_image_ids=[upload.id]))
    assert again.status == m.TurnStatus.SUCCEEDED, again
    reply = generate_image.sync(session.id, client=client, body=m.GenerateRequest(prompt="조명"))
    assert reply.images[0].image_url, reply
    assert len(get_session.sync(session.id, client=client).messages) == 6
    assert update_session.sync(session.id, client=client, body=m.UpdateSessionRequest(title="새 제목")).title == "새 제목"
    refused = create_session.sync(client=client, body=m.CreateSessionRequest(image_purpose="nope"))
    assert isinstance(refused, m.Problem) and refused.code == m.ErrorCode.INVALID_REQUEST, refused
    assert delete_session.sync_detailed(session.id, client=client).status_code == 204
    assert get_session.sync(session.id, client=client).code == m.ErrorCode.SESSION_NOT_FOUND


with socket.create_server(("127.0.0.1", 0)) as probe:
    port = probe.getsockname()[1]
url = f"http://127.0.0.1:{port}"
server = subprocess.Popen([program], cwd=folder.name, env={"PATH": os.environ["PATH"], "HOME": folder.name, "GENERATOR": "demo", "PORT": str(port)}, stderr=subprocess.DEVNULL)
try:
    for _ in range(200):
        try:
            urllib.request.urlopen(url + "/health").close()
            break
        except OSError:
            time.sleep(0.05)
    work(url)
finally:
    server.kill()
    server.wait()
print("ok: a generated Python client")
