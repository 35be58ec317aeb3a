import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const api = process.env.STONKS_API ?? 'http://127.0.0.1:8787';

export default defineConfig({
  plugins: process.env.VITEST
    ? [react()]
    : [
        tanstackRouter({ target: 'react', autoCodeSplitting: true, quoteStyle: 'single', semicolons: true }),
        react(),
        tailwind(),
      ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../src/stonks/api/static',
    emptyOutDir: true,
    // The policy is `font-src 'self'`: a small font inlined as data: would be refused.
    assetsInlineLimit: 0,
    manifest: true,
    // Every browser that the build is for preloads modules by itself.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        chunkFileNames: ({ name }) => `assets/${name.replace(/^[-_]+/, '')}-[hash].js`,
        // Few files compress better than many: the libraries are one, what pages share is another.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            {
              name: 'libraries',
              test: /node_modules\/(react|react-dom|scheduler|openapi-fetch|use-sync-external-store|@tanstack\/(?!react-virtual|virtual-core)[\w-]+)\//,
            },
            { name: 'lists', test: /src\/widgets\/(columns|grid|more|newer|pick|ticker)/ },
            { name: 'shared', test: /src\/(?!shell)|lucide-react/, minShareCount: 4 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': api } },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test-setup.ts'],
    restoreMocks: true,
    env: { TZ: 'UTC' },
  },
});
