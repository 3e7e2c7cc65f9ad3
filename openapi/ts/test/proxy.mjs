// A line to a server that a test can break at the instant of a sending.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Passes everything through until it is told to cut. */
export async function startProxy(t, target) {
  const { hostname, port } = new URL(target);
  const lines = new Set();
  let armed;
  let cuts = 0;
  let down = false;
  const proxy = createServer((near) => {
    if (down) return near.destroy();
    const far = connect(Number(port), hostname);
    const line = [near, far];
    lines.add(line);
    const end = () => {
      lines.delete(line);
      for (const side of line) side.destroy();
    };
    for (const side of line) side.on('error', end).on('close', end);
    far.on('data', (b) => near.write(b));
    near.on('data', (b) => {
      // What a browser's socket sends is masked, so the first bit of the second byte is set; a handshake is text.
      const sending = armed && b.length > 1 && b[0] === 0x81 && b[1] >= 0x80;
      if (!sending) return far.write(b);
      const cut = armed;
      armed = undefined;
      cuts++;
      if (cut === 'swallow') return end();
      // The server gets all of it and then the line's end; its answer finds nobody.
      far.removeAllListeners('data');
      far.resume();
      far.end(b);
      near.off('close', end);
      near.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = () => {
    for (const line of [...lines]) for (const side of line) side.destroy();
  };
  t.after(() => {
    cut();
    proxy.close();
  });
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    cut,
    /** Ends every line and takes no new one, for ms. */
    async away(ms) {
      down = true;
      cut();
      await new Promise((r) => setTimeout(r, ms));
      down = false;
    },
    /** Breaks the line at the next frame: 'swallow' keeps it from the server, 'deliver' passes it on first. */
    cutAtNextSending(how) { armed = how; },
    get cuts() { return cuts; },
  };
}
