// The SDK and what stands on it, one ES module each: client/index.ts -> ../build/dashboard/weir.js, without imports; the
// element and the hook import it from beside them, so that a page has one connection whatever it uses.
import { defineConfig } from 'vite';
import { version } from './version.ts';

export default defineConfig({
  define: { __WEIR_VERSION__: JSON.stringify(version()) },
  publicDir: false,
  build: {
    outDir: '../build/dashboard',
    emptyOutDir: false,
    target: 'es2022',
    lib: {
      entry: {
        weir: 'client/index.ts',
        'weir-chart': 'client/chart/weir-chart.ts',
        'weir-react': 'client/react/weir-react.ts',
      },
      formats: ['es'],
      fileName: (_, name) => `${name}.js`,
    },
    minify: true,
    rolldownOptions: {
      external: ['react', 'weir-client'],
      // Vite leaves the spaces of a library's ES module; this one is served as it is.
      output: { minify: true, paths: { 'weir-client': './weir.js' } },
    },
  },
  plugins: [
    {
      // The minifier's notes to itself: the pages that load this have no use for them.
      name: 'without-notes',
      generateBundle: (_, bundle) => {
        for (const part of Object.values(bundle))
          if (part.type === 'chunk') part.code = part.code.replaceAll('/* @__PURE__ */ ', '');
      },
    },
  ],
});
