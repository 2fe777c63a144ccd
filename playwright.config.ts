import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";
// @ts-expect-error: plain JavaScript, shared with the test command.
import { findChromium } from "./.ci/chromium.mjs";
import { pageAddress } from "./e2e/support/address.ts";

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

const { port, pathname, href } = pageAddress;
// E2E_DIST tests another build beside one that is in use.
const dist = process.env.E2E_DIST ?? "dist";
// The server would wait for it for a minute without a word.
if (!existsSync(`${dist}/index.html`))
  throw new Error(`no page in ${dist}: run \`npm run build\` first, or set E2E_DIST to the folder of a build`);

/** Tests that assert how long something takes. */
const timed = /(first-view|cancel|save|large|address)\.spec\.ts$/;
/** Whoever names such tests alone need not wait for all the others. */
const named = process.argv.map((arg) => arg.replace(/:\d+$/, "")).filter((arg) => arg.endsWith(".spec.ts"));
const dependencies = named.length > 0 && named.every((name) => timed.test(name)) ? [] : ["deeds"];

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  workers: 2,
  // Two browsers share the two cores there usually are; what is about time has them to itself, after the others.
  projects: [
    { name: "deeds", testIgnore: timed },
    { name: "times", testMatch: timed, workers: 1, dependencies },
  ],
  timeout: 60_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  // One more try, in a browser of its own: shared machines stall for seconds. What needs it is listed as flaky, and is a fault to be mended.
  retries: 1,
  reporter: [["list"]],
  use: {
    baseURL: href,
    viewport: { width: 1440, height: 900 },
    // The full browser in its headless mode: the headless shell has no WebGPU.
    launchOptions: { executablePath, args: ["--headless=new", ...args], headless: false },
    permissions: ["clipboard-read", "clipboard-write"],
    // Every test has a browser of its own, which would fetch the whole page again to keep it: those about that allow it.
    serviceWorkers: "block",
    actionTimeout: 15_000,
    // A trace of every test takes as long as the tests: set E2E_TRACE to have them of the failed ones.
    trace: process.env.E2E_TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
  },
  webServer: {
    // Under a sub-path, as on a project page of a static host.
    command: `npx vite preview --host 127.0.0.1 --port ${port} --strictPort --base ${pathname} --outDir ${dist}`,
    url: href,
    // The port was free a moment ago: whoever answers there now is not ours.
    reuseExistingServer: false,
  },
  globalSetup: "./e2e/support/same-build.ts",
});
