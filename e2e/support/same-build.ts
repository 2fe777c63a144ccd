import { readFile } from "node:fs/promises";
import { pageAddress } from "./address.ts";

/** Before the first test: the page that is served is the one just built, and not another that was found at its address. */
export default async function sameBuild(): Promise<void> {
  const dist = process.env.E2E_DIST ?? "dist";
  const built = await readFile(`${dist}/index.html`, "utf8");
  const response = await fetch(pageAddress);
  const served = await response.text();
  if (!response.ok || served !== built) {
    throw new Error(
      `the page at ${pageAddress} (status ${response.status}) is not the one in ${dist}: another server answers there`,
    );
  }
}
