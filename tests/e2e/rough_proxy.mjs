// A TCP proxy that treats connections as bad networks do. Each connection through it is a link that can be cut, ended,
// stalled, or left half open: there for its peers, and nothing comes through any more.
import { once } from 'node:events';
import net from 'node:net';

class Link {
  #both;
  #stalls = 0;
  #dark = false; // what was swallowed once never flows again: that would be a hole of our own

  constructor(client, server, gone) {
    this.#both = [client, server];
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      from.setNoDelay(true);
      from.on('error', () => {});
      from.pipe(to);
      from.on('close', () => {
        if (!this.#dark) to.destroy(); // else the other one is not told either
        if (client.destroyed && server.destroyed) gone(this);
      });
    }
  }

  /** Both sides hear a reset, but for one that is ending: Node never gets rid of a handle whose shutdown is under way. */
  cut() {
    for (const socket of this.#both) {
      if (socket.writableEnded || socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  /** Both sides hear an end, without a Close before it. */
  end() {
    for (const socket of this.#both) socket.end();
  }

  /** What the server says waits for `ms`, first here and in the kernel, then in the server. */
  stall(ms) {
    const [client, server] = this.#both;
    if (this.#dark) return;
    this.#stalls += 1;
    server.unpipe(client);
    setTimeout(() => {
      this.#stalls -= 1; // two pipes would say everything twice
      if (this.#stalls === 0 && !this.#dark && !server.destroyed) server.pipe(client);
    }, ms).unref();
  }

  /** From now on what is said is swallowed; neither side is told. */
  halfOpen() {
    const [client, server] = this.#both;
    this.#dark = true;
    client.unpipe(server).resume();
    server.unpipe(client).resume();
  }

  /** The server does not hear the client any more, which hears the server. */
  mute() {
    const [client, server] = this.#both;
    client.unpipe(server).resume();
  }
}

/** Listens on a free port of loopback and connects to `target()`, a port, for each who comes. */
export async function startProxy(target) {
  const links = new Set();
  let closed = false;
  const server = net.createServer((client) => {
    if (closed) return client.on('error', () => {}).destroy();
    const link = new Link(client, net.connect(target(), '127.0.0.1'), (gone) => links.delete(gone));
    links.add(link);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** Those that are through now, oldest first. */
    links: () => [...links],
    /** Nobody comes through, until it is opened again. */
    shut(is) {
      closed = is;
      if (closed) for (const link of links) link.cut();
    },
    close() {
      server.close();
      for (const link of links) link.cut();
    },
  };
}
