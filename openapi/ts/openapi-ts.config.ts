import { defineConfig } from '@hey-api/openapi-ts';

// The generated half of the client. Flat functions, so that programs that
// bundle pay only for what they call.
export default defineConfig({
  input: '../openapi.yaml',
  output: { path: 'src/gen', importFileExtension: '.js', clean: true },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
