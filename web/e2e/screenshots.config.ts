import { defineConfig } from '@playwright/test'
import config from '../playwright.config.ts'

// Takes the pictures in docs/screenshots anew.
export default defineConfig({ ...config, testDir: '.', testMatch: 'screenshots.ts', globalSetup: './setup.ts', outputDir: '../test-results', workers: 1, timeout: 600_000 })
