import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{app,workers,kernels}/**/*.test.{ts,tsx}"],
    setupFiles: ["kernels/testing/setup.ts"],
    globalSetup: ["kernels/testing/build-wasm.ts"],
    // SwiftShader and the exhaustive tables share two cores; a slow test is not a wrong one.
    testTimeout: 60_000,
    maxWorkers: 2,
  },
});
