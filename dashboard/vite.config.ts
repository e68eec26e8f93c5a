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
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
  },
  test: {
    root: '.',
    // What the element and the hook stand on, as they find it on a page; the hook under Preact's React.
    alias: {
      'weir-client': new URL('client/index.ts', import.meta.url).pathname,
      react: 'preact/compat',
    },
    include: ['client/**/*.test.ts', 'app/**/*.test.ts'],
  },
} as ReturnType<typeof defineConfig>);
