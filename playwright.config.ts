import { defineConfig } from "@playwright/test";
// @ts-expect-error: plain JavaScript, shared with the test command.
import { findChromium } from "./.ci/chromium.mjs";

const executablePath: string | null = findChromium();
if (!executablePath)
  throw new Error("no Chromium found: run `npm test`, which installs one, or set CHROMIUM to its path");

/** WebGPU on the software adapter, and a browser that looks for nothing outside. */
const args = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--font-render-hinting=none",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

export default defineConfig({
  testDir: "e2e",
  // Two cores: one browser at a time keeps timings honest.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    baseURL: "http://127.0.0.1:4173/some/sub-path/",
    viewport: { width: 1440, height: 900 },
    // The full browser in its headless mode: the headless shell has no WebGPU.
    launchOptions: { executablePath, args: ["--headless=new", ...args], headless: false },
    trace: "retain-on-failure",
  },
  webServer: {
    // Under a sub-path, as on a project page of a static host.
    command: "npx vite preview --host 127.0.0.1 --port 4173 --strictPort --base /some/sub-path/",
    url: "http://127.0.0.1:4173/some/sub-path/",
    reuseExistingServer: !process.env.CI,
  },
});
