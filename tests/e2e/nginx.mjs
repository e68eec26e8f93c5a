// Debian's nginx in front of a gateway, on a port of loopback.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, start, until } from './gateway.mjs';

/** As people put it in front of a WebSocket application, with its files in `folder`; ends with the tests. */
export async function startNginx(gateway, folder) {
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((what) => `${what}_temp_path ${folder}/${what};`).join('\n');
  writeFileSync(config, `
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr warn;
    events { worker_connections 256; }
    http {
      access_log off;
      ${temporary}
      map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
      upstream weir { server ${gateway.http}; keepalive 4; }
      server {
        listen 127.0.0.1:${port};
        client_max_body_size 8m;
        location / {
          proxy_pass http://weir;
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
        }
      }
    }`);
  const program = start('/usr/sbin/nginx', ['-p', folder, '-c', config, '-e', 'stderr']);
  await until(() => `nginx: ${program.err}`, async () => {
    try {
      return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
    } catch {
      return false;
    }
  });
  return { program, url: `http://127.0.0.1:${port}`, address: `127.0.0.1:${port}` };
}
