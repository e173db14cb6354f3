import { defineConfig, type ViteUserConfig } from 'vitest/config'

// Files share a worker's modules (isolate: false): loading them anew for each file took half of the time.
// So no module may keep what a test has changed; that holds anyway.
const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxConcurrency: 3,
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          isolate: false,
          exclude: ['test/conformance/**', 'test/sim/**', 'test/bench/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'sim', include: ['test/sim/**/*.test.ts'], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          // Real programs on a busy machine: what fails is tried once more, and said.
          retry: 1,
        },
      },
    ],
  },
})

export default config
