// The dashboard: app/ -> ../build/dashboard/, what the gateway embeds.
import { defineConfig } from 'vite';
import { version } from './version.ts';

export default defineConfig({
  root: 'app',
  base: '/',
  define: { __WEIR_VERSION__: JSON.stringify(version()) },
  build: {
    outDir: '../../build/dashboard',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { root: '.', include: ['client/**/*.test.ts', 'app/**/*.test.ts'] },
} as ReturnType<typeof defineConfig>);
