/** The tests' own `test`: every page it opens may ask nothing of another origin and may leave no exception uncaught. */
import { type BrowserContext, type BrowserContextOptions, test as base, expect, type Page } from "@playwright/test";
import { pageAddress } from "./address.ts";
import { Bench } from "./bench.ts";

/** Origins that a test has its pages read from: it asks for that as a person does. */
export const askedFor = new Set<string>();

/** What happened in a page that must not happen. */
class Watch {
  readonly foreign: string[] = [];
  readonly uncaught: string[] = [];

  constructor(context: BrowserContext) {
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (["blob:", "data:"].includes(url.protocol) || url.origin === pageAddress.origin) return;
      if (askedFor.has(url.origin)) return;
      this.foreign.push(request.url());
    });
    context.on("weberror", (error) => this.uncaught.push(String(error.error().stack ?? error.error())));
    context.on("console", (message) => {
      if (message.type() === "error") this.uncaught.push(`console: ${message.text()}`);
    });
  }
}

interface Fixtures {
  /** The bench in this test's own page. */
  bench: Bench;
  /** Another person's browser: nothing stored, nothing open. */
  fresh: (options?: BrowserContextOptions) => Promise<Bench>;
  watched: undefined;
}

export const test = base.extend<Fixtures>({
  watched: [
    async ({ context }, use) => {
      const watch = new Watch(context);
      await use(undefined);
      expect(watch.foreign, "requests that leave the page's own origin").toEqual([]);
      expect(watch.uncaught, "exceptions and console errors").toEqual([]);
    },
    { auto: true },
  ],
  bench: async ({ page }, use) => use(new Bench(page)),
  fresh: async ({ browser, contextOptions, baseURL }, use) => {
    const opened: { context: BrowserContext; watch: Watch }[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...contextOptions, baseURL, ...options });
      opened.push({ context, watch: new Watch(context) });
      return new Bench(await context.newPage());
    });
    for (const { context, watch } of opened) {
      await context.close();
      expect(watch.foreign, "requests that leave the page's own origin").toEqual([]);
      expect(watch.uncaught, "exceptions and console errors").toEqual([]);
    }
  },
});

export { expect, type Page };
