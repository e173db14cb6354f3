import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 60_000,
    maxConcurrency: 3,
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/conformance/**', 'test/sim/**', 'test/bench/**'],
        },
      },
      {
        extends: true,
        test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'] },
      },
      { extends: true, test: { name: 'sim', include: ['test/sim/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 120_000,
          // A control plane starts in them.
          hookTimeout: 120_000,
          // Real programs on a busy machine: what fails is tried once more, and said.
          retry: 1,
        },
      },
    ],
  },
})

export default config
