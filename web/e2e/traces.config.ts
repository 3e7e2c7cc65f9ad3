import { defineConfig } from '@playwright/test'
import config from '../playwright.config.ts'

// Measures how smoothly long pages scroll. Figures depend on the machine, so this is no part of the tests.
export default defineConfig({ ...config, testDir: '.', testMatch: 'traces.ts', globalSetup: './setup.ts', outputDir: '../test-results', workers: 1, timeout: 180_000 })
