// The SDK: client/index.ts -> ../build/dashboard/weir.js, one ES module without imports.
import { defineConfig } from 'vite';
import { version } from './version.ts';

export default defineConfig({
  define: { __WEIR_VERSION__: JSON.stringify(version()) },
  publicDir: false,
  build: {
    outDir: '../build/dashboard',
    emptyOutDir: false,
    target: 'es2022',
    lib: { entry: 'client/index.ts', formats: ['es'], fileName: () => 'weir.js' },
    minify: true,
    // Vite leaves the spaces of a library's ES module; this one is served as it is.
    rolldownOptions: { output: { minify: true } },
  },
});
